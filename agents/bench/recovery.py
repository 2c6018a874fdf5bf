"""How soon a worker works again: the snapshot of a large shard read back, and a start until `/readyz` says yes."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faust.types import TP

from agents.adapters.connection import asynchronous
from agents.adapters.following import connected
from agents.bench.engine import TERMS_A_POST, Load, fresh_shard
from agents.bench.paired import Measured
from agents.bench.report import Figure, Report
from agents.bench.standing import stand
from agents.errors import RedianError
from agents.rereading import reread
from agents.settings import Settings
from agents.snapshots import SnapshotStore
from streams.contracts.topics import SHARD_SNAPSHOTS, TERMS
from streams.hotspots.settings import DetectorSettings
from streams.hotspots.shard import Shard

A_MILLION: Final = 1_000_000
READ: Final = "bare read"


def state_of(terms: int) -> bytes:
    """Return the state of a shard that knows so many terms, each used once in the last hour."""
    load = Load(posts=terms // TERMS_A_POST, minutes=50, vocabulary=terms, authors=100_000, fresh=True)
    shard = fresh_shard(DetectorSettings(max_terms=2 * terms))
    for part in load.parts():
        shard.apply(part)
    return shard.state()


def recovery(
    chosen: Mapping[str, str], *, repeats: int, terms: int = A_MILLION, on_round: Callable[[], None] = lambda: None
) -> Report:
    """Measure reading a shard back beside a bare read of the same partition, and the start of a worker.

    The worker starts on empty topics, so that it is its own start that is seen; its model is the one in `chosen`.
    """
    state = state_of(terms)
    starts: list[float] = []
    with tempfile.TemporaryDirectory(prefix="redian-bench-") as folder, stand(Path(folder), chosen) as place:
        for _ in range(repeats):
            began = time.monotonic()
            with place.worker():
                starts.append(time.monotonic() - began)
            on_round()
        found = asyncio.run(_rounds(place.settings, state, repeats))
        broker = place.broker.name
    bare, whole, wall = zip(*found, strict=True)
    return Report(
        bench="recovery",
        posts=terms,
        reference=READ,
        measured=(
            Measured(name=READ, posts_per_second=tuple(terms / s for s in bare), ratios=(1.0,) * repeats),
            Measured(
                name="shard read back",
                posts_per_second=tuple(terms / s for s in whole),
                ratios=tuple(one / other for one, other in zip(bare, whole, strict=True)),
            ),
        ),
        figures=(
            Figure(name=f"shard of {terms:,} terms read back", unit="s", values=wall, bar="≤ 10 at 1,000,000"),
            Figure(name="its snapshot", unit="MiB", values=(len(state) / 2**20,)),
            Figure(name="start to ready, the group's join included", unit="s", values=tuple(starts)),
        ),
        on={"broker": broker, **chosen},
    )


async def _rounds(settings: Settings, state: bytes, repeats: int) -> list[tuple[float, float, float]]:
    """Return processor seconds of the bare read and of the recovery, and wall seconds of the latter, by round."""

    def consumer() -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **asynchronous(settings), enable_auto_commit=False, max_partition_fetch_bytes=2 * 1024 * 1024
        )

    found = []
    producer = AIOKafkaProducer(
        **asynchronous(settings), enable_idempotence=True, acks="all", linger_ms=5,
        max_batch_size=256 * 1024, max_request_size=2 * 1024 * 1024,
    )  # fmt: skip
    async with connected(producer):
        store = SnapshotStore(TERMS.name, SHARD_SNAPSHOTS, 0, producer, consumer)
        await store.save(state, {0: 1})
        for _ in range(repeats):
            began = time.process_time()
            async for _ in reread(consumer, TP(SHARD_SNAPSHOTS.name, 0), 0, None):
                pass
            bare = time.process_time() - began
            began, began_wall = time.process_time(), time.monotonic()
            snapshot = await store.load()
            if snapshot is None:
                raise RedianError("the snapshot that was just written is not on its topic")
            Shard.restore(0, 1, 60_000, DetectorSettings(max_terms=2 * A_MILLION), snapshot.data)
            found.append((bare, time.process_time() - began, time.monotonic() - began_wall))
    return found
