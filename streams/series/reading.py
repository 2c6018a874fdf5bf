"""Reads a series of counts: lines of `timestamp,value`, in any order, with gaps; what is no such line is refused."""

import statistics
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import msgspec

from streams.contracts.times import to_ms

HEADER: Final = ("timestamp", "value")
MOST: Final = 1e9
"""The largest count; beyond, differences of probabilities leave double precision."""
_INTERVAL_MS: Final = 5 * 60_000
"""Taken for a series of one point, which has none."""
_MOST_SHOWN: Final = 60


class UnusableSeries(ValueError):
    """A line is not a time and a count; the text says which and why."""


class Series(msgspec.Struct, frozen=True):
    """Counts in order of time. `interval_ms` is the usual distance of two of them; a missing count is no zero."""

    times_ms: tuple[int, ...]
    counts: tuple[float, ...]
    interval_ms: int


def read_series(lines: Iterable[bytes]) -> Series:
    """Return the series that lines of `timestamp,value` tell; the first may be that header.

    A time without a zone is UTC. Lines are put in order of time; two counts of one time are added up.

    Raises:
        UnusableSeries: a line is not a time and a count of zero to `MOST`.
    """
    found: dict[int, float] = {}
    for number, raw in enumerate(lines, 1):
        line = raw.decode("utf-8-sig", "replace").strip()
        cells = [cell.strip() for cell in line.split(",")]
        if not line or (number == 1 and tuple(cell.lower() for cell in cells) == HEADER):
            continue
        try:
            time, value = cells
            time_ms = time_of(time)
            count = float(value)
        except ValueError:
            raise UnusableSeries(f"line {number} is not timestamp,value: {line[:_MOST_SHOWN]!r}") from None
        if not 0 <= count <= MOST:
            raise UnusableSeries(f"line {number}: {value[:_MOST_SHOWN]} is no count from zero to a thousand million")
        found[time_ms] = found.get(time_ms, 0.0) + count
    times = tuple(sorted(found))
    apart = [after - before for before, after in pairwise(times)]
    interval_ms = int(statistics.median_low(apart)) if apart else _INTERVAL_MS
    return Series(times, tuple(found[time] for time in times), interval_ms)


def time_of(text: str) -> int:
    """Return a time as the benchmark writes it (`2015-03-03 04:37:53.000000`), or as RFC 3339, in milliseconds.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(text)
    return to_ms(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
