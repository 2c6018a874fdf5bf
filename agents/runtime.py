"""What the agents of one worker share: settings, connections, intake, scorer, and the one way to fail.

A worker is crash-only (Candea and Fox, 2003): its state is safe at any kill, so a fault that an agent cannot handle
ends the process at once, rather than leave a hole behind an agent that was restarted past its event.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

import faust
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faust.types import TP, Message

from agents.adapters.connection import asynchronous
from agents.adapters.following import asked, leave
from agents.adapters.tracing import make_traces
from agents.settings import Settings
from streams.contracts.snapshots import StateUnreadable
from streams.intake import Intake, Record
from streams.pipeline import PipelineSettings
from streams.privacy.takenback import TakenBack

if TYPE_CHECKING:  # with the encoder off a worker does not even load the runtime
    from agents.adapters.onnx import ScoringThread

log = logging.getLogger(__name__)

FATAL_EXIT: Final = 70
"""Exit status of a worker that met a fault it cannot handle (EX_SOFTWARE)."""

METADATA_MS: Final = 30_000
"""How soon partitions that were added are seen."""

UNTOLD: Final = b"the worker ends, its state is safe; why cannot be told: memory or the disk of the log ran out\n"

_reserve = bytearray(2**20)
"""Memory that is given back when there is no other, so that the worker can still say why it ends."""


class LogReplaced(Exception):
    """A log ends before what was counted of it. It is another log: all that it brings would pass for counted."""


class Runtime:
    """Shared by the agents of one worker."""

    def __init__(self, settings: Settings, app: faust.App, intake: Intake, scoring: "ScoringThread | None") -> None:
        self.settings = settings
        self.app = app
        self.intake = intake
        self.scoring = scoring
        self.taken_back = TakenBack(intake.authors)
        self.traces = make_traces(settings)
        self.stopped_because: str | None = None
        """Why this worker reads no more posts, until a person looks; None while it reads."""
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self._commits: dict[TP, int] = {}

    def pipeline(self) -> PipelineSettings:
        """Return the settings that this deployment shares with `backtest`."""
        return self.settings.pipeline()

    async def producer(self) -> AIOKafkaProducer:
        """Return the worker's producer, started at first use: idempotent, acknowledged by all replicas, batching."""
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **asynchronous(self.settings),
                    enable_idempotence=True,
                    acks="all",
                    linger_ms=5,
                    max_batch_size=256 * 1024,
                    max_request_size=2 * 1024 * 1024,
                    metadata_max_age_ms=METADATA_MS,
                )
                try:
                    await asked(producer.start())
                except BaseException:
                    await leave(producer)
                    raise
                self._producer = producer
        return self._producer

    def consumer(self) -> AIOKafkaConsumer:
        """Return a new consumer without a group, for reading given places of the log."""
        return AIOKafkaConsumer(
            **asynchronous(self.settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=2 * 1024 * 1024,
        )

    async def partitions_of(self, topic: str) -> int:
        """Return how many partitions `topic` has."""
        found = await (await self.producer()).partitions_for(topic)
        return len(found)

    @property
    def joined(self) -> bool:
        """Whether the group has given this worker its partitions, and is not giving them anew."""
        return self.app.consumer_generation_id > 0 and not self.app.rebalancing

    def held(self) -> set[TP]:
        """Return the partitions that the group has given this worker, none while it has not joined.

        Faust has a consumer that may be asked only after it was joined: before, the question itself is an error.
        """
        return set(self.app.consumer.assignment()) if self.joined else set()

    def committed(self, tp: TP) -> int:
        """Return the offset that this group reads next after a restart, 0 for a partition it never committed."""
        # Faust reads it from the broker on every assignment, before the first event, and keeps it under this name only.
        offset: int | None = self.app.consumer._committed_offset.get(tp)
        return max(offset or 0, 0)

    def done(self, tp: TP) -> int:
        """Return the offset up to which everything is committed, this worker's own commits included."""
        return max(self.committed(tp), self._commits.get(tp, 0))

    async def commit(self, tp: TP, next_offset: int) -> None:
        """Commit that everything below `next_offset` is safe. A partition lost meanwhile is left to its new owner.

        Topics are read with `acks=False`: Faust's own bookkeeping commits past gaps (docs/decisions/0003).
        """
        if next_offset <= self.done(tp) or tp not in self.app.consumer.assignment():
            return
        if await self.app.consumer._commit({tp: next_offset}):
            self._commits[tp] = next_offset

    async def compare_with_log(self, tp: TP, reached: int) -> None:
        """Look whether a partition holds what was counted of it, up to `reached`.

        Raises:
            LogReplaced: it ends before that.
        """
        end = (await self.app.consumer.highwaters(tp)).get(tp)
        if end is not None and end < reached:
            raise LogReplaced(f"{tp.topic}/{tp.partition} was counted up to offset {reached} and ends at {end}")

    async def stop(self) -> None:
        """Flush and close the producer, and what sends traces."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await leave(producer)
        await asyncio.to_thread(self.traces.close)


def record_of(message: Message) -> Record:
    """Return a message that Faust read as the record that intake reads."""
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        value=message.value,
        timestamp_ms=round((message.timestamp or 0.0) * 1000),
        headers=dict(message.headers) if message.headers else {},
    )


async def take_each(stream: faust.StreamT[bytes], take: Callable[[Message], Awaitable[None]]) -> None:
    """Take a stream's messages one after another: the body of an agent. What one of them raises ends the process."""
    async for event in stream.events():
        try:
            await take(event.message)
        except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
            die(error)


def die(reason: BaseException) -> NoReturn:
    """End the process at once, whatever telling why comes to; see the module's docstring."""
    _reserve.clear()
    try:
        _tell(reason)
    except BaseException:  # noqa: BLE001 - if it got out of here, the agent would be restarted past its event
        with suppress(OSError):
            os.write(2, UNTOLD)
    finally:
        os._exit(FATAL_EXIT)


def _tell(reason: BaseException) -> None:
    if isinstance(reason, StateUnreadable):
        log.critical(
            "%s: run the version that wrote it, or empty the snapshot topics to count anew what the log holds", reason
        )
    elif isinstance(reason, LogReplaced):
        log.critical(
            "%s: it is another log than the one that was counted: bring that back, or count this one on new topics",
            reason,
        )
    elif isinstance(reason, MemoryError):
        log.critical(
            "the worker ends, its state is safe: it can get no more memory; raise its limit, or run more workers"
        )
    else:
        log.critical("the worker ends, its state is safe: %s: %s", type(reason).__name__, reason, exc_info=reason)
    logging.shutdown()
    sys.stderr.flush()


def die_if_failed(task: "asyncio.Task[None]") -> None:
    """End the process when a task of the worker's own ended with an error: called when the task is done."""
    if not task.cancelled() and (error := task.exception()) is not None:
        die(error)
