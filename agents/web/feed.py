"""Follows the output topics for the live page: every worker shows everything, whichever of them decided it."""

import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.adapters.following import keep_up
from agents.web.board import Board
from streams.contracts.feedback import Feedback
from streams.contracts.outputs import Alert, Brief, Hotspot
from streams.contracts.outside import SeenOutside
from streams.contracts.topics import ALERTS, BRIEFS, FEEDBACK, HOTSPOTS, OUTSIDE_SEEN

log = logging.getLogger(__name__)

BACK: Final = 500
"""How many messages of each topic a page begins with."""


async def follow(make_consumer: Callable[[], AIOKafkaConsumer], board: Board) -> None:
    """Feed the board for ever; a broker that is away is tried again, a message that cannot be read is passed over.

    Args:
        make_consumer: returns a consumer without a group that was not started.
        board: takes what comes.
    """
    by_name: dict[str, tuple[msgspec.json.Decoder[Any], Callable[[Any], None]]] = {
        HOTSPOTS.name: (msgspec.json.Decoder(Hotspot), board.hotspot),
        ALERTS.name: (msgspec.json.Decoder(Alert), board.alert),
        BRIEFS.name: (msgspec.json.Decoder(Brief), board.brief),
        FEEDBACK.name: (msgspec.json.Decoder(Feedback), board.feedback),
        OUTSIDE_SEEN.name: (msgspec.json.Decoder(SeenOutside), board.seen),
    }
    next_offsets: dict[TopicPartition, int] = {}

    async def read(consumer: AIOKafkaConsumer) -> None:
        await _seek(consumer, [TopicPartition(name, 0) for name in by_name], next_offsets)
        while True:
            for partition, records in (await consumer.getmany(timeout_ms=1000)).items():
                decoder, take = by_name[partition.topic]
                for record in records:
                    _give(decoder, take, record)
                    next_offsets[partition] = record.offset + 1

    await keep_up("the live page", make_consumer, read)


async def _seek(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition], next_offsets: dict[TopicPartition, int]
) -> None:
    consumer.assign(partitions)
    begins = await consumer.beginning_offsets(partitions)
    ends = await consumer.end_offsets(partitions)
    for partition in partitions:
        consumer.seek(partition, next_offsets.get(partition, max(begins[partition], ends[partition] - BACK)))


def _give(decoder: msgspec.json.Decoder[Any], take: Callable[[Any], None], record: Any) -> None:
    if record.value is None:
        return
    try:
        take(decoder.decode(record.value))
    except Exception as error:  # noqa: BLE001 - one message must not end the page for all that come after it
        log.warning("%s/%d at %d is not shown: %s", record.topic, record.partition, record.offset, error)
