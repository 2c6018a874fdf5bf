"""The engine of hotspots alone: one shard, terms given, beside sets of authors kept by hand, which are exact."""

import math
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from agents.bench.paired import Work, measure
from agents.bench.report import Figure, Report
from streams.contracts.posts import POSITION_BITS
from streams.contracts.slices import POST_NAMES, Part
from streams.contracts.times import BUCKET_MS
from streams.hotspots.settings import WINDOW, DetectorSettings
from streams.hotspots.shard import Shard

BEGIN_MS: Final = 29_500_000 * BUCKET_MS
LATENESS_MS: Final = 30_000
A_SLICE: Final = 4096
TERMS_A_POST: Final = 20
DAY_MINUTES: Final = 26 * 60
"""Habits and baselines are known after a day, and what was news at its beginning is no more."""
HOUR_MINUTES: Final = 65
"""Minutes at the full rate before what is measured: by then the window is full."""
QUIETER: Final = 10
"""By how much fewer posts a minute the day has than the hour and what is measured."""
SETTLING: Final = 2
"""Slices after which a shard that was restored has built its indexes again: a minute and a third."""
EXACT: Final = "sets of authors"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Made-up posts: ranks of terms follow Zipf's law over `vocabulary`, authors are uniform."""

    posts: int
    minutes: int
    begin: int = 0
    """Minute of the first post, and with `offset` its place in the log: one load may continue another."""
    offset: int = 0
    vocabulary: int
    authors: int
    seed: int = 1
    fresh: bool = False
    """Each term is new: the vocabulary is walked through once instead of drawn from."""

    def parts(self) -> Iterator[Part]:
        """Yield the slices of one partition, all of whose terms one shard counts."""
        chance = np.random.default_rng(self.seed)
        for first in range(0, self.posts, A_SLICE):
            yield self._part(chance, first, min(A_SLICE, self.posts - first))

    def _part(self, chance: np.random.Generator, first: int, posts: int) -> Part:
        number = np.arange(first, first + posts, dtype=np.int64)
        created = BEGIN_MS + self.begin * BUCKET_MS + number * (self.minutes * BUCKET_MS) // self.posts
        number += self.offset
        drawn = self._ranks(chance, first, posts)
        pairs = np.unique(drawn.ravel() * A_SLICE + np.repeat(np.arange(posts), TERMS_A_POST))
        terms, counts = np.unique(pairs // A_SLICE, return_counts=True)
        # As many digits for every rank keep the order of the numbers.
        names = [f"word:t{rank:08d}" for rank in terms.tolist()]
        start, end = number[[0, -1]] + [0, 1]
        return Part(
            shard=0, partition=0, partitions=1, start=int(start) << POSITION_BITS, end=int(end) << POSITION_BITS,
            first=int(created[0]), watermark=int(created[-1]), idle=False, posts=posts,
            ids=[f"p{n}" for n in number.tolist()], lang=["en"] * posts, platform=["bench"] * posts,
            position=(number << POSITION_BITS).astype("<i8").tobytes(),
            author=self._authors(chance, posts).tobytes(),
            created=created.astype("<i8").tobytes(),
            seen=np.concatenate(([-1], created[:-1])).astype("<i8").tobytes(),
            copy=bytes(8 * posts), sentiment=np.full((posts, 3), np.nan, "<f4").tobytes(),
            terms=names, counts=counts.astype("<u4").tobytes(), rows=(pairs % A_SLICE).astype("<u4").tobytes(),
            names=bytes(4 * POST_NAMES * posts),
        )  # fmt: skip

    def _ranks(self, chance: np.random.Generator, first: int, posts: int) -> npt.NDArray[np.int64]:
        shape = (posts, TERMS_A_POST)
        if self.fresh:
            return np.arange(first * TERMS_A_POST, (first + posts) * TERMS_A_POST).reshape(shape) % self.vocabulary
        # Zipf's law with exponent 1: the logarithm of the rank is uniform.
        return np.exp(chance.random(shape) * math.log(self.vocabulary)).astype(np.int64) % self.vocabulary

    def _authors(self, chance: np.random.Generator, posts: int) -> npt.NDArray[np.uint64]:
        # Spread over 64 bits like hashes: halving keeps those that begin with zeros.
        chosen = chance.integers(0, self.authors, posts).astype(np.uint64)
        return chosen * np.uint64(0x9E3779B97F4A7C15)


def fresh_shard(settings: DetectorSettings | None = None) -> Shard:
    """Return the only shard of a deployment, that has seen nothing."""
    return Shard(0, 1, LATENESS_MS, settings or DetectorSettings())


def history(load: Load) -> tuple[Load, Load, Load]:
    """Return a day that is quieter than `load`, an hour that is not, and `load` after them."""
    rate = load.posts // load.minutes
    replace = msgspec.structs.replace
    day = replace(load, posts=rate * DAY_MINUTES // QUIETER, minutes=DAY_MINUTES, seed=load.seed + 1)
    hour = replace(
        load, posts=rate * HOUR_MINUTES, minutes=HOUR_MINUTES, begin=DAY_MINUTES, offset=day.posts, seed=load.seed + 2
    )
    return day, hour, replace(load, begin=DAY_MINUTES + HOUR_MINUTES, offset=day.posts + hour.posts)


def restored(state: bytes) -> Shard:
    """Return a shard that continues from a state."""
    return Shard.restore(0, 1, LATENESS_MS, DetectorSettings(), state)


def engine(load: Load, runs: int) -> dict[str, Work]:
    """Return a shard over the load after its history, and the bare minimum by hand: the authors of terms and buckets.

    Args:
        load: begins at the first minute.
        runs: how often the shard may be run.
    """
    *before, measured = history(load)
    latest: deque[Part] = deque()
    shard = fresh_shard()
    for part in (part for one in before for part in one.parts()):
        latest.append(part)
        if len(latest) > SETTLING:
            shard.apply(latest.popleft())
    parts, state = list(measured.parts()), shard.state()
    shards = [restored(state) for _ in range(runs)]
    for settling in shards:
        for part in latest:
            settling.apply(part)

    def run() -> None:
        running = shards.pop()
        for part in parts:
            running.apply(part)

    return {EXACT: lambda: exact(parts), "shard": run}


def exact(parts: list[Part]) -> dict[int, dict[str, set[int]]]:
    """Return the authors of every term in every bucket."""
    found: dict[int, dict[str, set[int]]] = {}
    for part in parts:
        author = np.frombuffer(part.author, "<u8").tolist()
        bucket = (np.frombuffer(part.created, "<i8") // BUCKET_MS).tolist()
        rows = iter(np.frombuffer(part.rows, "<u4").tolist())
        for term, number in zip(part.terms, np.frombuffer(part.counts, "<u4").tolist(), strict=True):
            for _ in range(number):
                row = next(rows)
                found.setdefault(bucket[row], {}).setdefault(term, set()).add(author[row])
    return found


def loss(load: Load) -> list[float]:
    """Return how far the hour's distinct authors lie off the exact number, as a share, for each term reported."""
    parts = list(load.parts())
    authors = exact(parts)
    shard = fresh_shard()
    off = []
    for record in (record for part in parts for record in shard.apply(part)):
        for burst in record.bursts:
            hour: set[int] = set()
            for bucket in range(record.bucket - WINDOW + 1, record.bucket + 1):
                hour |= authors.get(bucket, {}).get(burst.term, set())
            off.append(abs(burst.authors[-1] - len(hour)) / max(len(hour), 1))
    return off


def held_mib() -> float:
    """Return what a shard holds after ten million different terms of a million authors, in a process of its own."""
    command = [sys.executable, "-m", "agents.bench.memory"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def steps(repeats: int) -> int:
    """Return how often `hotspots` says that it came on: after two histories, and after each run of three cases."""
    return 2 + 3 * (repeats + 1)


def hotspots(*, posts: int, repeats: int, on_run: Callable[[], None] = lambda: None, memory: bool = True) -> Report:
    """Measure the engine: its speed at two vocabularies, its memory, and what halving costs in accuracy."""
    small = Load(posts=posts, minutes=10, vocabulary=10_000, authors=100_000)
    large = msgspec.structs.replace(small, vocabulary=10_000_000, authors=1_000_000)
    cases = engine(small, repeats + 1)
    on_run()
    cases["shard, 10,000,000 terms"] = engine(large, repeats + 1)["shard"]
    on_run()
    measured = measure(EXACT, cases, posts, repeats, on_run)
    rates = {case.name: case.posts_per_second for case in measured}
    grown = tuple(one / other for one, other in zip(rates["shard"], rates["shard, 10,000,000 terms"], strict=True))
    off = loss(small)
    figures = [
        Figure(name="posts a CPU-second, 20 terms a post", unit="posts/s", values=rates["shard"], bar="≥ 100,000"),
        Figure(name="CPU a post, vocabulary of 10,000,000 ÷ 10,000", unit="", values=grown, bar="≤ 1.3"),
        Figure(name="distinct authors off by, mean", unit="share", values=(sum(off) / max(len(off), 1),)),
        Figure(name="distinct authors off by, most", unit="share", values=(max(off, default=0.0),)),
    ]
    if memory:
        figures.append(
            Figure(name="10,000,000 terms, 1,000,000 authors", unit="MiB", values=(held_mib(),), bar="< 400 MB")
        )
    return Report(bench="hotspots", posts=posts, reference=EXACT, measured=tuple(measured), figures=tuple(figures))
