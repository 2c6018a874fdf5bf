"""How many posts an hour of a watchlist are usual: at this hour of the day where that is known, else at any.

What is usual is fed an hour late, so that a burst does not raise its own bar.
"""

from typing import Final

import msgspec

HOUR: Final = 60
"""Buckets of an hour."""
_DAY: Final = 24
_MEMORY: Final = 7.0
"""Days that what is usual at an hour of the day remembers; so many days of hours where the hour does not matter."""
_PRIOR_DAYS: Final = 1.0
"""How many days of one hour weigh as much as all other hours."""


class _Mean(msgspec.Struct, array_like=True):
    weight: float = 0.0
    mean: float = 0.0

    def learn(self, value: float, memory: float) -> None:
        self.weight = (1.0 - 1.0 / memory) * self.weight + 1.0
        self.mean += (value - self.mean) / self.weight


class Volume(msgspec.Struct, array_like=True):
    """What is known of one watchlist's volume. `waiting` are posts of the last whole hour, not yet usual; -1 for none.

    `by_hour` are means by hour of the day, UTC.
    """

    all_hours: _Mean = msgspec.field(default_factory=_Mean)
    by_hour: dict[int, _Mean] = {}
    waiting: int = -1

    def usual(self, bucket: int) -> float | None:
        """Return the posts that are usual in the hour that ends with `bucket`; None before any hour was learnt."""
        if not self.all_hours.weight:
            return None
        hour = self.by_hour.get(_hour_of(bucket), _Mean())
        known = hour.weight * hour.mean + _PRIOR_DAYS * self.all_hours.mean
        return known / (hour.weight + _PRIOR_DAYS)

    def learn(self, posts: int, bucket: int) -> None:
        """Take in the posts of the hour that ends with `bucket`; they become usual an hour later."""
        if self.waiting >= 0:
            self.all_hours.learn(self.waiting, _MEMORY * _DAY)
            self.by_hour.setdefault(_hour_of(bucket - HOUR), _Mean()).learn(self.waiting, _MEMORY)
        self.waiting = posts


def _hour_of(bucket: int) -> int:
    return bucket // HOUR % _DAY
