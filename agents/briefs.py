"""Agent of topic `alerts`: reads the evidence back from the log and writes the brief."""

import asyncio
import logging
from collections.abc import Iterable

import faust
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError
from faust.types import TP, Message

from agents.adapters import metrics
from agents.runtime import Runtime, die
from streams.briefs import write_brief
from streams.contracts.outputs import Alert, Source
from streams.contracts.topics import ALERTS, BRIEFS, POSTS
from streams.intake import Record
from streams.pipeline import texts_of

log = logging.getLogger(__name__)

READ_S = 5.0
"""How long one evidence post may take to read back; one that takes longer counts as expired."""

_ALERTS = msgspec.json.Decoder(Alert)


class BriefsAgent:
    """Writes briefs, on the worker that holds the one partition of `alerts`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        async for event in stream.events():
            try:
                await self._take(event.message)
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    async def _take(self, message: Message) -> None:
        alert = _ALERTS.decode(message.value)
        records = await self._read_back(alert.sources)
        texts, langs = texts_of(alert, lambda partition, offset: records.get((partition, offset)), self._runtime.intake)
        brief = write_brief(alert, texts, langs)
        producer = await self._runtime.producer()
        await producer.send_and_wait(BRIEFS.name, msgspec.json.encode(brief), brief.hotspot_id.encode(), partition=0)
        metrics.BRIEFS.inc()
        await self._runtime.commit(TP(ALERTS.name, message.partition), message.offset + 1)

    async def _read_back(self, sources: Iterable[Source]) -> dict[tuple[int, int], Record]:
        places = sorted({(source.partition, source.offset) for source in sources})
        consumer = self._runtime.consumer()
        await consumer.start()
        try:
            tps = [TopicPartition(POSTS.name, partition) for partition in sorted({p for p, _ in places})]
            consumer.assign(tps)
            beginning = await consumer.beginning_offsets(tps)
            consumer.pause(*tps)
            found = {}
            for partition, offset in places:
                tp = TopicPartition(POSTS.name, partition)
                if offset >= beginning[tp] and (record := await self._read(consumer, tp, offset)) is not None:
                    found[partition, offset] = record
            return found
        finally:
            await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer, tp: TopicPartition, offset: int) -> Record | None:
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
        return Record(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            value=record.value,
            timestamp_ms=record.timestamp,
            headers=dict(record.headers),
        )
