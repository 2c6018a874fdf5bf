"""Agent of topic `hotspots`: reads the evidence back from the log and writes a brief where one is due.

A brief that quotes what was taken back since is written again without it.
"""

import asyncio
import logging
from typing import Final

import faust
import msgspec
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.types import TP, Message

from agents.adapters import metrics
from agents.adapters.following import connected
from agents.burying import bury_value
from agents.readback import evidence_at, original_before, read_back
from agents.rereading import LogUnreadable, reread
from agents.runtime import Runtime, die, take_each
from streams.briefs import Ledger, Quotations, is_due, original_of, without, write_brief
from streams.briefs.reading import read_brief, read_hotspot
from streams.contracts.envelopes import envelope_of
from streams.contracts.outputs import Brief, Hotspot, Quoted, Source
from streams.contracts.topics import BRIEFS, HOTSPOTS, POSTS
from streams.intake import Record

log = logging.getLogger(__name__)

LOOK_S: Final = 2.0
_AT_ONCE: Final = 200
"""Posts whose authors are looked up in one go."""
_LOG: Final = TP(BRIEFS.name, 0)


class BriefsAgent:
    """Writes briefs, on the worker that holds the one partition of `hotspots`.

    A brief says what changed since the one before, so the topic `briefs` is the agent's memory: it is read again
    whenever another worker may have written in between.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._ledger = Ledger()
        self._quotations = Quotations()
        self._remembers = False
        self._remembering = asyncio.Lock()
        self._next = -1

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self._take)

    async def _take(self, message: Message) -> None:
        tp = TP(HOTSPOTS.name, message.partition)
        async with self._remembering:  # what is written while the log is being read would be forgotten
            if message.offset != self._next:
                await self._remember()
            if message.value is not None:
                try:
                    hotspot = read_hotspot(message.value)
                except msgspec.MsgspecError as error:
                    await bury_value(self._runtime, tp, message.offset, message.value, error)
                else:
                    with self._runtime.traces.message(message.headers):
                        await self._write(hotspot)
        self._next = message.offset + 1
        await self._runtime.commit(tp, self._next)

    async def _write(self, hotspot: Hotspot) -> None:
        previous = self._ledger.before(hotspot)
        if not is_due(hotspot, previous):
            return
        with self._runtime.traces.step("brief", hotspot=hotspot.hotspot_id):
            await self._compose(hotspot, previous)

    async def _compose(self, hotspot: Hotspot, previous: Brief | None) -> None:
        partitions = await self._runtime.partitions_of(POSTS.name)
        sources = [source for source in hotspot.sources if source.partition < partitions]
        posts = await evidence_at(self._runtime, sources)
        brief = write_brief(hotspot, posts, previous)
        if (sought := original_of(hotspot, brief)) is not None:
            original = await original_before(self._runtime, sources, sought)
            brief = write_brief(hotspot, posts, previous, original)
            posts += [original] if original is not None else []
        offset = await self._publish(brief)
        self._quotations.keep(brief, offset, {post.id: post.author for post in posts})
        metrics.BRIEFS.inc()

    async def _publish(self, brief: Brief) -> int:
        """Write a brief, keep it in mind, and return where it stands."""
        producer = await self._runtime.producer()
        value, key = msgspec.json.encode(brief), brief.hotspot_id.encode()
        written = await producer.send_and_wait(BRIEFS.name, value, key, partition=0, headers=envelope_of(brief))
        self._ledger.keep(brief)
        return int(written.offset)

    async def _remember(self) -> None:
        """Read the briefs that were published so far; what is no brief is passed over."""
        ledger, quotations = Ledger(), Quotations()
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
                            quotations.keep(brief, record.offset)
        self._ledger, self._quotations, self._remembers = ledger, quotations, True

    async def revise(self) -> None:
        """Have briefs say no more of what was taken back, for as long as the worker lives."""
        seen = (-1, -1)
        while True:
            await asyncio.sleep(LOOK_S)
            if not self._holds():
                self._remembers = False
                continue
            try:
                async with self._remembering:
                    if not self._remembers:
                        await self._remember()
                now = (self._runtime.taken_back.changes, self._quotations.changes)
                if now != seen:
                    await self._revise()
                    seen = now
            except (KafkaError, OSError, LogUnreadable) as error:
                log.warning("briefs are not revised just now (%s), trying again", error)
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    def _holds(self) -> bool:
        return TP(HOTSPOTS.name, 0) in self._runtime.held()

    async def _revise(self) -> None:
        await self._look_up_authors(self._quotations)
        for told in self._quotations.revisions(self._runtime.taken_back.hides):
            for revision in told:
                brief = await self._read(revision.offset)
                if brief is None:
                    self._quotations.forget(revision)
                elif self._holds():
                    if revision.gone:
                        brief = without(brief, revision.gone)
                        metrics.BRIEFS_REVISED.inc()
                    # The newest is written again even if nothing of it is gone: it stays the last of its hotspot.
                    self._quotations.keep(brief, await self._publish(brief))

    async def _read(self, offset: int) -> Brief | None:
        """Return the brief at an offset, None if it has expired."""
        found = [record async for record in reread(self._runtime.consumer, _LOG, offset, offset + 1)]
        return read_brief(found[0].value or b"") if found else None

    async def _look_up_authors(self, quotations: Quotations) -> None:
        """Learn who wrote what is quoted in briefs of other workers: a platform may take back all of an author."""
        partitions = await self._runtime.partitions_of(POSTS.name)
        unknown = quotations.unknown()
        for begin in range(0, len(unknown), _AT_ONCE):
            posts = unknown[begin : begin + _AT_ONCE]
            places = [Source(post.id, post.partition, post.offset, post.index) for post in posts]
            there = [place for place in places if 0 <= place.partition < partitions]
            records = await read_back(self._runtime.consumer, there)
            quotations.learn({post: self._author(post, records) for post in posts})

    def _author(self, post: Quoted, records: dict[tuple[int, int], Record]) -> int:
        record = records.get((post.partition, post.offset))
        found = [] if record is None else self._runtime.intake.again(record, (post.index,))
        return next((read.author for read in found if read.id == post.id), 0)
