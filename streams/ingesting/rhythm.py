"""When silence is news: a source's own rhythm by hour of the day says how long it may keep quiet.

Posts are taken as Poisson with a rate of the hour; a silence in which `EXPECTED` posts were due has a probability of
e^-12, about once in 160,000. Bursty sources earn more patience: the rate is that of minutes that had any post.
"""

from typing import Final

import msgspec

HOUR_MS: Final = 3_600_000
EXPECTED: Final = 12.0
"""Posts that must have been due before silence counts as a stall."""

WEIGHT: Final = 0.3
"""Weight of the newest day in the rate of an hour."""

LEAST_MS: Final = 30_000
"""No silence shorter than this is a stall."""


class Rhythm(msgspec.Struct):
    """Posts an hour, by hour of the day (UTC), as they were on past days; -1 for an hour never seen whole."""

    rates: list[float] = msgspec.field(default_factory=lambda: [-1.0] * 24)
    hour: int = -1
    began_ms: int = 0
    posts: int = 0
    last_ms: int = 0

    def heard(self, posts: int, now_ms: int) -> None:
        """Note that posts came."""
        self._move(now_ms)
        self.posts += posts
        self.last_ms = now_ms

    def _move(self, now_ms: int) -> None:
        hour = now_ms // HOUR_MS
        if self.hour < 0:
            self.hour, self.began_ms, self.last_ms = hour, now_ms, self.last_ms or now_ms
        if hour == self.hour:
            return
        if self.began_ms <= self.hour * HOUR_MS + LEAST_MS and self.posts:
            place = self.hour % 24
            old = self.rates[place]
            self.rates[place] = self.posts if old < 0 else old + WEIGHT * (self.posts - old)
        self.hour, self.began_ms, self.posts = hour, hour * HOUR_MS, 0

    def due(self, now_ms: int) -> float:
        """Return how many posts were due since the last one came.

        An hour that was never seen whole goes by the posts of the present hour so far.
        """
        if self.hour < 0 or now_ms <= self.last_ms:
            return 0.0
        lived_ms = max(self.last_ms - self.began_ms, LEAST_MS)
        fallback = self.posts * HOUR_MS / max(lived_ms, 10 * 60_000)
        due = 0.0
        at = self.last_ms
        while at < now_ms:
            end = min((at // HOUR_MS + 1) * HOUR_MS, now_ms)
            rate = self.rates[(at // HOUR_MS) % 24]
            due += (rate if rate >= 0 else fallback) * (end - at) / HOUR_MS
            at = end
        return due

    def stalled(self, now_ms: int) -> bool:
        """Say whether the source is silent for longer than its rhythm explains."""
        return now_ms - self.last_ms >= LEAST_MS and self.due(now_ms) >= EXPECTED
