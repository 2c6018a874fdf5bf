"""How good alarms on a series are by the rules of the Numenta Anomaly Benchmark, in its standard profile.

A window of time around each labelled anomaly earns up to one point by its earliest alarm, the earlier the more, and
loses one point without any; an alarm outside loses 0.11, less if shortly after a window. The first 15 % of a series,
750 counts at most, are for learning and not judged (Lavin and Ahmad 2015).
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from streams.series.expecting import DAY_MS

_FALSE: Final = 0.11
_PROBATION: Final = 0.15
_PROBATION_OF: Final = 5000
_FAR: Final = 3.0
_STEEP: Final = 5.0


class Window(msgspec.Struct, frozen=True, order=True):
    """When something happened: the times of its first and of its last count."""

    begin_ms: int
    end_ms: int


class Scored(msgspec.Struct, frozen=True):
    """What the alarms on one series earned in the `days` that are judged.

    `score` is at most the number of windows, minus that number without any alarm, and less by false ones alone.
    """

    score: float
    windows: int
    found: int
    false: int
    days: float

    @property
    def false_a_day(self) -> float:
        """False alarms for each day that is judged."""
        return self.false / self.days if self.days else 0.0


def score(times_ms: Sequence[int], alarms_ms: Iterable[int], windows: Iterable[Window]) -> Scored:
    """Judge the alarms on a series.

    Args:
        times_ms: of its counts, ascending.
        alarms_ms: of its alarms; each is the time of a count.
        windows: in which something happened; those that hold no count that is judged do not matter.

    Raises:
        ValueError: windows overlap.
    """
    spans = _spans(times_ms, windows)
    first = _probation(len(times_ms))
    rows = sorted(row for row in {bisect_left(times_ms, alarm) for alarm in alarms_ms} if row >= first)
    earned = {number: -1.0 for number, (_, end) in enumerate(spans) if end >= first}
    lost = 0.0
    false = 0
    for row in rows:
        number = bisect_right(spans, (row, len(times_ms))) - 1
        if number >= 0 and row <= spans[number][1]:
            earned[number] = max(earned[number], _inside(row, *spans[number]))
        else:
            false += 1
            lost += _FALSE * (-1.0 if number < 0 else _after(row, *spans[number]))
    found = sum(points > -1.0 for points in earned.values())
    days = (times_ms[-1] - times_ms[first]) / DAY_MS if times_ms else 0.0
    return Scored(sum(earned.values()) + lost, len(earned), found, false, days)


def total(scored: Sequence[Scored]) -> float | None:
    """Return the score of several series together: 0 as without any alarm, 100 if perfect; None without a window."""
    windows = sum(one.windows for one in scored)
    return 100.0 * (sum(one.score for one in scored) + windows) / (2 * windows) if windows else None


def _spans(times_ms: Sequence[int], windows: Iterable[Window]) -> list[tuple[int, int]]:
    """Return the first and last row of each window that holds any."""
    ordered = sorted(windows)
    for before, after in pairwise(ordered):
        if after.begin_ms <= before.end_ms:
            raise ValueError("windows of one series overlap")
    found = [(bisect_left(times_ms, one.begin_ms), bisect_right(times_ms, one.end_ms) - 1) for one in ordered]
    return [(begin, end) for begin, end in found if begin <= end]


def _probation(counts: int) -> int:
    return int(min(math.floor(_PROBATION * counts), _PROBATION * _PROBATION_OF))


def _sigmoid(position: float) -> float:
    return -1.0 if position >= _FAR else 2.0 / (1.0 + math.exp(_STEEP * position)) - 1.0


def _inside(row: int, begin: int, end: int) -> float:
    return _sigmoid(-(end - row + 1) / (end - begin + 1)) / _sigmoid(-1.0)


def _after(row: int, begin: int, end: int) -> float:
    return _sigmoid((row - end) / max(end - begin, 1))
