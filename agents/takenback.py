"""Follows `posts.deleted` on every worker, so that what a platform took back is quoted no more."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.contracts.sources import Deletion
from streams.contracts.topics import DELETED
from streams.privacy.takenback import GENERATION, TakenBack

log = logging.getLogger(__name__)

RETRY_S: Final = 2.0

_DELETIONS: Final = msgspec.json.Decoder(Deletion)


async def follow_deletions(make_consumer: Callable[[], AIOKafkaConsumer], taken_back: TakenBack) -> None:
    """Take in the newest deletions that stand on the topic, then those that come, for ever.

    Args:
        make_consumer: returns a consumer without a group that was not started.
        taken_back: what is known.
    """
    place = TopicPartition(DELETED.name, 0)
    next_offset: int | None = None
    while True:
        consumer = make_consumer()
        try:
            await consumer.start()
            consumer.assign([place])
            if next_offset is None:
                end = (await consumer.end_offsets([place]))[place]
                next_offset = max((await consumer.beginning_offsets([place]))[place], end - 2 * GENERATION)
            consumer.seek(place, next_offset)
            while True:
                for record in (await consumer.getmany(place, timeout_ms=1000)).get(place, []):
                    _take(taken_back, record.value, record.offset)
                    next_offset = record.offset + 1
        except (KafkaError, OSError) as error:
            log.warning("what was taken back has lost the broker (%s), trying again", error)
        finally:
            await consumer.stop()
        await asyncio.sleep(RETRY_S)


def _take(taken_back: TakenBack, value: bytes | None, offset: int) -> None:
    if value is None:
        return
    try:
        taken_back.add(_DELETIONS.decode(value))
    except ValueError as error:
        log.warning("%s at %d is no deletion: %s", DELETED.name, offset, error)
