"""The part of a worker that compares what was told with what others list, on the one that holds `hotspots`.

Keeps nothing of its own: at its start it reads what stands on the topics, and writes what is not on `outside.seen` yet.
"""

import asyncio
import logging
from collections import OrderedDict
from statistics import median
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from agents.adapters import metrics
from agents.adapters.following import keep_up
from agents.runtime import Runtime, die
from streams.contracts.outputs import Alert, Brief
from streams.contracts.outside import Listing, SeenOutside
from streams.contracts.topics import ALERTS, BRIEFS, HOTSPOTS, OUTSIDE_LISTINGS, OUTSIDE_SEEN
from streams.ingesting.leadbook import LeadBook

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
KEPT: Final = 5_000
"""Leads that are known as written."""
_TYPES: Final[dict[str, type[Any]]] = {
    OUTSIDE_SEEN.name: SeenOutside, ALERTS.name: Alert, BRIEFS.name: Brief, OUTSIDE_LISTINGS.name: Listing,
}  # fmt: skip


class Outside:
    """Compares for as long as this worker is the one that should."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def _holds(self) -> bool:
        return TP(HOTSPOTS.name, 0) in self._runtime.held()

    async def run(self) -> None:
        """Compare until the worker ends."""
        while True:
            if not self._holds():
                await asyncio.sleep(LOOK_S)
                continue
            try:
                await keep_up("what others list", self._runtime.consumer, self._follow)
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        partitions = [TopicPartition(name, 0) for name in _TYPES]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        book, written = LeadBook(), OrderedDict[tuple[str, str], SeenOutside]()
        due: dict[tuple[str, str], SeenOutside] = {}
        begun = False
        while self._holds():
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    value = _read(partition.topic, record)
                    if isinstance(value, SeenOutside):
                        _keep(written, value)
                    elif value is not None:
                        due.update({(seen.hotspot_id, seen.list): seen for seen in _compare(book, value)})
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


def _read(topic: str, record: Any) -> SeenOutside | Alert | Brief | Listing | None:
    if record.value is None:
        return None
    try:
        return msgspec.json.decode(record.value, type=_TYPES[topic])  # type: ignore[no-any-return]
    except msgspec.MsgspecError as error:
        log.warning("%s at %d is not compared: %s", topic, record.offset, error)
        return None


def _compare(book: LeadBook, value: Alert | Brief | Listing) -> list[SeenOutside]:
    if isinstance(value, Listing):
        return book.listed(value)
    if isinstance(value, Alert):
        if value.simulated:
            return []
        return book.told(value.hotspot_id, value.emitted_at, (*value.terms, *value.why.top_terms))
    if not value.headline_evidence:
        return []
    return book.worded(value.hotspot_id, " ".join((value.headline, *(said.text for said in value.sentences))))
