"""Habits: how high a term's counts rose at about this hour on earlier days, so that a show is not news again.

Kept for terms that were ever a crowd. The highest counts of the last hours wait until they are nearly a day old, so
that a burst does not become its own habit. What the days before did not know is left to `weekly`.
"""

from typing import Final

import msgspec
import numpy as np

from streams.hotspots.by_slot import marked
from streams.hotspots.columns import Array, Columns, Packed
from streams.hotspots.settings import SCALES, DetectorSettings
from streams.hotspots.vocabulary import Vocabulary
from streams.hotspots.weekly import WeeklyHabits

_HOURS: Final = 24
_SPEC: Final = {"recent": ("<f4", _HOURS * len(SCALES)), "past": ("<f4", _HOURS * len(SCALES)), "slot": ("<i4", 1)}
_REMAINS: Final = 0.75
"""Share of a habit that outlives a day without it."""
_FOLD_AHEAD: Final = 2
"""Hours before its own hour at which yesterday's peak becomes a habit: neighbours of an hour are asked too."""
_RISE: Final = 2.0
"""An hour rose if it reached more than so many times its daily habit: less is too probable to be news."""
_RISES_A_TERM: Final = 4
"""Rises kept, in the mean of all terms that may have a habit."""


class PackedHabits(msgspec.Struct, frozen=True, array_like=True):
    """Habits at rest; states from before there were weekly ones hold none."""

    columns: Packed
    weekly: Packed | None = None


class Habits:
    """Highest counts by hour of the day (UTC) and scale, one row a term that has one."""

    def __init__(self, vocabulary: Vocabulary, settings: DetectorSettings) -> None:
        self._vocabulary = vocabulary
        self._min_authors = settings.min_authors
        self._max_rows = max(settings.max_terms // 10, 64)
        self._columns = Columns(_SPEC)
        self._weekly = WeeklyHabits(vocabulary, self._max_rows * _RISES_A_TERM)

    def turn_hour(self, bucket: int) -> None:
        """Let the peaks of 22 hours ago become habit; called for the first bucket of an hour."""
        if not len(self._columns):
            return
        over = bucket // 60 + _FOLD_AHEAD - _HOURS
        hour = over % _HOURS
        recent, past = self._cube("recent"), self._cube("past")
        peaks = recent[:, hour]
        rose = ((peaks >= self._min_authors) & (peaks > _RISE * past[:, hour])).any(axis=1)
        self._weekly.add(over, self._columns["slot"][rose], peaks[rose])
        past[:, hour] = np.maximum(past[:, hour] * _REMAINS, recent[:, hour])
        recent[:, hour] = 0

    def note(self, bucket: int, slots: Array, counts: Array) -> None:
        """Note counts (float64 [n, 4], distinct authors) of terms that are a crowd now."""
        if not len(slots):
            return
        habit = self._vocabulary.columns["habit"]
        new = slots[habit[slots] == 0]
        if len(new):
            if len(self._columns) + len(new) > self._max_rows:
                self._forget_weakest(len(new))
            room = self._max_rows - len(self._columns)
            new = new[:room]
            habit[new] = np.arange(len(self._columns), len(self._columns) + len(new)) + 1
            self._columns.extend(len(new), slot=new)
        rows = habit[slots] - 1
        known = rows >= 0
        recent = self._cube("recent")
        hour = bucket // 60 % _HOURS
        recent[rows[known], hour] = np.maximum(recent[rows[known], hour], counts[known])

    def expected(self, bucket: int, slots: Array) -> Array | None:
        """Return what was reached about this time of day, or of the week, before (float64 [n, 4], 0 if never).

        None where no term has a habit.
        """
        weekly = self._weekly.expected(bucket // 60, slots)
        rows = self._vocabulary.columns["habit"][slots] - 1
        known = rows >= 0
        if not known.any():
            return weekly
        hour = bucket // 60
        around = [(hour - 1) % _HOURS, hour % _HOURS, (hour + 1) % _HOURS]
        found = np.zeros((len(slots), len(SCALES)))
        cells = rows[known, None].astype(np.int64) * _HOURS + np.array(around)
        found[known] = self._columns["past"].reshape(-1, len(SCALES)).take(cells, axis=0).max(axis=1)
        return found if weekly is None else np.maximum(found, weekly)

    def forget(self, slots: Array) -> None:
        """Forget the habits of these slots."""
        gone = marked(slots, len(self._vocabulary.columns))
        self._keep(~gone[self._columns["slot"]])
        self._weekly.forget(slots)

    def pack(self) -> PackedHabits:
        """Return the habits for a state."""
        return PackedHabits(self._columns.pack(), self._weekly.pack())

    def unpack(self, packed: PackedHabits) -> None:
        """Take over what `pack` returned."""
        self._columns = Columns.unpack(_SPEC, packed.columns)
        if packed.weekly is not None:
            self._weekly.unpack(packed.weekly)

    def _forget_weakest(self, needed: int) -> None:
        height = np.maximum(self._columns["recent"].max(axis=1), self._columns["past"].max(axis=1))
        order = np.lexsort((self._columns["slot"], height))
        stays = np.ones(len(order), bool)
        stays[order[: max(needed, self._max_rows // 4)]] = False
        self._keep(stays)

    def _keep(self, stays: Array) -> None:
        habit = self._vocabulary.columns["habit"]
        habit[self._columns["slot"]] = 0
        self._columns.keep(stays)
        habit[self._columns["slot"]] = np.arange(len(self._columns)) + 1

    def _cube(self, name: str) -> Array:
        return self._columns[name].reshape(-1, _HOURS, len(SCALES))
