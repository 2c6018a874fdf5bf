"""State of an agent by input partition: recovered on assignment, snapshotted, and only then committed.

Shared by the two agents that keep state. The order is the guarantee: outputs acknowledged, snapshot acknowledged,
offsets committed; so whatever a kill takes is read again, and what is read again changes nothing.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from aiokafka import TopicPartition
from faust.types import TP, Message

from agents.adapters import metrics
from agents.runtime import Runtime, die
from agents.snapshots import SnapshotStore
from streams.contracts.topics import Topic

log = logging.getLogger(__name__)


class LogGap(Exception):
    """Records that must be there were not delivered."""


class Kept(Protocol):
    """A state that can be snapshotted."""

    def state(self) -> bytes:
        """Return everything it knows; building from this continues byte for byte."""
        ...


S = TypeVar("S", bound=Kept)


class Holding(Generic[S]):
    """What is held of one partition under one assignment."""

    def __init__(self, generation: int, store: SnapshotStore, state: S, next_offset: int) -> None:
        self.generation = generation
        self.store = store
        self.state = state
        self.next_offset = next_offset
        self.saved_offset = next_offset
        self.saved_at = time.monotonic()


class Keeper(Generic[S]):
    """Keeps the state of every partition of one topic that this worker holds.

    Args:
        runtime: of the worker.
        topic: the input.
        snapshots: its compacted topic, with the same number of partitions.
        make: builds the state of a partition from the bytes that its snapshot holds, None on a first start.
    """

    def __init__(self, runtime: Runtime, topic: Topic, snapshots: Topic, make: Callable[[bytes | None], S]) -> None:
        self._runtime = runtime
        self._topic = topic
        self._snapshots = snapshots
        self._make = make
        self._holdings: dict[int, Holding[S]] = {}
        self._seeking: set[int] = set()
        self.busy = asyncio.Lock()
        self.recovering = False

    async def state_before(self, message: Message) -> S | None:
        """Return the state that `message` continues, or None if it is contained already.

        Raises:
            LogGap: records before `message` are missing.
        """
        partition = message.partition
        holding = self._holdings.get(partition)
        if holding is None or holding.generation != message.generation_id:
            holding = await self._hold(partition, message.generation_id, holding)
        if message.offset < holding.next_offset:
            return None
        if message.offset > holding.next_offset:
            if partition in self._seeking:
                return None  # fetched before the consumer went back to where the snapshot ends
            raise LogGap(f"{self._topic.name}/{partition} jumps from offset {holding.next_offset} to {message.offset}")
        self._seeking.discard(partition)
        return holding.state

    def contains(self, message: Message) -> None:
        """Note that the state now contains `message` and that its outputs are acknowledged."""
        self._holdings[message.partition].next_offset = message.offset + 1

    async def _hold(self, partition: int, generation: int, held: Holding[S] | None) -> Holding[S]:
        tp = TP(self._topic.name, partition)
        committed = self._runtime.committed(tp)
        if held is not None and committed <= held.next_offset:
            # Kept across a rebalance: it is the state after a prefix of the log, and reading resumes before its end.
            held.generation = generation
            return held
        self.recovering = True
        try:
            began = time.monotonic()
            store = SnapshotStore(
                self._topic.name, self._snapshots, partition, await self._runtime.producer(), self._runtime.consumer
            )
            found = await store.load()
            reach = 0 if found is None else found.sources[partition]
            start = max(reach, await self._beginning(tp))
            if start > reach and (found or committed):
                log.error("%s/%d: offsets %d to %d expired before they were counted", *tp, reach, start)
                metrics.OFFSETS_SKIPPED.inc(start - reach)
            if start < committed:
                log.warning(
                    "%s/%d: the snapshot ends at %d, before the commit at %d: reading again", *tp, start, committed
                )
                self._seeking.add(partition)
                await self._runtime.app.consumer.seek(tp, start)
            self._holdings[partition] = Holding(generation, store, self._make(found.data if found else None), start)
            metrics.RECOVERY_SECONDS.observe(time.monotonic() - began)
            log.info("%s/%d: %s offset %d", *tp, "recovered up to" if found else "begins at", start)
        finally:
            self.recovering = False
        return self._holdings[partition]

    async def _beginning(self, tp: TP) -> int:
        consumer = self._runtime.consumer()
        await consumer.start()
        try:
            target = TopicPartition(tp.topic, tp.partition)
            offsets: dict[TopicPartition, int] = await consumer.beginning_offsets([target])
            return offsets[target]
        finally:
            await consumer.stop()

    async def save_often(self) -> None:
        """Snapshot what moved, every `snapshot_s` seconds, for as long as the worker lives."""
        while True:
            await asyncio.sleep(min(1.0, self._runtime.settings.snapshot_s))
            try:
                await self.save(self._runtime.settings.snapshot_s)
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    async def save(self, older_than_s: float = 0.0) -> None:
        """Snapshot the partitions that moved and whose last snapshot is older than `older_than_s`, then commit them."""
        app = self._runtime.app
        for partition, holding in list(self._holdings.items()):
            tp = TP(self._topic.name, partition)
            if app.rebalancing:
                return
            if tp not in app.consumer.assignment():
                async with self.busy:
                    self._holdings.pop(partition, None)
                continue
            if holding.next_offset == holding.saved_offset or time.monotonic() - holding.saved_at < older_than_s:
                continue
            began = time.monotonic()
            async with self.busy:
                next_offset, data = holding.next_offset, holding.state.state()
            await holding.store.save(data, {partition: next_offset})
            await self._runtime.commit(tp, next_offset)
            holding.saved_offset, holding.saved_at = next_offset, time.monotonic()
            metrics.SNAPSHOT_SECONDS.labels(topic=self._snapshots.name).observe(time.monotonic() - began)
            metrics.SNAPSHOT_BYTES.labels(topic=self._snapshots.name).set(len(data))
        if self._holdings:
            metrics.SNAPSHOT_TIMESTAMP_SECONDS.labels(topic=self._snapshots.name).set_to_current_time()
        else:
            metrics.SNAPSHOT_TIMESTAMP_SECONDS.remove(self._snapshots.name)
