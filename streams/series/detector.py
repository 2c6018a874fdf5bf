"""Which counts of a series are a burst: improbable at 5, 15 or 60 minutes, by more than the series' own days allow.

The same statistics as for terms (a negative binomial tail by scale, the smallest counts), with a level and a day of
its own in place of the authors seen, which a bare series does not tell.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from streams.hotspots.columns import Array
from streams.hotspots.tail import log10_tail
from streams.series.expecting import DAY_MS, Usual
from streams.series.reading import Series
from streams.series.threshold import Threshold

SCALES_MS: Final = (5 * 60_000, 15 * 60_000, 60 * 60_000)
_HOUR_MS: Final = SCALES_MS[-1]


class SeriesSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`budget`: false alarms a day that are accepted; `silent_ms`: how long it must be quiet before the next alarm."""

    budget: float = 1.0
    silent_ms: int = DAY_MS // 2


class Alarm(msgspec.Struct, frozen=True):
    """A burst at its first count: how many came within `scale_ms` where `expected` were, and -log10 p."""

    time_ms: int
    observed: float
    expected: float
    scale_ms: int
    surprise: float


class _Taken(msgspec.Struct):
    time_ms: int
    count: float
    mean: float
    sums: Array
    means: Array


class Detector:
    """Takes the counts of one series in order of time.

    For its first day it alarms nobody: a day's shape cannot be told from a burst before.

    Args:
        interval_ms: the usual distance of two counts.
    """

    def __init__(self, interval_ms: int, settings: SeriesSettings) -> None:
        self._settings = settings
        self._usual = Usual(interval_ms, len(SCALES_MS))
        self._threshold = Threshold(DAY_MS / interval_ms, settings.budget)
        self._window: deque[_Taken] = deque()
        self._waiting: deque[_Taken] = deque()
        self._begin_ms: int | None = None
        self._exceeded_ms: int | None = None

    def take(self, time_ms: int, count: float) -> Alarm | None:
        """Take the next count, and return an alarm if a burst begins with it.

        Args:
            time_ms: later than that of the count before; a gap is no zero.
            count: from 0 to `reading.MOST`.
        """
        if self._begin_ms is None:
            self._begin_ms = time_ms
        mean = self._usual.mean(time_ms, count)
        taken = _Taken(time_ms, count, mean, np.zeros(0), np.zeros(0))
        self._window.append(taken)
        while self._window[0].time_ms <= time_ms - _HOUR_MS:
            self._window.popleft()
        taken.sums, taken.means = self._sums(time_ms)
        surprises = _surprises(taken.sums, taken.means, self._usual.sizes())
        alarm = self._judge(taken, surprises)
        self._waiting.append(taken)
        while self._waiting and self._waiting[0].time_ms <= time_ms - _HOUR_MS:
            self._learn(self._waiting.popleft())
        return alarm

    def _sums(self, time_ms: int) -> tuple[Array, Array]:
        sums = np.zeros(len(SCALES_MS))
        means = np.zeros(len(SCALES_MS))
        for taken in self._window:
            for number, scale_ms in enumerate(SCALES_MS):
                if taken.time_ms > time_ms - scale_ms:
                    sums[number] += taken.count
                    means[number] += taken.mean
        return sums, means

    def _judge(self, taken: _Taken, surprises: Array) -> Alarm | None:
        scale = int(np.argmax(surprises))
        surprise = float(surprises[scale])
        exceeds = surprise >= self._threshold.value
        warming = self._is_first_day(taken.time_ms)
        self._threshold.note(surprise, everyday=warming or surprise <= self._threshold.value)
        if not exceeds:
            return None
        quiet = self._exceeded_ms is None or taken.time_ms - self._exceeded_ms > self._settings.silent_ms
        self._exceeded_ms = taken.time_ms
        if warming or not quiet:
            return None
        return Alarm(taken.time_ms, float(taken.sums[scale]), float(taken.means[scale]), SCALES_MS[scale], surprise)

    def _learn(self, taken: _Taken) -> None:
        self._usual.learn(
            taken.time_ms,
            taken.count,
            taken.mean,
            taken.sums,
            taken.means,
            first_day=self._is_first_day(taken.time_ms),
        )

    def _is_first_day(self, time_ms: int) -> bool:
        return self._begin_ms is None or time_ms - self._begin_ms <= DAY_MS


def _surprises(sums: Array, means: Array, sizes: Array) -> Array:
    """Return -log10 of the probability of so many or more; a sum under one surprises nobody."""
    tails = log10_tail(np.maximum(sums, 1.0), means, sizes)
    surprises: Array = np.where(sums < 1.0, 0.0, -tails)
    return surprises


def alarms_of(series: Series, settings: SeriesSettings) -> Iterator[Alarm]:
    """Yield the alarms of a series."""
    detector = Detector(series.interval_ms, settings)
    for time_ms, count in zip(series.times_ms, series.counts, strict=True):
        alarm = detector.take(time_ms, count)
        if alarm is not None:
            yield alarm
