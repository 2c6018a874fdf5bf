"""Weekly habits: how high a term's counts rose at about this hour of the week in two weeks at least.

What rose once is news, and would be again a week later: only what a second week reached too is usual. Kept are rises,
the hours in which a term's day was unlike those before it (`habits` finds them), of the last weeks.
"""

from typing import Final

import numpy as np

from streams.hotspots.by_slot import marked
from streams.hotspots.columns import Array, Columns, Packed
from streams.hotspots.settings import SCALES
from streams.hotspots.vocabulary import Vocabulary

_WEEK: Final = 7 * 24
_WEEKS: Final = 5
"""Weeks for which a rise is kept: a show that misses one of them is known by the others."""
_REMAINS: Final = 0.75
"""Share of a rise that outlives each week after the first."""
_SPEC: Final = {
    "slot": ("<i4", 1),
    "hour": ("<i4", 1),  # since the epoch, never falling
    "peak": ("<f4", len(SCALES)),  # the hour's highest counts
}


class WeeklyHabits:
    """Rises of the last weeks, in order of time: 24 bytes each, and `max_rises` at most, the highest."""

    def __init__(self, vocabulary: Vocabulary, max_rises: int) -> None:
        self._vocabulary = vocabulary
        self._max_rises = max_rises
        self._rises = Columns(_SPEC)
        self._hour = -1
        """The hour that `_slots` and `_usual` are of."""
        self._slots = np.empty(0, np.int64)
        self._usual = np.empty((0, len(SCALES)))

    def add(self, hour: int, slots: Array, peaks: Array) -> None:
        """Keep the highest counts (float [n, 4]) of the terms that rose in an hour; hours come in order."""
        rises = self._rises
        rises.drop(rises.base + int(np.searchsorted(rises["hour"], hour - (_WEEKS * _WEEK + 1))))
        if len(rises) + len(slots) > self._max_rises:
            self._forget_weakest(len(slots))
        rises.extend(len(slots), slot=slots, hour=hour, peak=peaks)

    def expected(self, hour: int, slots: Array) -> Array | None:
        """Return what was reached about this hour of the week in two weeks (float64 [n, 4], 0 if it was not).

        None where no term has a habit at this hour.
        """
        if hour != self._hour:
            self._hour = hour
            self._slots, self._usual = self._usual_at(hour)
        if not len(self._slots):
            return None
        places = np.minimum(np.searchsorted(self._slots, slots), len(self._slots) - 1)
        return np.where((self._slots[places] == slots)[:, None], self._usual[places], 0.0)

    def forget(self, slots: Array) -> None:
        """Forget the rises of these slots."""
        gone = marked(slots, len(self._vocabulary.columns))
        self._rises.keep(~gone[self._rises["slot"]])
        self._hour = -1

    def pack(self) -> Packed:
        """Return the rises for a state."""
        return self._rises.pack()

    def unpack(self, packed: Packed) -> None:
        """Take over what `pack` returned."""
        self._rises = Columns.unpack(_SPEC, packed)
        self._hour = -1

    def _usual_at(self, hour: int) -> tuple[Array, Array]:
        """Return the slots that have a habit at an hour, in order, and what the second best of their weeks reached."""
        ago = hour - self._rises["hour"] + 1
        weeks = ago // _WEEK
        near = ((weeks >= 1) & (weeks <= _WEEKS) & (ago % _WEEK <= 2)).nonzero()[0]
        slots, places = np.unique(self._rises["slot"][near], return_inverse=True)
        after = weeks[near] - 1
        reached = np.zeros((len(slots), _WEEKS, len(SCALES)))
        np.maximum.at(reached, (places, after), self._rises["peak"][near] * _REMAINS ** after[:, None])
        second = np.sort(reached, axis=1)[:, -2]
        known = second.any(axis=1)
        return slots[known], second[known]

    def _forget_weakest(self, needed: int) -> None:
        order = np.argsort(self._rises["peak"].max(axis=1), kind="stable")
        stays = np.ones(len(order), bool)
        stays[order[: max(needed, self._max_rises // 4)]] = False
        self._rises.keep(stays)
