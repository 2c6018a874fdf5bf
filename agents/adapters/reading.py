"""Reads what stands on topics now: from given places to the ends that they have when the reading begins."""

from collections.abc import AsyncIterator, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition


async def between(
    consumer: AIOKafkaConsumer, since: Mapping[TopicPartition, int], until: Mapping[TopicPartition, int] | None = None
) -> AsyncIterator[ConsumerRecord]:
    """Yield the records from the places of `since` to the present ends, or to `until`, with a started consumer."""
    places = list(since)
    consumer.assign(places)
    beginnings, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    if until is not None:
        ends = {place: min(end, until[place]) for place, end in ends.items()}
    unread = set()
    for place in places:
        start = max(since[place], beginnings[place])
        if start < ends[place]:
            consumer.seek(place, start)
            unread.add(place)
        else:
            consumer.pause(place)
    while unread:
        for place, records in (await consumer.getmany(timeout_ms=500)).items():
            for record in records:
                if record.offset < ends[place]:
                    yield record
        unread = {place for place in unread if await consumer.position(place) < ends[place]}
