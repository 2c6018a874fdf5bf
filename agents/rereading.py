"""Reads a stretch of one partition again, with a consumer of its own, whatever the worker's own consumer is doing."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from faust.types import TP

from agents.adapters.following import connected

SILENCE_S: Final = 60.0
"""How long a log may bring nothing before reading it is given up."""


class LogUnreadable(Exception):
    """A log did not answer in time."""


async def reread(
    make: Callable[[], AIOKafkaConsumer], tp: TP, begin: int, end: int | None
) -> AsyncIterator[ConsumerRecord]:
    """Yield the records in [begin, end) that the log still holds, in order.

    Args:
        make: makes an unsubscribed consumer that reads from the earliest record where `begin` has expired.
        tp: the partition.
        begin: first offset; below 0, so many before `end`.
        end: offset after the last, None for the present end.

    Raises:
        LogUnreadable: nothing came for a minute.
        KafkaError: the broker is lost.
    """
    target = TopicPartition(tp.topic, tp.partition)
    async with connected(make()) as consumer:
        consumer.assign([target])
        if end is None:
            end = (await consumer.end_offsets([target]))[target]
        consumer.seek(target, begin if begin >= 0 else max(0, end + begin))
        heard = time.monotonic()
        while await consumer.position(target) < end:
            batches = await consumer.getmany(target, timeout_ms=500)
            for record in batches.get(target, ()):
                heard = time.monotonic()
                if record.offset >= end:
                    return
                yield record
            if time.monotonic() - heard > SILENCE_S:
                raise LogUnreadable(f"{tp.topic}/{tp.partition} brought nothing for {SILENCE_S:.0f} s")
