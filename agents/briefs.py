"""Agent of topic `hotspots`: reads the evidence back from the log and writes a brief where one is due."""

import faust
import msgspec
from aiokafka import TopicPartition
from faust.types import TP, Message

from agents.adapters import metrics
from agents.adapters.following import connected
from agents.burying import bury_value
from agents.readback import evidence_at
from agents.runtime import Runtime, die
from streams.briefs import Ledger, is_due, write_brief
from streams.briefs.reading import read_brief, read_hotspot
from streams.contracts.envelopes import envelope_of
from streams.contracts.outputs import Hotspot
from streams.contracts.topics import BRIEFS, HOTSPOTS, POSTS


class BriefsAgent:
    """Writes briefs, on the worker that holds the one partition of `hotspots`.

    A brief says what changed since the one before, so the topic `briefs` is the agent's memory: it is read again
    whenever another worker may have written in between.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._ledger = Ledger()
        self._next = -1

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        async for event in stream.events():
            try:
                await self._take(event.message)
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    async def _take(self, message: Message) -> None:
        tp = TP(HOTSPOTS.name, message.partition)
        if message.offset != self._next:
            self._ledger = await self._remembered()
        if message.value is not None:
            try:
                hotspot = read_hotspot(message.value)
            except msgspec.MsgspecError as error:
                await bury_value(self._runtime, tp, message.offset, message.value, error)
            else:
                await self._write(hotspot)
        self._next = message.offset + 1
        await self._runtime.commit(tp, self._next)

    async def _write(self, hotspot: Hotspot) -> None:
        previous = self._ledger.before(hotspot)
        if not is_due(hotspot, previous):
            return
        partitions = await self._runtime.partitions_of(POSTS.name)
        sources = [source for source in hotspot.sources if source.partition < partitions]
        posts = await evidence_at(self._runtime, sources)
        brief = write_brief(hotspot, posts, previous)
        producer = await self._runtime.producer()
        value, key = msgspec.json.encode(brief), brief.hotspot_id.encode()
        await producer.send_and_wait(BRIEFS.name, value, key, partition=0, headers=envelope_of(brief))
        self._ledger.keep(brief)
        metrics.BRIEFS.inc()

    async def _remembered(self) -> Ledger:
        """Return the briefs that were published so far; what is no brief is passed over."""
        ledger = Ledger()
        async with connected(self._runtime.consumer()) as consumer:
            tp = TopicPartition(BRIEFS.name, 0)
            consumer.assign([tp])
            await consumer.seek_to_beginning(tp)
            end = (await consumer.end_offsets([tp]))[tp]
            while await consumer.position(tp) < end:
                for records in (await consumer.getmany(tp, timeout_ms=1000)).values():
                    for record in records:
                        if (brief := read_brief(record.value or b"")) is not None:
                            ledger.keep(brief)
        return ledger
