"""Follows topic `optouts` in every worker and every source, so that who opted out is read no more."""

import asyncio
import logging
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.adapters.following import MakeConsumer, keep_up
from streams.contracts.decoding import json_decoder
from streams.contracts.sources import OptOut
from streams.contracts.topics import OPT_OUTS
from streams.privacy.optouts import OptOuts

log = logging.getLogger(__name__)

_OPT_OUTS: Final = json_decoder(OptOut)


class OptOutsFollowed:
    """The opt-outs, followed from their topic.

    Args:
        make_consumer: returns a consumer without a group that was not started.
        opt_outs: what is known.
    """

    def __init__(self, make_consumer: MakeConsumer, opt_outs: OptOuts) -> None:
        self._make_consumer = make_consumer
        self._opt_outs = opt_outs
        self._read = asyncio.Event()

    async def read(self) -> None:
        """Return once all that stood on the topic at the beginning is known."""
        await self._read.wait()

    async def follow(self) -> None:
        """Follow the topic, for ever."""
        await keep_up("who opted out", self._make_consumer, self._follow)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        place = TopicPartition(OPT_OUTS.name, 0)
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        while True:
            if not self._read.is_set() and await consumer.position(place) >= end:
                self._read.set()
            for record in (await consumer.getmany(place, timeout_ms=500)).get(place, []):
                if record.value is not None:
                    self._take(record.value, record.offset)

    def _take(self, value: bytes, offset: int) -> None:
        try:
            self._opt_outs.put(_OPT_OUTS.decode(value))
        except ValueError as error:
            log.warning("%s at %d is no opt-out: %s", OPT_OUTS.name, offset, error)
