"""Work that one worker does for all: the one that holds a certain partition, for as long as it holds it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiokafka.errors import KafkaError
from faust.types import TP

from agents.runtime import Runtime, die

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
RETRY_S: Final = 3.0


class WhileHeld:
    """Has something done whenever this worker is the one that should.

    Args:
        runtime: of the worker.
        partition: who holds it does the work.
        what: said in the log when the broker is away.
        work: goes on until `held` is false.
    """

    def __init__(self, runtime: Runtime, partition: TP, what: str, work: Callable[[], Awaitable[None]]) -> None:
        self._runtime = runtime
        self._partition = partition
        self._what = what
        self._work = work
        self._working: asyncio.Task[None] | None = None
        self._leaving = False

    @property
    def held(self) -> bool:
        """Whether this worker is the one."""
        return self._partition in self._runtime.held()

    async def run(self) -> None:
        """Work until the worker leaves; a broker that is away is tried again, anything else ends the worker."""
        while not self._leaving:
            await asyncio.sleep(LOOK_S)
            if not self.held:
                continue
            self._working = asyncio.create_task(self._begin())
            try:
                await asyncio.wait([self._working])
                if not self._working.cancelled() and (error := self._working.exception()) is not None:
                    if not isinstance(error, (KafkaError, OSError, TimeoutError)):
                        die(error)
                    log.warning("%s (%s), trying again", self._what, error)
                    await asyncio.sleep(RETRY_S)
            finally:
                self._working.cancel()

    async def _begin(self) -> None:
        await self._work()

    async def stop(self) -> None:
        """Cut the work off, for good."""
        self._leaving = True
        if self._working is not None:
            self._working.cancel()
            await asyncio.wait([self._working])
