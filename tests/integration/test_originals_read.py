"""The original of a cascade is read back from a real log, whichever partition has it."""

import msgspec
import pytest
from kafka import KafkaProducer

from agents.adapters.admin import create_topics
from agents.readback import original_before
from agents.settings import Settings
from streams.contracts.outputs import Source
from streams.contracts.topics import POSTS
from tests.integration.standing import StandingRuntime

pytestmark = pytest.mark.integration


async def test_the_original_is_found_before_the_evidence(own_broker: str) -> None:
    settings = Settings(bootstrap=own_broker)
    create_topics(settings)
    producer = KafkaProducer(bootstrap_servers=own_broker)
    for offset in range(4):
        for partition in range(settings.posts_partitions):
            name = f"p{partition}-{offset}"
            post = {"id": name, "platform": "x", "author": name, "created_at": "2026-03-01T00:00:00Z", "text": name}
            producer.send(POSTS.name, msgspec.json.encode([{**post, "repost_of": "p2-1"}]), partition=partition)
    producer.flush()
    producer.close()
    runtime = StandingRuntime(settings)
    try:
        found = await original_before(runtime, [Source("p0-3", 0, 3, 0)], "p2-1")
        assert found is not None
        assert (found.id, found.partition, found.offset) == ("p2-1", 2, 1)
        assert await original_before(runtime, [Source("p0-0", 0, 0, 0)], "p2-1") is None
    finally:
        await runtime.stop()
