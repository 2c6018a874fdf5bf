"""State of an agent by input partition: recovered on assignment, snapshotted, and only then committed.

Shared by the two agents that keep state. The order is the guarantee: outputs acknowledged, snapshot acknowledged,
offsets committed; so whatever a kill takes is read again, and what is read again changes nothing.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

import msgspec
from faust.types import TP, Message

from agents.adapters import metrics
from agents.burying import bury_value
from agents.rereading import reread
from agents.runtime import Runtime, die
from agents.snapshots import SnapshotStore
from streams.contracts.topics import Topic

log = logging.getLogger(__name__)


class Kept(Protocol):
    """A state that can be snapshotted."""

    def state(self) -> bytes:
        """Return everything it knows; building from this continues byte for byte."""
        ...

    def lose(self) -> None:
        """Note that records before the next one are lost for good: what waits for them must wait no longer."""
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
        self.compared = False
        """Whether the log was seen to reach as far as the state."""


class Keeper(Generic[S]):
    """Keeps the state of every partition of one topic that this worker holds.

    Args:
        runtime: of the worker.
        topic: the input.
        snapshots: its compacted topic, with the same number of partitions.
        make: builds the state of a partition from the bytes that its snapshot holds, None on a first start.
        apply: lets a state take a value, and returns when what that brought out is acknowledged.
    """

    def __init__(
        self,
        runtime: Runtime,
        topic: Topic,
        snapshots: Topic,
        make: Callable[[bytes | None], S],
        apply: Callable[[S, bytes], Awaitable[None]],
    ) -> None:
        self._runtime = runtime
        self._topic = topic
        self._snapshots = snapshots
        self._make = make
        self._apply = apply
        self._holdings: dict[int, Holding[S]] = {}
        self._busy = asyncio.Lock()
        self.recovering = False

    async def take(self, message: Message) -> None:
        """Bring the state of the message's partition behind the message, reading what lies between if need be."""
        partition = message.partition
        holding = self._holdings.get(partition)
        if holding is None or holding.generation != message.generation_id:
            holding = await self._hold(partition, message.generation_id, holding)
        if message.offset < holding.next_offset:
            if not holding.compared:
                await self._runtime.compare_with_log(TP(self._topic.name, partition), holding.next_offset)
                holding.compared = True
            return
        if message.offset == holding.next_offset or await self._catch_up(holding, partition, message.offset):
            with self._runtime.traces.message(message.headers):
                await self._advance(holding, partition, message.offset, message.value)

    async def _advance(self, holding: Holding[S], partition: int, offset: int, value: bytes | None) -> None:
        async with self._busy:
            try:
                await self._apply(holding.state, value or b"")
            except msgspec.MsgspecError as error:  # it is read before it changes anything
                # Not ours: nothing is missing. If it was ours and broke, the state will miss it and say so.
                await bury_value(self._runtime, TP(self._topic.name, partition), offset, value or b"", error)
            holding.next_offset = offset + 1
            holding.compared = True

    async def _catch_up(self, holding: Holding[S], partition: int, until: int) -> bool:
        """Take what the log has before `until`; False if the partition was lost meanwhile.

        The worker's consumer reads on from the group's commit, which a snapshot may not reach: one that is damaged or
        lost leaves an older one, or none. Seeking that consumer back would race with what it has fetched already.
        """
        tp, generation = TP(self._topic.name, partition), holding.generation
        log.warning("%s/%d: reading offsets %d to %d again", *tp, holding.next_offset, until)
        self.recovering = True
        try:
            async for record in reread(self._runtime.consumer, tp, holding.next_offset, until):
                if self._runtime.app.consumer_generation_id != generation:
                    return False
                self._lose(holding, tp, record.offset)
                with self._runtime.traces.message(record.headers):
                    await self._advance(holding, partition, record.offset, record.value)
            self._lose(holding, tp, until)
            return True
        finally:
            self.recovering = False

    def _lose(self, holding: Holding[S], tp: TP, next_offset: int) -> None:
        """Go on at `next_offset` although nothing before it is left to read."""
        if next_offset <= holding.next_offset:
            return
        log.error("%s/%d: offsets %d to %d expired before they were counted", *tp, holding.next_offset, next_offset)
        metrics.OFFSETS_SKIPPED.inc(next_offset - holding.next_offset)
        holding.state.lose()
        holding.next_offset = next_offset

    async def _hold(self, partition: int, generation: int, held: Holding[S] | None) -> Holding[S]:
        tp = TP(self._topic.name, partition)
        if held is not None and self._runtime.committed(tp) <= held.next_offset:
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
            start = 0 if found is None else found.sources.get(partition, 0)
            holding = Holding(generation, store, self._make(found.data if found else None), start)
            self._holdings[partition] = holding
            metrics.RECOVERY_SECONDS.observe(time.monotonic() - began)
            log.info("%s/%d: %s offset %d", *tp, "recovered up to" if found else "begins at", start)
        finally:
            self.recovering = False
        return holding

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
                async with self._busy:
                    self._holdings.pop(partition, None)
                continue
            if holding.next_offset == holding.saved_offset:
                if holding.compared:  # a kill between the two leaves a snapshot, perhaps of the log's last record
                    await self._runtime.commit(tp, holding.saved_offset)
                continue
            if time.monotonic() - holding.saved_at < older_than_s:
                continue
            began = time.monotonic()
            async with self._busy:
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
