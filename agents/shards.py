"""Agent of topic `terms`: unites slices into the shards of the partitions held, publishes what each bucket showed."""

import asyncio
from collections.abc import Sequence

import faust
import msgspec

from agents.adapters import metrics
from agents.adapters.tracing import Headers, TracedSlices, told_slices
from agents.keeper import Keeper
from agents.runtime import Runtime, take_each
from streams.contracts.bursts import BucketRecord
from streams.contracts.posts import position_of
from streams.contracts.topics import BURSTS, SHARD_SNAPSHOTS, TERMS
from streams.counting.parts import decode_part
from streams.hotspots.shard import Shard
from streams.pipeline import PipelineSettings
from streams.privacy.rotations import Rotations


class Shards:
    """The shards that one partition of `terms` feeds."""

    def __init__(self, settings: PipelineSettings, rotations: Rotations, snapshot: bytes | None) -> None:
        self._settings = settings
        self._rotations = rotations
        self._torn = False
        held = {} if snapshot is None else msgspec.msgpack.decode(snapshot, type=dict[int, bytes])
        self._shards = {
            number: Shard.restore(number, settings.shards, settings.lateness_ms, settings.detector(), state, rotations)
            for number, state in held.items()
        }

    def at(self, number: int) -> Shard:
        """Return a shard, a new one if this partition has not fed it yet."""
        if number not in self._shards:
            settings = self._settings
            self._shards[number] = Shard(
                number, settings.shards, settings.lateness_ms, settings.detector(), self._rotations
            )
            if self._torn:
                self._shards[number].coverage.tear()
        return self._shards[number]

    def lose(self) -> None:
        """Let the shards go on behind what the log has lost."""
        self._torn = True
        for shard in self._shards.values():
            shard.coverage.tear()

    def state(self) -> bytes:
        """Return the states of all its shards: they stand at one offset, so they are kept and found together."""
        return msgspec.msgpack.encode({number: shard.state() for number, shard in sorted(self._shards.items())})


class ShardsAgent:
    """Holds the shards whose partitions of `terms` this worker reads."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._encoder = msgspec.msgpack.Encoder()
        self._traced = TracedSlices()
        self.keeper = Keeper(
            runtime,
            TERMS,
            SHARD_SNAPSHOTS,
            lambda found: Shards(runtime.pipeline(), runtime.intake.rotations, found),
            self._apply,
        )

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self.keeper.take)

    async def _apply(self, shards: Shards, value: bytes) -> None:
        part = decode_part(value)
        shard = shards.at(part.shard)
        if self._runtime.traces.on:
            self._traced.keep_current(part.partition, part.start, part.end)
        with self._runtime.traces.step("count", shard=part.shard):
            records = shard.apply(part)
            if records:
                await self._publish(records)
        if records:
            metrics.WATERMARK_SECONDS.labels(shard=str(part.shard)).set(shard.coverage.watermark() / 1000)

    async def _publish(self, records: Sequence[BucketRecord]) -> None:
        producer = await self._runtime.producer()
        sent = [
            await producer.send(
                BURSTS.name,
                self._encoder.encode(record),
                str(record.shard).encode(),
                partition=0,
                headers=self._carried(record),
            )
            for record in records
        ]
        await asyncio.gather(*sent)

    def _carried(self, record: BucketRecord) -> Headers:
        if not self._runtime.traces.on:
            return []
        evidence = (found for burst in record.bursts if burst.significant for found in burst.sample)
        return told_slices(
            self._traced.of((found.partition, position_of(found.offset, found.index)) for found in evidence)
        )
