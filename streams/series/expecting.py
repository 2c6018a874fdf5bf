"""What is usual for a series at a moment: its level, the shape of its day, and how far counts scatter about them.

All three are learned online, an hour late, so that a burst does not raise its own bar, and from counts that are cut at
six times what was expected, so that yesterday's burst is not usual today. What is missing is not learned from.
"""

import math
from typing import Final

import numpy as np

from streams.hotspots.columns import Array

DAY_MS: Final = 86_400_000
_SLOTS: Final = 288
"""Parts of a day; the shape of a day is smoothed over some of them."""
_SLOT_MS: Final = DAY_MS // _SLOTS
_SMOOTHING: Final = 6
"""Standard deviation of the smoothing in slots: half an hour."""
_AROUND: Final = np.arange(-2 * _SMOOTHING, 2 * _SMOOTHING + 1)
_KERNEL: Final = np.exp(-0.5 * (_AROUND / _SMOOTHING) ** 2)
_LEVEL_DAYS: Final = 7.0
_SHAPE_DAYS: Final = 5.0
_SHAPE_PRIOR: Final = 6.0
"""How many observations the belief is worth that an hour is like every other."""
_MOST_TIMES: Final = 6.0
_MORE: Final = 10.0
_LEAST_MEAN: Final = 0.5
DISPERSION: Final = 0.3
"""Before anything is known; four times what a term of the engine has, since a series is counted from outside."""
_DISPERSION_PRIOR: Final = 20.0
_MOST_DISPERSION: Final = 100.0


class Usual:
    """The mean of each next count, and the dispersion of sums of counts, by scale.

    Args:
        interval_ms: the usual distance of two counts.
        scales: how many scales sums are told of.
    """

    def __init__(self, interval_ms: int, scales: int) -> None:
        share = min(interval_ms / DAY_MS, 1.0)
        self._fading = 1.0 - share / _LEVEL_DAYS
        self._weight = interval_ms / _SLOT_MS
        self._shape_fading = math.exp(-min(self._weight, 1.0) / _SHAPE_DAYS)
        self._level = 0.0
        self._learned = 0.0
        self._first = 0.0
        self._seen = 0
        self._shape = np.zeros(_SLOTS)
        self._shape_weight = np.zeros(_SLOTS)
        self._excess = np.zeros(scales)
        self._squared = np.zeros(scales)

    def mean(self, time_ms: int, count: float) -> float:
        """Return the mean expected at a time.

        Args:
            count: what was seen then; it stands for the level if nothing was seen before, and is noted for the next.
        """
        around = (time_ms % DAY_MS // _SLOT_MS + _AROUND) % _SLOTS
        if self._learned:
            level = self._level / self._learned
        else:
            level = self._first / self._seen if self._seen else count
            self._first += count
            self._seen += 1
        told = float(_KERNEL @ self._shape[around])
        weight = float(_KERNEL @ self._shape_weight[around])
        return max(level * (told + _SHAPE_PRIOR) / (weight + _SHAPE_PRIOR), _LEAST_MEAN)

    def sizes(self) -> Array:
        """Return the size of the negative binomial of each scale: the variance is mean + mean² / size."""
        found = (DISPERSION * _DISPERSION_PRIOR + self._excess) / (_DISPERSION_PRIOR + self._squared)
        sizes: Array = 1.0 / np.clip(found, DISPERSION / 4, _MOST_DISPERSION)
        return sizes

    def learn(self, time_ms: int, count: float, mean: float, sums: Array, means: Array, *, first_day: bool) -> None:
        """Take in a count that is an hour old.

        Args:
            mean: what was expected of it.
            sums: of the counts of each scale's window that ended with it.
            means: what was expected of those.
            first_day: there was too little to expect anything by, so nothing is cut.
        """
        usual = count if first_day else min(count, mean * _MOST_TIMES + _MORE)
        self._level = self._level * self._fading + usual
        self._learned = self._learned * self._fading + 1.0
        slot = time_ms % DAY_MS // _SLOT_MS
        times = min(usual / max(self._level / self._learned, _LEAST_MEAN), _MOST_TIMES)
        self._shape[slot] = self._shape[slot] * self._shape_fading + times * self._weight
        self._shape_weight[slot] = self._shape_weight[slot] * self._shape_fading + self._weight
        cut = np.minimum(sums, means * _MOST_TIMES + _MORE)
        self._excess = self._excess * self._fading + (cut - means) ** 2 - means
        self._squared = self._squared * self._fading + means**2
