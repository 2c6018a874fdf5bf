"""A broker with its topics, for all tests of sources; what a source wrote; a source that runs for a while."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
import pytest
from kafka import KafkaConsumer, TopicPartition

from agents.adapters.admin import create_topics
from agents.adapters.embedded_broker import EmbeddedBroker
from agents.adapters.posts_log import PostsLog
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.source import Source
from agents.ingesting import Ingestion
from agents.settings import Settings
from streams.contracts.framing import ARRIVED_AT
from streams.contracts.posts import DeadLetter, Post
from streams.contracts.sources import SOURCE, Deletion, SourceCursor
from streams.contracts.topics import CURSORS, DEAD, DELETED, POSTS

WAIT_S = 20.0


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a broker with the topics of the registry."""
    with EmbeddedBroker(tmp_path_factory.mktemp("sources-broker")) as embedded:
        create_topics(Settings(bootstrap=embedded.bootstrap, posts_partitions=2))
        yield embedded.bootstrap


@dataclass
class Written:
    """What a source left on the topics, in the order of each partition."""

    posts: list[Post]
    arrivals: list[int]
    dead: list[DeadLetter]
    deleted: list[Deletion]
    cursors: list[SourceCursor]
    raw: bytes

    @property
    def ids(self) -> list[str]:
        return [post.id for post in self.posts]


def written(bootstrap: str, source: str) -> Written:
    """Read back what a source wrote."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    found = Written([], [], [], [], [], b"")
    try:
        places = [TopicPartition(POSTS.name, number) for number in sorted(consumer.partitions_for_topic(POSTS.name))]
        places += [TopicPartition(topic.name, 0) for topic in (DEAD, DELETED, CURSORS)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            for place, records in consumer.poll(timeout_ms=300).items():
                for record in records:
                    _take(found, place.topic, record, source)
        return found
    finally:
        consumer.close()


def _take(found: Written, topic: str, record: object, source: str) -> None:
    value: bytes = record.value  # type: ignore[attr-defined]
    if topic == POSTS.name:
        headers = dict(record.headers)  # type: ignore[attr-defined]
        if headers.get(SOURCE) != source.encode():
            return
        posts = msgspec.json.decode(value, type=list[Post])
        found.posts += posts
        found.arrivals += [int(headers[ARRIVED_AT])] * len(posts)
    elif topic == DEAD.name:
        letter = msgspec.json.decode(value, type=DeadLetter)
        if letter.topic != source:
            return
        found.dead.append(letter)
    elif topic == DELETED.name:
        deletion = msgspec.json.decode(value, type=Deletion)
        if deletion.source != source:
            return
        found.deleted.append(deletion)
    else:
        cursor = msgspec.json.decode(value, type=SourceCursor)
        if cursor.source != source:
            return
        found.cursors.append(cursor)
    found.raw += value


@asynccontextmanager
async def running(bootstrap: str, source: Source, clock: Clock) -> AsyncIterator[Ingestion]:
    """Run a source; at the end it is stopped in order."""
    log = PostsLog(Settings(bootstrap=bootstrap), source.name)
    await log.start()
    ingestion = Ingestion(source, log, clock=clock, linger_s=0.02, seed=1)
    task = asyncio.create_task(ingestion.run())
    try:
        yield ingestion
    finally:
        if not task.done():
            ingestion.stop()
        try:
            async with asyncio.timeout(WAIT_S):
                await task
        finally:
            await log.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Return when a condition holds; fail after a while."""
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


async def until_written(bootstrap: str, source: str, enough: Callable[[Written], bool]) -> Written:
    """Return what a source wrote when it is enough."""
    async with asyncio.timeout(WAIT_S):
        while True:
            found = await asyncio.to_thread(written, bootstrap, source)
            if enough(found):
                return found
            await asyncio.sleep(0.05)
