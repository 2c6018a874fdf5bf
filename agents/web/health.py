"""The figures of the page's health strip, read from the worker's metrics; what to make of them is the page's to say."""

from typing import Any

import msgspec
from prometheus_client import Counter, Gauge, Histogram

from agents.adapters import metrics
from agents.web.readiness import Check, Found, Readiness


class Health(msgspec.Struct, frozen=True):
    """One look at a worker. Counters since its start; rates are the difference of two looks.

    `lag` are messages not committed, of the partitions this worker holds; `counted_s` and `counted` the sum and number
    of the waits from arrival to counted; `watermark_ms` is the event time of its slowest shard, 0 without one.
    """

    ready: bool
    checks: dict[Check, Found]
    posts: float
    dead: float
    late: float
    lag: float
    counted_s: float
    counted: float
    watermark_ms: float
    hotspots: float


def look(readiness: Readiness) -> Health:
    """Return the state of this worker now."""
    shards = _samples(metrics.WATERMARK_SECONDS)
    return Health(
        ready=readiness.ready,
        checks=readiness.found,
        posts=_total(metrics.POSTS_OUT),
        dead=_total(metrics.POSTS_DEAD),
        late=_total(metrics.POSTS_LATE),
        lag=_total(metrics.LAG),
        counted_s=_total(metrics.ARRIVAL_TO_COUNTED_SECONDS, "_sum"),
        counted=_total(metrics.ARRIVAL_TO_COUNTED_SECONDS, "_count"),
        watermark_ms=min(shards, default=0.0) * 1000,
        hotspots=_total(metrics.HOTSPOTS_LIVE),
    )


def _samples(metric: Counter | Gauge | Histogram, suffix: str = "") -> list[float]:
    found: list[Any] = [sample for family in metric.collect() for sample in family.samples]
    return [sample.value for sample in found if sample.name.endswith(suffix) and not sample.name.endswith("_created")]


def _total(metric: Counter | Gauge | Histogram, suffix: str = "") -> float:
    return float(sum(_samples(metric, suffix)))
