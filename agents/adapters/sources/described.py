"""A source whose posts bring words for their media. Posts without media are not held up by those with."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, Final

import msgspec

from agents.adapters.sources.source import Batch, Source
from agents.describing import Describing
from streams.contracts.posts import Post

WAITING_BATCHES: Final = 64


class _Held(msgspec.Struct):
    """What is left of a batch: its posts with media under way, its cursor and all that must not overtake them."""

    batch: Batch
    posts: list[asyncio.Task[Post]]


class DescribedSource:
    """Another source, with its media described.

    A post with media comes later than its neighbours, by the limit of `Describing` at most, which lies within the
    lateness. Cursors keep their order and stand behind all that they cover.

    Args:
        source: what brings the posts.
        describing: what describes.
        is_wanted: whether a post may be looked at: nobody fetches pictures of an author who opted out.
    """

    def __init__(self, source: Source, describing: Describing, is_wanted: Callable[[Post], bool]) -> None:
        self.name = source.name
        self.live = source.live
        self._source = source
        self._describing = describing
        self._is_wanted = is_wanted

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Read the source on; raises what it raises, after what it brought before."""
        out: asyncio.Queue[Batch | None] = asyncio.Queue(WAITING_BATCHES)
        held: asyncio.Queue[_Held | None] = asyncio.Queue(WAITING_BATCHES)
        begun: set[asyncio.Task[Post]] = set()
        reading = asyncio.create_task(_then_end(self._read(cursor, out, held, begun), held))
        finishing = asyncio.create_task(_then_end(_finish(held, out), out))
        try:
            while (batch := await out.get()) is not None:
                yield batch
            await finishing
            await reading
        finally:
            tasks = [reading, finishing, *begun]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(
        self,
        cursor: str | None,
        out: asyncio.Queue[Batch | None],
        held: asyncio.Queue[_Held | None],
        begun: set[asyncio.Task[Post]],
    ) -> None:
        async with aclosing(self._source.batches(cursor)) as batches:
            async for batch in batches:
                plain: list[Post] = []
                tasks: list[asyncio.Task[Post]] = []
                for post in batch.posts:
                    if self._describing.wants(post) and self._is_wanted(post):
                        tasks.append(asyncio.create_task(self._describing.describe(post)))
                    else:
                        plain.append(post)
                begun.update(tasks)
                for task in tasks:
                    task.add_done_callback(begun.discard)
                if plain:
                    await out.put(Batch(posts=plain))
                await held.put(_Held(msgspec.structs.replace(batch, posts=()), tasks))


async def _finish(held: asyncio.Queue[_Held | None], out: asyncio.Queue[Batch | None]) -> None:
    while (one := await held.get()) is not None:
        posts = [await task for task in one.posts]
        await out.put(msgspec.structs.replace(one.batch, posts=posts))


async def _then_end(work: Coroutine[None, None, None], queue: asyncio.Queue[Any]) -> None:
    """Put the end behind what `work` puts, whether it ends or fails; who cancels it waits for no end."""
    try:
        await work
    except Exception:
        await queue.put(None)
        raise
    await queue.put(None)
