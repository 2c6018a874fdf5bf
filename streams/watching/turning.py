"""Whether the mood of a watchlist has turned beyond chance: this half hour's authors against what is usual.

Each author has one vote in a window. A window's mean varies by chance, and because what people talk about varies; the
second part (`between`) is estimated from earlier windows and shrunk to a prior, else quiet lists would alert on every
topic. What is usual is fed two windows late, so that a turn does not raise its own bar.
"""

from math import sqrt
from typing import Final

import msgspec
from scipy.special import stdtr

from streams.privacy.groups import SMALLEST

WINDOW: Final = 30
"""Buckets of a window."""
STEP: Final = 5
"""Buckets between two looks."""
TESTS_A_DAY: Final = 1440 // STEP
MIN_AUTHORS: Final = 15
LEARNED_WINDOWS: Final = 12
"""Windows with enough authors before anything is told: six hours."""
_MEMORY: Final = 96.0
"""Windows that what is usual remembers: two days."""
_PRIOR_BETWEEN: Final = 0.02
_PRIOR_WINDOWS: Final = 6.0
_DELAY: Final = 2
_QUIET: Final = 12
"""Windows after an alert in which the same direction is not told again."""


class Window(msgspec.Struct, frozen=True, array_like=True):
    """Votes of a window: authors, mean mood between -1 and 1, variance of one vote."""

    authors: int
    mean: float
    variance: float


class Turn(msgspec.Struct, frozen=True):
    """A look: mood now and as usual, and the probability of so large a difference; null while learning.

    The mood of fewer than SMALLEST authors is null: it would be theirs.
    """

    mood: float | None
    usual: float | None
    p_value: float | None
    told: str = ""


class Turning(msgspec.Struct, array_like=True):
    """What is known of one watchlist's mood. `waiting` are windows not yet part of what is usual."""

    weight: float = 0.0
    mean: float = 0.0
    variance: float = 0.3
    between: float = 0.0
    between_weight: float = 0.0
    windows: int = 0
    waiting: list[Window] = []
    quiet: dict[str, int] = {}

    @property
    def learning(self) -> float:
        """How far what is usual is known, 1 for enough."""
        return min(1.0, self.windows / LEARNED_WINDOWS)

    def look(self, window: Window | None, budget_a_test: float, bucket: int) -> Turn:
        """Compare a window with what is usual.

        Args:
            window: the last `WINDOW` buckets, None without a vote.
            budget_a_test: expected number of false alerts that a look may cost.
            bucket: the last bucket of the window.
        """
        if window is None or window.authors < MIN_AUTHORS or self.windows < LEARNED_WINDOWS:
            mood = None if window is None or window.authors < SMALLEST else window.mean
            return Turn(mood, self.mean if self.windows else None, None)
        between = (self.between + _PRIOR_WINDOWS * _PRIOR_BETWEEN) / (self.between_weight + _PRIOR_WINDOWS)
        spread = max(window.variance, self.variance, 0.05)
        error = sqrt(spread / window.authors + between * (1.0 + 1.0 / max(self.weight, 1.0)))
        freedom = max(min(self.between_weight + _PRIOR_WINDOWS, 60.0), 4.0)
        p_value = float(2.0 * stdtr(freedom, -abs(window.mean - self.mean) / error))
        direction = "worse" if window.mean < self.mean else "better"
        told = ""
        if p_value <= budget_a_test and bucket >= self.quiet.get(direction, bucket):
            told = direction
            self.quiet = {**self.quiet, direction: bucket + _QUIET * WINDOW}
        return Turn(window.mean, self.mean, p_value, told)

    def learn(self, window: Window | None) -> None:
        """Take in the window that just ended; it becomes usual when `_DELAY` later ones have come."""
        if window is None or window.authors < MIN_AUTHORS:
            return
        self.waiting = [*self.waiting, window]
        if len(self.waiting) <= _DELAY:
            return
        oldest, self.waiting = self.waiting[0], self.waiting[1:]
        keep = 1.0 - 1.0 / _MEMORY
        if self.weight >= 2.0:
            excess = (
                (oldest.mean - self.mean) ** 2 - oldest.variance / oldest.authors - self.between_now() / self.weight
            )
            self.between = keep * self.between + max(excess, 0.0)
            self.between_weight = keep * self.between_weight + 1.0
        self.weight = keep * self.weight + 1.0
        self.mean += (oldest.mean - self.mean) / self.weight
        self.variance += (oldest.variance - self.variance) / self.weight
        self.windows += 1

    def between_now(self) -> float:
        """Return the estimated variance between windows."""
        return (self.between + _PRIOR_WINDOWS * _PRIOR_BETWEEN) / (self.between_weight + _PRIOR_WINDOWS)


def window_of(votes: dict[int, int]) -> Window | None:
    """Return the window of these votes (author to mood in thousandths), None without any."""
    if not votes:
        return None
    values = sorted(votes.values())
    count = len(values)
    mean = sum(values) / count / 1000
    variance = sum((value / 1000 - mean) ** 2 for value in values) / max(count - 1, 1)
    return Window(count, mean, variance)
