"""A source with described media: what waits, what does not, and what cursors stand behind."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from agents.adapters.outbound import Policy
from agents.adapters.sources.described import DescribedSource
from agents.adapters.sources.source import Batch, Interrupted
from agents.describing import Describing
from streams.contracts.posts import Described, Post


def post(name: str, *media: str) -> Post:
    return Post(
        id=name, platform="x", author=name, created_at="2026-03-01T00:00:00Z", text=name, media=list(media) or None
    )


class Told(Describing):
    """Describes when the test lets it."""

    def __init__(self) -> None:
        super().__init__([], Policy(), most_media=1, limit_s=1)
        self.may = asyncio.Event()
        self.asked: list[str] = []

    async def describe(self, found: Post) -> Post:
        self.asked.append(found.id)
        await self.may.wait()
        return Post(**{**{f: getattr(found, f) for f in found.__struct_fields__}, "described": [WORDS]})


WORDS = Described(kind="ocr", text="words")


class Listed:
    """A source of given batches, which may fail at the end."""

    name, live = "listed", True

    def __init__(self, *batches: Batch, failing: Exception | None = None) -> None:
        self._batches, self._failing = batches, failing

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        for batch in self._batches:
            yield batch
        if self._failing is not None:
            raise self._failing


BATCHES = (
    Batch(posts=[post("a", "https://p.example/1"), post("b")], cursor="1"),
    Batch(posts=[post("c")], cursor="2"),
)


async def test_posts_without_media_do_not_wait_and_no_cursor_overtakes_a_post() -> None:
    told = Told()
    seen: list[tuple[list[str], str | None]] = []
    async for batch in DescribedSource(Listed(*BATCHES), told, lambda _: True).batches(None):
        seen.append(([one.id for one in batch.posts], batch.cursor))
        if len(seen) == 2:
            told.may.set()  # only now may "a" be described
        if "a" in seen[-1][0]:
            assert batch.posts[0].described == [WORDS]
    assert seen == [(["b"], None), (["c"], None), (["a"], "1"), ([], "2")]


async def test_media_of_who_does_not_want_to_be_read_are_not_looked_at() -> None:
    told = Told()
    source = DescribedSource(Listed(*BATCHES), told, lambda one: one.author != "a")
    seen = [one.id async for batch in source.batches(None) for one in batch.posts]
    assert seen == ["a", "b", "c"]
    assert told.asked == []


async def test_an_interruption_comes_after_all_that_was_brought_before_it() -> None:
    told = Told()
    told.may.set()
    seen: list[str | None] = []
    source = DescribedSource(Listed(*BATCHES, failing=Interrupted("dropped", "gone")), told, lambda _: True)

    async def read() -> None:
        async for batch in source.batches(None):
            seen.append(batch.cursor)  # noqa: PERF401 - what was seen before it failed

    with pytest.raises(Interrupted):
        await read()
    assert seen[-1] == "2"


async def test_who_stops_reading_leaves_nothing_running() -> None:
    before = asyncio.all_tasks()
    reading = DescribedSource(Listed(*BATCHES * 200), Told(), lambda _: True).batches(None)
    await anext(reading)
    await reading.aclose()
    assert asyncio.all_tasks() == before
