"""A post that its platform took back is not shown any more, nor one that was shown already."""

import asyncio
import contextlib

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from agents.adapters.admin import create_topics
from agents.settings import Settings
from agents.takenback import follow_deletions
from agents.web.evidence import EvidenceReader
from streams.contracts.outputs import Source
from streams.contracts.sources import Deletion
from streams.contracts.topics import DELETED, POSTS
from streams.intake import Intake, IntakeSettings
from streams.privacy.takenback import TakenBack

pytestmark = pytest.mark.integration

WHEN = "2026-03-01T00:00:00Z"
SETTLE_S = 60


async def test_a_deletion_reaches_the_evidence_that_a_page_reads(bootstrap: str) -> None:
    create_topics(Settings(bootstrap=bootstrap))
    posts = [
        {"id": f"p{n}", "platform": "x", "author": f"a{n}", "created_at": WHEN, "text": f"Flood in Turin {n}"}
        for n in range(3)
    ]
    intake = Intake(IntakeSettings(author_key=b"a key that only these tests use"))
    taken_back = TakenBack(intake.authors)

    def consumer() -> AIOKafkaConsumer:
        return AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")

    reader = EvidenceReader(consumer, intake, taken_back)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    following = asyncio.create_task(follow_deletions(consumer, taken_back))
    try:
        put = await producer.send_and_wait(POSTS.name, msgspec.json.encode(posts), partition=0)
        sources = [Source(f"p{n}", 0, put.offset, n) for n in range(3)]

        async def shown() -> list[str]:
            return [post.id for post in (await reader.read("one state", sources)).posts]

        assert await shown() == ["p0", "p1", "p2"]
        for value in (
            b"{",
            msgspec.json.encode(Deletion(platform="x", id="p1", deleted_at=WHEN, source="test")),
            msgspec.json.encode(Deletion(platform="x", author="a2", deleted_at=WHEN, source="test")),
        ):
            await producer.send_and_wait(DELETED.name, value, b"k%d" % len(value))
        async with asyncio.timeout(SETTLE_S):
            while await shown() != ["p0"]:
                await asyncio.sleep(0.1)
        assert (await reader.read("one state", sources)).expired == 2
    finally:
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        await producer.stop()
