"""Reads single posts back from the log by their places: what a brief, an answer and the page quote.

Which posts is the caller's choice; a post whose place has expired is simply not among what comes back.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from agents.adapters.following import connected
from agents.adapters.reading import between
from agents.runtime import Runtime
from streams.briefs import EvidencePost, offsets_before
from streams.contracts.outputs import Source
from streams.contracts.topics import POSTS
from streams.intake import Record
from streams.pipeline import original_among, posts_of

READ_S: Final = 5.0
"""How long one post may take to read back; one that takes longer counts as expired."""


async def evidence_at(runtime: Runtime, sources: Sequence[Source]) -> list[EvidencePost]:
    """Return the posts at `sources`, without those that have expired or were taken back."""
    records = await read_back(runtime.consumer, sources)
    return posts_of(
        sources, lambda partition, offset: records.get((partition, offset)), runtime.intake, runtime.taken_back.has
    )


async def original_before(runtime: Runtime, sources: Sequence[Source], post_id: str) -> EvidencePost | None:
    """Return the post of an id from among those written shortly before `sources`, None if it is not there."""
    offsets = offsets_before(sources)
    partitions = [TopicPartition(POSTS.name, number) for number in range(await runtime.partitions_of(POSTS.name))]
    async with connected(runtime.consumer()) as consumer:
        since, until = dict.fromkeys(partitions, offsets.start), dict.fromkeys(partitions, offsets.stop)
        found = [_record(record) async for record in between(consumer, since, until)]
    found.sort(key=lambda record: (-record.offset, record.partition))
    return original_among(found, post_id, runtime.intake, runtime.taken_back.has)


async def read_back(
    make_consumer: Callable[[], AIOKafkaConsumer], sources: Iterable[Source]
) -> dict[tuple[int, int], Record]:
    """Return the records at the places of `sources` that the log still has, by (partition, offset).

    Args:
        make_consumer: returns a consumer without a group that was not started.
        sources: places on `posts`.

    Raises:
        KafkaError: the broker is lost.
    """
    places = sorted({(source.partition, source.offset) for source in sources})
    if not places:
        return {}
    async with connected(make_consumer()) as consumer:
        tps = [TopicPartition(POSTS.name, partition) for partition in sorted({p for p, _ in places})]
        consumer.assign(tps)
        beginning = await consumer.beginning_offsets(tps)
        consumer.pause(*tps)
        found = {}
        for partition, offset in places:
            tp = TopicPartition(POSTS.name, partition)
            if offset >= beginning[tp] and (record := await _read(consumer, tp, offset)) is not None:
                found[partition, offset] = record
        return found


async def _read(consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> Record | None:
    consumer.seek(tp, offset)
    consumer.resume(tp)
    try:
        async with asyncio.timeout(READ_S):
            record = await consumer.getone(tp)
    except (TimeoutError, OffsetOutOfRangeError):
        return None
    finally:
        consumer.pause(tp)
    if record.offset != offset:
        return None
    return _record(record)


def _record(record: ConsumerRecord) -> Record:
    return Record(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        value=record.value,
        timestamp_ms=record.timestamp,
        headers=dict(record.headers),
    )
