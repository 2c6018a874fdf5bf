"""An author is erased: taken back everywhere, briefs without their words, and every topic read back for a report."""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from faust.types import TP

from agents.adapters.admin import create_topics
from agents.adapters.following import connected
from agents.briefs import BriefsAgent
from agents.settings import Settings
from agents.takenback import follow_deletions
from streams.contracts.outputs import Source
from streams.contracts.posts import DeadLetter
from streams.contracts.profiles import Profile
from streams.contracts.topics import BRIEFS, DEAD, DELETED, HOTSPOTS, POSTS, PROFILES
from streams.intake import Intake, IntakeSettings
from tests.integration.program import KEY, environment, redian, values_of
from tests.integration.standing import Message, StandingRuntime
from tests.unit.briefs.conftest import hotspot_about

pytestmark = pytest.mark.integration

WHEN = "2026-03-02T00:00:00Z"
DID = "did:plc:7iza6de2dwap2sbkpav7c6c6"
TEXTS = (
    "Strong earthquake shakes Pine Valley this morning, people run into the streets.",
    "The bridge over the Alder river collapsed after the Pine Valley earthquake.",
    "The hospital of Pine Valley is full after the earthquake, nurses say.",
)


async def told_of(bootstrap: str, runtime: StandingRuntime) -> BriefsAgent:
    """Write posts, one of them by the author, a dead letter of theirs, and a brief that quotes all."""
    posts = [
        {"id": f"p{n}", "platform": "bluesky", "author": author, "created_at": WHEN, "text": text}
        for n, (author, text) in enumerate(zip(("a0", DID, "a2"), TEXTS, strict=True))
    ]
    letter = DeadLetter(
        topic="posts", partition=0, offset=9, index=-1, stage="intake", reason="too_old", detail="",
        original=json.dumps(posts[1]).encode(), size=1, sha256="",
    )  # fmt: skip
    async with connected(AIOKafkaProducer(bootstrap_servers=bootstrap)) as producer:
        put = await producer.send_and_wait(POSTS.name, json.dumps(posts).encode(), partition=0)
        await producer.send_and_wait(DEAD.name, msgspec.json.encode(letter), partition=0)
        hashed = Intake(IntakeSettings(author_key=KEY.encode())).author("bluesky", DID)
        for author in (f"{hashed:016x}", f"{hashed ^ 1:016x}"):
            profile = Profile(
                author=author, platform="bluesky", updated_at=WHEN, posts=1.0, reposts=0.0, terms={}, languages={},
                hours=(),
            )  # fmt: skip
            await producer.send_and_wait(PROFILES.name, msgspec.json.encode(profile), author.encode(), partition=1)
    made = hotspot_about(("word:pine valley", "word:earthquake"), ("p0", "p1", "p2"))
    sources = tuple(Source(f"p{n}", 0, put.offset, n) for n in range(3))
    agent = BriefsAgent(runtime)
    value = msgspec.json.encode(msgspec.structs.replace(made, sources=sources))
    await agent._take(Message(HOTSPOTS.name, 0, 0, value))
    return agent


@asynccontextmanager
async def working(runtime: StandingRuntime, agent: BriefsAgent) -> AsyncIterator[None]:
    """Do what a worker does about deletions."""
    tasks = [asyncio.create_task(follow_deletions(runtime.consumer, runtime.taken_back))]
    tasks.append(asyncio.create_task(agent.revise()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def rows_of(ran: subprocess.CompletedProcess[str]) -> dict[str, tuple[int, int, str]]:
    """Return records, those of the author, and the rest of each line of the report."""
    lines = (re.split(r"  +", line.strip()) for line in ran.stdout.splitlines())
    return {
        line[0]: (int(line[1].replace(",", "")), int(line[2].replace(",", "")), " ".join(line[3:]))
        for line in lines
        if len(line) >= 3 and line[1].isdigit()
    }


async def test_an_author_is_erased_and_what_is_left_is_told(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path)
    create_topics(Settings(bootstrap=bootstrap))
    runtime = StandingRuntime(Settings(bootstrap=bootstrap), held={TP(HOTSPOTS.name, 0)})
    arguments = ("erase", DID, "--platform", "bluesky")
    try:
        agent = await told_of(bootstrap, runtime)

        looked = await asyncio.to_thread(redian, env, *arguments)
        assert looked.returncode == 0, looked.stderr
        assert "nothing was done" in looked.stdout
        assert "1 briefs in force quote them" in looked.stdout
        before = rows_of(looked)
        assert before["posts"][:2] == (1, 1)
        assert before["posts"][2].startswith("text, id, post ids")
        assert (before["posts.dead"][1], before["briefs"][1], before["posts.deleted"][1]) == (1, 1, 0)
        assert values_of(bootstrap, DELETED.name)[0] == []

        alone = await asyncio.to_thread(redian, env, *arguments, "--yes", "--wait", "1")
        assert alone.returncode == 1
        assert "briefs still quote them" in alone.stdout

        async with working(runtime, agent):
            kept = await asyncio.to_thread(redian, env, *arguments, "--yes", "--wait", "8")
            assert kept.returncode == 1  # its profile is the profiles agent's to remove
            assert "no brief in force quotes them" in kept.stdout
            assert "1 profiles are kept of them" in kept.stdout
            async with connected(AIOKafkaProducer(bootstrap_servers=bootstrap)) as producer:
                key = f"{Intake(IntakeSettings(author_key=KEY.encode())).author('bluesky', DID):016x}".encode()
                await producer.send_and_wait(PROFILES.name, None, key, partition=1)
            erased = await asyncio.to_thread(redian, env, *arguments, "--yes", "--opt-out")
        assert erased.returncode == 0, erased.stdout + erased.stderr
        assert "no brief in force quotes them" in erased.stdout
        assert "no profile is kept of them" in erased.stdout
        assert "taken back: the author, and 1 posts by their ids" in erased.stdout
        after = rows_of(erased)
        assert after["posts"][1] == 1  # a list of posts is one message: it leaves with its retention
        assert after["briefs"][:2] == (2, 1)
        assert after["optouts"][1] == 1
        last = values_of(bootstrap, BRIEFS.name)[0][-1].decode()
        assert "Alder river" not in last
        assert "Strong earthquake" in last
        assert DID in (await asyncio.to_thread(redian, env, "optout", "list")).stdout

        nobody = await asyncio.to_thread(redian, env, "erase", "nobody", "--platform", "bluesky")
        assert nobody.returncode == 0
        assert {row[1] for row in rows_of(nobody).values()} == {0}
        assert (await asyncio.to_thread(redian, env, "erase", "", "--platform", "x")).returncode == 2
    finally:
        await runtime.stop()
