"""The part of a worker that compares what was told with what others list, on the one that holds `hotspots`.

Keeps nothing of its own: at its start it reads what stands on the topics, and writes what is not on `outside.seen` yet.
"""

import logging
from collections import OrderedDict
from statistics import median
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from agents.adapters import metrics
from agents.adapters.following import connected
from agents.runtime import Runtime
from agents.while_held import WhileHeld
from streams.contracts.decoding import Decoder, json_decoder
from streams.contracts.outputs import Alert, Brief
from streams.contracts.outside import Listing, SeenOutside
from streams.contracts.topics import ALERTS, BRIEFS, HOTSPOTS, OUTSIDE_LISTINGS, OUTSIDE_SEEN
from streams.ingesting.leadbook import LeadBook

log = logging.getLogger(__name__)

KEPT: Final = 5_000
"""Leads that are known as written."""
_DECODERS: Final[dict[str, Decoder[Any]]] = {
    OUTSIDE_SEEN.name: json_decoder(SeenOutside),
    ALERTS.name: json_decoder(Alert),
    BRIEFS.name: json_decoder(Brief),
    OUTSIDE_LISTINGS.name: json_decoder(Listing),
}


class Outside:
    """Compares for as long as this worker is the one that should."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._here = WhileHeld(runtime, TP(HOTSPOTS.name, 0), "what others list is not compared just now", self._hold)
        self.run, self.stop = self._here.run, self._here.stop

    async def _hold(self) -> None:
        async with connected(self._runtime.consumer()) as consumer:
            await self._follow(consumer)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        partitions = [TopicPartition(name, 0) for name in _DECODERS]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        book, written = LeadBook(), OrderedDict[tuple[str, str], SeenOutside]()
        due: dict[tuple[str, str], SeenOutside] = {}
        begun = False
        while self._here.held:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    due.update({(seen.hotspot_id, seen.list): seen for seen in _take(record, book, written)})
            if not begun:
                # What was written before is known only when all has been read once.
                places = [await consumer.position(partition) for partition in partitions]
                begun = all(place >= ends[partition] for place, partition in zip(places, partitions, strict=True))
            if begun:
                await self._write(due, written)
                due = {}

    async def _write(
        self, due: dict[tuple[str, str], SeenOutside], written: OrderedDict[tuple[str, str], SeenOutside]
    ) -> None:
        producer = await self._runtime.producer()
        for key, seen in due.items():
            if written.get(key) == seen:
                continue
            await producer.send_and_wait(OUTSIDE_SEEN.name, msgspec.json.encode(seen), seen.key, partition=0)
            if key not in written:
                order = "earlier" if seen.lead_s > 0 else "later"
                metrics.SEEN_OUTSIDE.labels(list=seen.list, order=order).inc()
            _keep(written, seen)
        leads: dict[str, list[int]] = {}
        for seen in written.values():
            leads.setdefault(seen.list, []).append(seen.lead_s)
        for name, seconds in leads.items():
            metrics.LEAD_MEDIAN_SECONDS.labels(list=name).set(median(seconds))


def _keep(written: OrderedDict[tuple[str, str], SeenOutside], seen: SeenOutside) -> None:
    written[seen.hotspot_id, seen.list] = seen
    while len(written) > KEPT:
        written.popitem(last=False)


def _take(record: Any, book: LeadBook, written: OrderedDict[tuple[str, str], SeenOutside]) -> list[SeenOutside]:
    """Take in a record; return what it brings to light. One that cannot be used is passed over."""
    try:
        value = None if record.value is None else _DECODERS[record.topic].decode(record.value)
        if not isinstance(value, SeenOutside):
            return [] if value is None else _compare(book, value)
        _keep(written, value)
    except (msgspec.MsgspecError, ValueError) as error:
        log.warning("%s at %d is not compared: %s", record.topic, record.offset, error)
    return []


def _compare(book: LeadBook, value: Alert | Brief | Listing) -> list[SeenOutside]:
    """Return what a value brings to light.

    Raises:
        ValueError: a time in it is none.
    """
    if isinstance(value, Listing):
        return book.listed(value)
    if isinstance(value, Alert):
        if value.simulated:
            return []
        return book.told(value.hotspot_id, value.emitted_at, (*value.terms, *value.why.top_terms))
    if not value.headline_evidence:
        return []
    return book.worded(value.hotspot_id, " ".join((value.headline, *(said.text for said in value.sentences))))
