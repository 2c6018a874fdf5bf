"""What a platform takes back after it was quoted: briefs are written again without it, answers quote it no more."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from faust.types import TP

from agents.adapters.admin import create_topics
from agents.adapters.following import connected
from agents.briefs import BriefsAgent
from agents.settings import Settings
from agents.support import SupportAgent
from streams.contracts.outputs import Alert, Brief, Hotspot, Source
from streams.contracts.sources import Deletion
from streams.contracts.topics import ALERTS, BRIEFS, HOTSPOTS, POSTS, QUESTIONS
from tests.integration.program import values_of
from tests.integration.standing import Message, StandingRuntime
from tests.unit.briefs.conftest import hotspot_about

pytestmark = pytest.mark.integration

SETTLE_S = 60
WHEN = "2026-03-02T00:00:00Z"
TERMS = ("word:pine valley", "word:earthquake")
TEXTS = (
    "Strong earthquake shakes Pine Valley this morning, people run into the streets.",
    "The bridge over the Alder river collapsed after the Pine Valley earthquake.",
    "The hospital of Pine Valley is full after the earthquake, nurses say.",
)
HELD = {TP(HOTSPOTS.name, 0), TP(QUESTIONS.name, 0)}


async def posted(producer: AIOKafkaProducer, prefix: str) -> tuple[Source, ...]:
    """Write the posts, each by an author of its own, and return where they stand."""
    posts = [
        {"id": f"{prefix}{n}", "platform": "x", "author": f"{prefix}a{n}", "created_at": WHEN, "text": text}
        for n, text in enumerate(TEXTS)
    ]
    put = await producer.send_and_wait(POSTS.name, msgspec.json.encode(posts), partition=0)
    return tuple(Source(f"{prefix}{n}", 0, put.offset, n) for n in range(len(TEXTS)))


def hotspot_of(name: str, sources: tuple[Source, ...], minute: int, stage: str) -> Hotspot:
    made = hotspot_about(TERMS, tuple(source.id for source in sources), stage=stage, minute=minute)
    return msgspec.structs.replace(made, hotspot_id=name, sources=sources)


def briefs_of(bootstrap: str, name: str) -> list[Brief]:
    found = (msgspec.json.decode(value, type=Brief) for value in values_of(bootstrap, BRIEFS.name)[0])
    return [brief for brief in found if brief.hotspot_id == name]


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SETTLE_S):
        while not await holds():
            await asyncio.sleep(0.1)


@contextlib.contextmanager
def running(work: Awaitable[None]) -> Iterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.briefs.LOOK_S", 0.05)


async def test_briefs_are_written_again_without_what_was_taken_back(bootstrap: str) -> None:
    settings = Settings(bootstrap=bootstrap)
    create_topics(settings)
    first, second = StandingRuntime(settings, held=HELD), StandingRuntime(settings, held=HELD)
    name = "taken-back"
    try:
        async with connected(AIOKafkaProducer(bootstrap_servers=bootstrap)) as producer:
            sources = await posted(producer, "tb")
        agent = BriefsAgent(first)
        for offset, (minute, stage) in enumerate(((10, "emerging"), (20, "rising"))):
            value = msgspec.json.encode(hotspot_of(name, sources, minute, stage))
            await agent._take(Message(HOTSPOTS.name, 0, offset, value))
        before = briefs_of(bootstrap, name)
        assert [brief.revision for brief in before] == [0, 0]
        assert all("Alder river" in msgspec.json.encode(brief).decode() for brief in before)

        # By the worker that wrote them, by the post.
        with running(agent.revise()):
            first.taken_back.add(Deletion(platform="x", id="tb1", deleted_at=WHEN, source="test"))

            async def revised() -> bool:
                return len(briefs_of(bootstrap, name)) == 4

            await until(revised)
        after = briefs_of(bootstrap, name)[2:]
        assert [(brief.brief_id, brief.revision) for brief in after] == [(brief.brief_id, 1) for brief in before]
        assert not any("Alder river" in msgspec.json.encode(brief).decode() for brief in after)

        # By another worker, by the author, whom only the log of posts can tell.
        again = BriefsAgent(second)
        second.taken_back.add(Deletion(platform="x", author="tba2", deleted_at=WHEN, source="test"))
        with running(again.revise()):

            async def revised_again() -> bool:
                return len(briefs_of(bootstrap, name)) == 6

            await until(revised_again)
        for brief in briefs_of(bootstrap, name)[4:]:
            told = msgspec.json.encode(brief).decode()
            assert brief.revision == 2
            assert "hospital" not in told
            assert "Alder river" not in told
            assert "Strong earthquake" in told

        # What the next brief repeats of the last is no more than is left of it.
        value = msgspec.json.encode(hotspot_of(name, sources[:1], 30, "fading"))
        await again._take(Message(HOTSPOTS.name, 0, 2, value))
        assert "hospital" not in msgspec.json.encode(briefs_of(bootstrap, name)[-1]).decode()
    finally:
        await first.stop()
        await second.stop()


async def test_answers_quote_a_post_no_more_once_it_was_taken_back(bootstrap: str) -> None:
    settings = Settings(bootstrap=bootstrap)
    create_topics(settings)
    runtime = StandingRuntime(settings, held=HELD)
    agent = SupportAgent(runtime)

    async def quoted() -> set[str]:
        library = (await agent._open_desk()).library
        return {post for passage in library._passages.values() for post in passage.posts if post.startswith("ans")}

    try:
        async with connected(AIOKafkaProducer(bootstrap_servers=bootstrap)) as producer:
            sources = await posted(producer, "ans")
            hotspot = hotspot_of("answered", sources, 10, "emerging")
            told = msgspec.structs.asdict(hotspot)
            alert = Alert(
                alert_id="answered-1", **{name: told[name] for name in Alert.__struct_fields__ if name in told}
            )
            for topic, value in ((HOTSPOTS.name, hotspot), (ALERTS.name, alert)):
                await producer.send_and_wait(topic, msgspec.json.encode(value), b"answered", partition=0)
        with running(agent.follow()):

            async def all_are_quoted() -> bool:
                return await quoted() == {"ans0", "ans1", "ans2"}

            await until(all_are_quoted)
            runtime.taken_back.add(Deletion(platform="x", id="ans1", deleted_at=WHEN, source="test"))
            runtime.taken_back.add(Deletion(platform="x", author="ansa2", deleted_at=WHEN, source="test"))

            async def one_is_left() -> bool:
                return await quoted() == {"ans0"}

            await until(one_is_left)
    finally:
        await runtime.stop()
