"""Snapshots on their compacted topic: written before anything they contain is committed, read back on assignment."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faust.types import TP

from agents.rereading import reread
from streams.contracts.topics import Topic
from streams.snapshots import Snapshot, newest_of, part_key, records_of

log = logging.getLogger(__name__)


class SnapshotStore:
    """The snapshots of the state that one partition of an input topic feeds.

    It is one state with one manifest, whatever it consists of: of two manifests a kill could leave one, and what the
    other stood for would begin anew in the middle of the log.

    Args:
        state: its name.
        topic: the compacted topic.
        partition: the one that belongs to the input partition.
        producer: idempotent, acks=all.
        consumer: makes an unsubscribed consumer, started by the store and stopped after each load.
    """

    def __init__(
        self,
        state: str,
        topic: Topic,
        partition: int,
        producer: AIOKafkaProducer,
        consumer: Callable[[], AIOKafkaConsumer],
    ) -> None:
        self._state = state
        self._topic = topic
        self._partition = partition
        self._producer = producer
        self._consumer = consumer
        self._writer = uuid.uuid4().hex[:12]
        self._generation = 0
        self._parts = 0
        self._strangers: frozenset[str] = frozenset()

    async def load(self) -> Snapshot | None:
        """Read the partition to its end and return the newest complete snapshot, None if there is none.

        Raises:
            LogUnreadable: the topic did not answer in time.
        """
        tp = TP(self._topic.name, self._partition)
        records = [(_text_of(record.key or b""), record.value) async for record in reread(self._consumer, tp, 0, None)]
        found = newest_of(records)
        for reason in found.unusable:
            log.warning("a snapshot on %s/%d is unusable and passed over: %s", *tp, reason)
        self._strangers = found.keys
        return found.newest.get(self._state)

    async def save(self, data: bytes, sources: dict[int, int]) -> None:
        """Write a snapshot of the state and return once all of it is acknowledged.

        The parts of the generation before, and what earlier writers left, are removed afterwards.
        """
        self._generation += 1
        *parts, manifest = records_of(Snapshot(self._state, self._writer, self._generation, data, sources))
        await self._send_all(parts)
        await self._send_all([manifest])
        old = [part_key(self._state, self._writer, self._generation - 1, number) for number in range(self._parts)]
        await self._send_all([(key, None) for key in [*old, *sorted(self._strangers)]])
        self._parts, self._strangers = len(parts), frozenset()

    async def _send_all(self, records: Sequence[tuple[str, bytes | None]]) -> None:
        sent = [
            await self._producer.send(self._topic.name, value, _bytes_of(key), partition=self._partition)
            for key, value in records
        ]
        await asyncio.gather(*sent)


def _text_of(key: bytes) -> str:
    """Return a key as text; even one that is no text can be named again, to remove it."""
    return key.decode(errors="surrogateescape")


def _bytes_of(key: str) -> bytes:
    return key.encode(errors="surrogateescape")
