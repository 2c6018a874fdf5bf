"""What simulated readers want to be told of, by what is known to have happened: none of them sees a feature."""

import re
import statistics
from collections import Counter

import msgspec

from streams.contracts.times import to_ms
from streams.evaluation import Truth

_MINUTE_MS = 60_000


class Interest(msgspec.Struct, frozen=True, kw_only=True):
    """Events that a reader wants, `instead` of them others from `changes_ms` (event time) on, if that is given.

    A verdict comes `waits_ms` after the alert, and some minutes more.
    """

    name: str
    wants: frozenset[str]
    waits_ms: int = 0
    instead: frozenset[str] = frozenset()
    changes_ms: int | None = None

    def at(self, time_ms: int) -> frozenset[str]:
        """Return the events wanted at a time."""
        return self.wants if self.changes_ms is None or time_ms < self.changes_ms else self.instead


def interests_of(truth: Truth, pattern: str | None = None) -> list[Interest]:
    """Return readers who want every event; the larger half, known six hours later; and, from the middle on, the other.

    Larger is what has as many posts as the median event that must be found, or more. With a `pattern` there is also a
    reader who wants the events whose name or text it matches (a regular expression, capitals or not).

    Raises:
        re.error: the pattern is none.
    """
    ignored = {event.event for event in truth.must_ignore}
    posts = Counter(event for event in truth.label.values() if event not in ignored)
    if not truth.must_find:
        return []
    least = statistics.median(posts[event.event] for event in truth.must_find)
    every = frozenset(posts)
    large = frozenset(event for event, number in posts.items() if number >= least)
    starts = [to_ms(event.start) for event in truth.must_find]
    middle_ms = (min(starts) + max(starts)) // 2
    waits_ms = 360 * _MINUTE_MS
    found = [
        Interest(name="every event", wants=every),
        Interest(name="large events", wants=large, waits_ms=waits_ms),
        Interest(name="large, then small", wants=large, waits_ms=waits_ms, instead=every - large, changes_ms=middle_ms),
    ]
    if pattern is not None:
        sought = re.compile(pattern, re.IGNORECASE)
        named = (event.event for event in truth.must_find if sought.search(f"{event.event} {event.text}"))
        found.append(Interest(name=pattern, wants=frozenset(named)))
    return found
