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

    `hotspots` are live, `budget_left` the false alerts that may still come today, both 0 on a worker that does not
    decide. `waiting` are alerts in the queues of subscribers, `failing` the subscribers that are not reached, both of
    the worker that tells. `disk_free` is the free share of the data's disk, null where it is not known; `pages` follow.
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
    budget_left: float
    waiting: float
    failing: float
    disk_free: float | None
    pages: int


def look(readiness: Readiness, pages: int = 0) -> Health:
    """Return the state of this worker now, which so many pages follow."""
    shards = _samples(metrics.WATERMARK_SECONDS)
    disk = _total(metrics.DATA_DIR_BYTES)
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
        budget_left=_total(metrics.FALSE_ALERTS_LEFT),
        waiting=_total(metrics.DELIVERIES_WAITING),
        failing=_total(metrics.SUBSCRIBERS, where=("status", "failing")),
        disk_free=_total(metrics.DATA_DIR_FREE_BYTES) / disk if disk else None,
        pages=pages,
    )


def _samples(
    metric: Counter | Gauge | Histogram, suffix: str = "", where: tuple[str, str] | None = None
) -> list[float]:
    found: list[Any] = [sample for family in metric.collect() for sample in family.samples]
    return [
        sample.value
        for sample in found
        if sample.name.endswith(suffix)
        and not sample.name.endswith("_created")
        and (where is None or sample.labels.get(where[0]) == where[1])
    ]


def _total(metric: Counter | Gauge | Histogram, suffix: str = "", where: tuple[str, str] | None = None) -> float:
    return float(sum(_samples(metric, suffix, where)))
