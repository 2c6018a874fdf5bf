"""The part of a worker that tells subscribers, on the one worker that holds the partition of `hotspots`."""

import asyncio
import logging
import random
from typing import Final

from aiokafka.errors import KafkaError
from faust.types import TP

from agents.adapters import metrics
from agents.adapters.following import connected
from agents.runtime import Runtime, die
from agents.subscribers.channels import make_channels
from agents.subscribers.queues import Queues
from agents.subscribers.sending import Sending
from streams.contracts.topics import HOTSPOTS

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
RETRY_S: Final = 3.0


class Telling:
    """Tells the subscribers for as long as this worker is the one that should."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._channels = make_channels(runtime.settings, runtime.producer)
        self._holding: asyncio.Task[None] | None = None
        self._leaving = False

    async def run(self) -> None:
        """Tell until the worker leaves; a broker that is away is tried again."""
        while not self._leaving:
            await asyncio.sleep(LOOK_S)
            if not self._held():
                continue
            self._holding = asyncio.create_task(self._hold())
            try:
                await asyncio.wait([self._holding])
                if not self._holding.cancelled() and (error := self._holding.exception()) is not None:
                    if not isinstance(error, (KafkaError, OSError, TimeoutError)):
                        die(error)
                    log.warning("subscribers are not told just now (%s), trying again", error)
                    await asyncio.sleep(RETRY_S)
            finally:
                self._holding.cancel()

    async def stop(self) -> None:
        """Tell nothing more; what was on its way and is not acknowledged is told again, under the same id."""
        self._leaving = True
        if self._holding is not None:
            self._holding.cancel()
            await asyncio.wait([self._holding])
        for channel in self._channels.values():
            await channel.close()

    async def _hold(self) -> None:
        async with connected(self._runtime.consumer()) as consumer:
            try:
                await self._tell(Queues(consumer, await self._runtime.producer()))
            finally:
                metrics.SUBSCRIBERS.clear()
                metrics.DELIVERIES_WAITING.set(0)

    async def _tell(self, queues: Queues) -> None:
        await queues.load()
        sending = Sending(queues, self._channels, random.Random())  # noqa: S311 - spreads retries
        running = asyncio.create_task(sending.run())
        try:
            while self._held():
                if running.done():
                    await running
                for name in await queues.follow():
                    sending.schedule(name)
        finally:
            running.cancel()
            await asyncio.wait([running])

    def _held(self) -> bool:
        return TP(HOTSPOTS.name, 0) in self._runtime.held()
