"""Follows `posts.deleted` on every worker, so that what a platform took back is quoted no more."""

import logging
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.adapters.following import MakeConsumer, keep_up
from streams.contracts.decoding import json_decoder
from streams.contracts.sources import Deletion
from streams.contracts.topics import DELETED
from streams.privacy.takenback import GENERATION, TakenBack

log = logging.getLogger(__name__)

_DELETIONS: Final = json_decoder(Deletion)


async def follow_deletions(make_consumer: MakeConsumer, taken_back: TakenBack) -> None:
    """Take in the newest deletions that stand on the topic, then those that come, for ever.

    Args:
        make_consumer: returns a consumer without a group that was not started.
        taken_back: what is known.
    """
    place = TopicPartition(DELETED.name, 0)
    next_offset: int | None = None

    async def read(consumer: AIOKafkaConsumer) -> None:
        nonlocal next_offset
        consumer.assign([place])
        if next_offset is None:
            end = (await consumer.end_offsets([place]))[place]
            next_offset = max((await consumer.beginning_offsets([place]))[place], end - 2 * GENERATION)
        consumer.seek(place, next_offset)
        while True:
            for record in (await consumer.getmany(place, timeout_ms=1000)).get(place, []):
                _take(taken_back, record.value, record.offset)
                next_offset = record.offset + 1

    await keep_up("what was taken back", make_consumer, read)


def _take(taken_back: TakenBack, value: bytes | None, offset: int) -> None:
    if value is None:
        return
    try:
        taken_back.add(_DELETIONS.decode(value))
    except ValueError as error:
        log.warning("%s at %d is no deletion: %s", DELETED.name, offset, error)
