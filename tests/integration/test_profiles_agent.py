"""Profiles on a real broker: the same after a kill, taken back from who is erased or opts out, shown by the command."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP
from kafka import KafkaProducer

from agents.adapters.admin import create_topics
from agents.optouts import OptOutsFollowed
from agents.posts import scored_post
from agents.profiles import ProfilesAgent
from agents.settings import Settings
from agents.takenback import follow_deletions
from streams.contracts.posts import DeadLetter
from streams.contracts.profiles import Profile
from streams.contracts.sources import Deletion, OptOut
from streams.contracts.topics import DEAD, DELETED, OPT_OUTS, PROFILES, SCORED
from streams.intake import Intake, IntakeSettings, Record
from tests.integration.program import KEY, environment, redian, values_of
from tests.integration.standing import Message, StandingRuntime

pytestmark = pytest.mark.integration

PLACE = TP(SCORED.name, 0)
WHEN = "2026-03-01T00:00:00Z"
SETTLE_S = 60
INTAKE = Intake(IntakeSettings(author_key=KEY.encode()))


def scored(offset: int) -> bytes:
    posts = [
        {
            "id": f"p{offset}-{n}",
            "platform": "x",
            "author": f"a{n}",
            "created_at": WHEN,
            "text": "The flood in Turin rises",
        }
        for n in range(6)
    ]
    taken = INTAKE.take(Record("posts", 0, offset, msgspec.json.encode(posts), 1_800_000_000_000))
    return msgspec.json.encode([scored_post(post, None, None) for post in taken.posts])


MESSAGES = [scored(offset) for offset in range(4)]


def named(number: int) -> str:
    return f"{INTAKE.author('x', f'a{number}'):016x}"


async def standing(bootstrap: str) -> dict[str, Profile]:
    """Return the newest value of each author on the topic."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        place = TopicPartition(PROFILES.name, 0)
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        newest: dict[str, Profile] = {}
        while await consumer.position(place) < end:
            for record in (await consumer.getmany(place, timeout_ms=500)).get(place, []):
                name = (record.key or b"").decode()
                newest.pop(name, None)
                if record.value is not None:
                    newest[name] = msgspec.json.decode(record.value, type=Profile)
        return newest
    finally:
        await consumer.stop()


@asynccontextmanager
async def working(bootstrap: str, **settings: int) -> AsyncIterator[tuple[ProfilesAgent, StandingRuntime]]:
    runtime = StandingRuntime(Settings(bootstrap=bootstrap, **settings), held={PLACE})  # type: ignore[arg-type]
    runtime.intake = Intake(IntakeSettings(author_key=KEY.encode()))
    runtime.taken_back._authors_of = runtime.intake.authors
    opt_outs = OptOutsFollowed(runtime.consumer, runtime.intake.opted_out)
    following = [
        asyncio.create_task(opt_outs.follow()),
        asyncio.create_task(follow_deletions(runtime.consumer, runtime.taken_back)),
    ]
    try:
        yield ProfilesAgent(runtime, opt_outs), runtime
    finally:
        for task in following:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await runtime.stop()


def message(offset: int, value: bytes | None = None) -> Message:
    return Message(SCORED.name, 0, offset, MESSAGES[offset] if value is None else value)


async def test_profiles_survive_a_kill_and_are_taken_back_from_who_asks(own_broker: str, tmp_path: Path) -> None:
    settings = Settings(bootstrap=own_broker)
    create_topics(settings)
    async with working(own_broker) as (agent, runtime):
        for offset in range(3):
            await agent.take(message(offset))
        await agent.look(0.0)
        before = await standing(own_broker)
        assert runtime.commits == {PLACE: 3}
        assert set(before) == {named(n) for n in range(6)}
        assert before[named(0)].posts == 3.0
        await agent.take(message(3))  # counted, and lost with the worker
    async with working(own_broker) as (agent, runtime):
        for offset in range(1, 4):
            await agent.take(message(offset))
        await agent.take(message(4, b"{"))
        await agent.flush()
        assert (await standing(own_broker))[named(0)].posts == 4.0
        assert [msgspec.json.decode(value, type=DeadLetter).stage for value in values_of(own_broker, DEAD.name)[0]] == [
            SCORED.name
        ]
        shown = await asyncio.to_thread(
            redian, environment(own_broker, tmp_path), "profile", "a0", "--platform", "x", "--json"
        )
        assert shown.returncode == 0, shown.stderr
        assert json.loads(shown.stdout)["terms"]["word:flood"] == 4.0

        producer = KafkaProducer(bootstrap_servers=own_broker)
        gone = Deletion(platform="x", author="a1", deleted_at=WHEN, source="test")
        out = OptOut(platform="x", author="a2", since="2090-01-01T00:00:00Z")
        producer.send(DELETED.name, msgspec.json.encode(gone), gone.key)
        producer.send(OPT_OUTS.name, msgspec.json.encode(out), out.key)
        producer.flush()
        producer.close()
        async with asyncio.timeout(SETTLE_S):
            while {named(1), named(2)} & set(await standing(own_broker)):
                await agent.look()
                await asyncio.sleep(0.1)
        assert set(await standing(own_broker)) == {named(n) for n in (0, 3, 4, 5)}
        await agent.take(message(5, MESSAGES[3].replace(b'"offset":3', b'"offset":5')))
        await agent.flush()
        assert set(await standing(own_broker)) == {named(n) for n in (0, 3, 4, 5)}
        shown = await asyncio.to_thread(redian, environment(own_broker, tmp_path), "profile", "a1", "--platform", "x")
        assert (shown.returncode, "there is no profile" in shown.stderr) == (2, True)
    async with working(own_broker, profiles=0) as (agent, _):
        await agent.flush()
        assert await standing(own_broker) == {}
