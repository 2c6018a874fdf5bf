"""Erases an author: takes back all that is known to be theirs, waits for what follows of it, reads everything back.

Taking back is a record on `posts.deleted`; what workers do then is theirs (`takenback.py`, `briefs.py`, `support.py`).
What stands on a log cannot be changed: it is told of, topic by topic, with the day by which it is gone.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from agents.adapters.admin import partitions_by_topic
from agents.adapters.connection import asynchronous
from agents.adapters.following import connected
from agents.adapters.reading import between
from agents.errors import BrokerUnavailable
from agents.settings import Settings
from streams.briefs.quoting import ids_in
from streams.briefs.reading import read_brief
from streams.contracts.outputs import Brief
from streams.contracts.sources import Deletion
from streams.contracts.times import format_time
from streams.contracts.topics import ALERTS, BRIEFS, DELETED, HOTSPOTS, POSTS, PROFILES, TOPICS, Topic
from streams.privacy.traces import HASH, KINDS, Traces

SOURCE: Final = "redian erase"
"""What stands on `posts.deleted` for who took a post back."""

LOOK_S: Final = 2.0
_TELLING: Final = (POSTS, HOTSPOTS, ALERTS, BRIEFS)
"""Topics that tell which posts are an author's."""


class Left(msgspec.Struct, frozen=True):
    """What one topic holds of an author.

    `holding` of its `records` do, namely `what`, the newest written at `newest_ms`; none if that is 0. By `gone_ms` the
    topic's retention has taken them, None where it keeps values for good.
    """

    topic: Topic
    records: int
    holding: int
    what: tuple[str, ...]
    newest_ms: int

    @property
    def gone_ms(self) -> int | None:
        """When the last of it has left the log, at the latest."""
        return None if self.topic.retention_ms < 0 else self.newest_ms + self.topic.retention_ms + self.topic.segment_ms


class Report(msgspec.Struct, frozen=True):
    """What was read back: every topic, the briefs in force that rest on a post of the author, and their profiles."""

    topics: list[Left]
    quoting: list[str]
    profiles: int


async def look(settings: Settings, traces: Traces) -> Report:
    """Read every topic and return what is left of an author; `traces` learns the ids of their posts on the way.

    Raises:
        BrokerUnavailable: none answers, or topics are missing.
    """
    async with _log(settings) as log:
        for topic in _TELLING:
            async for record in log.all_of(topic):
                traces.learn(topic, record.value or b"")
        left = [await log.left_on(topic, traces) for topic in TOPICS]
        return Report(left, await log.quoting(traces), await log.profiles(traces))


async def take_back(settings: Settings, platform: str, author: str, posts: set[str]) -> None:
    """Say that everything of an author was taken back: of the author, and of each post that is known.

    Raises:
        BrokerUnavailable: none answers.
    """
    deleted_at = format_time(time.time_ns() // 1_000_000)
    deletions = [Deletion(platform=platform, author=author, deleted_at=deleted_at, source=SOURCE)]
    deletions += [Deletion(platform=platform, id=post, deleted_at=deleted_at, source=SOURCE) for post in sorted(posts)]
    made = AIOKafkaProducer(**asynchronous(settings), enable_idempotence=True, acks="all")
    try:
        async with connected(made) as producer:
            sent = [
                await producer.send(DELETED.name, msgspec.json.encode(told), told.key, partition=0)
                for told in deletions
            ]
            await asyncio.gather(*sent)
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} does not take it: {error}") from None


async def until_gone(settings: Settings, traces: Traces, within_s: float) -> bool:
    """Wait until no brief in force rests on a post of the author, nor is a profile of them; return whether in time."""
    deadline = time.monotonic() + within_s
    async with _log(settings) as log:
        while await log.quoting(traces) or await log.profiles(traces):
            if time.monotonic() >= deadline:
                return False
            await asyncio.sleep(LOOK_S)
    return True


class _Log:
    """Every topic, read through one consumer."""

    def __init__(self, consumer: AIOKafkaConsumer, partitions: Mapping[str, int]) -> None:
        self._consumer = consumer
        self._partitions = partitions

    async def all_of(self, topic: Topic) -> AsyncIterator[ConsumerRecord]:
        """Yield what stands on a topic now."""
        places = [TopicPartition(topic.name, number) for number in range(self._partitions[topic.name])]
        async for record in between(self._consumer, dict.fromkeys(places, 0)):
            yield record

    async def left_on(self, topic: Topic, traces: Traces) -> Left:
        """Return what a topic holds of an author."""
        records = holding = newest_ms = 0
        what: set[str] = set()
        async for record in self.all_of(topic):
            records += 1
            if record.value is not None and (found := traces.found_in(topic, record.value)):
                holding += 1
                what |= found
                newest_ms = max(newest_ms, record.timestamp)
        return Left(topic, records, holding, tuple(kind for kind in KINDS if kind in what), newest_ms)

    async def quoting(self, traces: Traces) -> list[str]:
        """Return the ids of the briefs that, as they stand last, rest on a post of the author."""
        last: dict[str, Brief] = {}
        async for record in self.all_of(BRIEFS):
            brief = read_brief(record.value or b"")
            if brief is not None and brief.revision >= (last[brief.brief_id].revision if brief.brief_id in last else 0):
                last[brief.brief_id] = brief
        return [name for name, brief in last.items() if ids_in(brief) & traces.posts]

    async def profiles(self, traces: Traces) -> int:
        """Return how many profiles of the author there are, as they stand last: one a partition at most."""
        last: dict[tuple[int, bytes], bytes] = {}
        async for record in self.all_of(PROFILES):
            last[record.partition, record.key or b""] = record.value or b""
        return sum(HASH in traces.found_in(PROFILES, value) for value in last.values())


@asynccontextmanager
async def _log(settings: Settings) -> AsyncIterator[_Log]:
    there = await asyncio.to_thread(partitions_by_topic, settings)
    missing = [topic.name for topic in TOPICS if topic.name not in there]
    if missing:
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} has no topic {', '.join(missing)}; run: redian topics create"
        )
    made = AIOKafkaConsumer(
        **asynchronous(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=2 * 1024 * 1024,
    )
    try:
        async with connected(made) as consumer:
            yield _Log(consumer, there)
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} does not answer: {error}") from None
