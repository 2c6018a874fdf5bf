"""How improbable an alarm must be, so that a budget of false alarms a day holds whatever the series is like.

A probability under a model is only as good as the model. So the surprise (-log10 p) of everyday counts is itself
learned: above its 98th percentile it is taken to fall off exponentially, and the threshold is where that tail leaves
`budget` exceedances a day (peaks over threshold; Siffer et al. 2017, with the shape of the tail held at zero). What
was an alarm is not everyday and left out.
"""

import bisect
import math
from typing import Final

_QUANTILE: Final = 0.98
_PRIOR: Final = 10.0
"""How many peaks the belief is worth that p is right, under which the surprise falls off by a factor e each 1/ln 10."""
_SCALE: Final = 1.0 / math.log(10.0)


class Threshold:
    """The surprise from which on a count is an alarm.

    Args:
        a_day: counts a day.
        budget: false alarms a day that are accepted.
    """

    def __init__(self, a_day: float, budget: float) -> None:
        self._a_day = a_day
        self._budget = budget
        self._least = math.log10(max(a_day / budget, 1.0))
        self._every = max(round(a_day / 24), 1)
        self._noted = 0
        self._everyday: list[float] = []
        self.value = self._least

    def note(self, surprise: float, *, everyday: bool) -> None:
        """Take in the surprise of the next count, and once an hour reckon the threshold anew."""
        if everyday:
            bisect.insort(self._everyday, surprise)
        if self._noted % self._every == 0 and len(self._everyday) >= self._a_day:
            self.value = max(self._reckoned(), self._least)
        self._noted += 1

    def _reckoned(self) -> float:
        known = len(self._everyday)
        peaks = self._everyday[int(_QUANTILE * known) :]
        floor = peaks[0]
        scale = (_PRIOR * _SCALE + sum(peak - floor for peak in peaks)) / (_PRIOR + len(peaks))
        return floor + scale * math.log(len(peaks) / known * self._a_day / self._budget)
