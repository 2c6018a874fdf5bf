"""Whether a story is told to people now: once when it emerges, once for each escalation, within the budget.

The budget is spent by what an alert may be wrong by: the expected number of chance bursts of this strength in a day. A
clear story costs next to nothing; those at the edge share what the day allows.
"""

from typing import Final

import msgspec

from streams.contracts.terms import kind_of

NEWBORN_KINDS: Final = frozenset({"post", "url"})
"""Kinds of terms that come into the world with their story, so no knowledge of the day is needed to judge them."""
_DAY: Final = 1440


class Purse(msgspec.Struct, array_like=True):
    """What is left of the budget: refilled evenly, at most a day's worth is saved up."""

    left: float
    bucket: int = -1

    def refill(self, bucket: int, budget: float) -> None:
        """Let time pass to `bucket`."""
        if self.bucket >= 0:
            self.left = min(budget, self.left + budget * (bucket - self.bucket) / _DAY)
        self.bucket = bucket

    def spend(self, cost: float) -> bool:
        """Pay, or return False where there is not enough left."""
        if cost > self.left:
            return False
        self.left -= cost
        return True


def chance_a_day(log10_p: float, tests_a_day: float) -> float:
    """Return how many bursts of this strength or more chance alone brings in a day, at most 1."""
    return float(min(1.0, 10.0**log10_p * tests_a_day))


def held_back_for_warming(warming: float, lead: str) -> bool:
    """Say whether a story must wait until baselines know a day.

    Until then a daily habit looks like news. What is being passed on (a post, an address) did not exist before, so it
    cannot be a habit.
    """
    return warming < 1.0 and kind_of(lead) not in NEWBORN_KINDS


def grown(authors: int, alerted: int, escalation: float) -> bool:
    """Say whether a story has escalated since `alerted` authors."""
    return authors >= escalation * alerted
