"""Several sources as one: each with its own cursor and its own waiting, so that one that is down holds up no other.

What they bring goes through one window of recent ids: a post that two servers of a federation have comes once.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

import msgspec

from agents.adapters import metrics
from agents.adapters.sources.backoff import Backoff
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.source import Batch, Interrupted, Refused, Source

log = logging.getLogger(__name__)

WAITING_BATCHES: Final = 64

_CURSORS: Final = msgspec.json.Decoder(dict[str, str])


class Together:
    """Sources read side by side.

    Args:
        name: of the whole; stays when members come and go.
        sources: the members; their names tell their cursors apart.
        clock: for the waiting.

    Raises:
        Refused: two members have one name.
    """

    def __init__(self, name: str, sources: Sequence[Source], clock: Clock) -> None:
        self.name = name
        self.live = all(source.live for source in sources)
        self._sources = sources
        self._clock = clock
        names = [source.name for source in sources]
        if twice := [name for name in set(names) if names.count(name) > 1]:
            raise Refused(f"{twice[0]} is named twice")

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Read all members on; ends when all have ended."""
        cursors = _CURSORS.decode(cursor) if cursor is not None else {}
        queue: asyncio.Queue[tuple[str, Batch]] = asyncio.Queue(WAITING_BATCHES)
        reading = [asyncio.create_task(self._read(source, cursors.get(source.name), queue)) for source in self._sources]
        everything = asyncio.gather(*reading)
        try:
            while not (everything.done() and queue.empty()):
                getting = asyncio.create_task(queue.get())
                waited: set[asyncio.Future[Any]] = {getting, everything}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                if not getting.done():
                    getting.cancel()
                    everything.result()
                    continue
                name, batch = getting.result()
                if batch.cursor is not None:
                    cursors[name] = batch.cursor
                    batch = msgspec.structs.replace(batch, cursor=msgspec.json.encode(cursors).decode())
                yield batch
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(everything, *reading, return_exceptions=True)

    async def _read(self, source: Source, cursor: str | None, queue: asyncio.Queue[tuple[str, Batch]]) -> None:
        backoff = Backoff(random.Random())  # noqa: S311 - jitter
        while True:
            began_ms = self._clock.now_ms()
            try:
                async for batch in source.batches(cursor):
                    await queue.put((source.name, batch))
                    cursor = cursor if batch.cursor is None else batch.cursor
                return
            except Interrupted as interrupted:
                metrics.SOURCE_INTERRUPTIONS.labels(source=self.name, reason=interrupted.reason).inc()
                wait_s = backoff.after(self._clock.now_ms() - began_ms, interrupted.retry_after_s)
                log.warning("%s: %s; back in %.1f s", source.name, interrupted, wait_s)
            await self._clock.sleep(wait_s)
