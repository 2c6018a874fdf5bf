"""When a post was written, where the platform's clock, the author's claim and the arrival disagree."""

from typing import Final

from streams.contracts.times import EARLIEST_MS

SKEW_MS: Final = 3_600_000
"""A date at most this far ahead of the arrival is a clock that goes wrong; beyond it is a wrong date, for intake."""


def settled(created_ms: int, arrived_ms: int) -> int:
    """Return the creation time of a post that came live: nothing was written after it arrived.

    >>> settled(1_767_225_660_000, 1_767_225_600_000)
    1767225600000
    """
    return arrived_ms if arrived_ms < created_ms <= arrived_ms + SKEW_MS else created_ms


def claimed(claimed_ms: int | None, seen_ms: int) -> int:
    """Return the time to go by when an author's claim stands beside the platform's own time of first sight.

    The earlier of the two, as the networks sort: an import of old posts is old, and nothing is written in the future.
    Without a usable claim it is the time of first sight.
    """
    return seen_ms if claimed_ms is None or claimed_ms < EARLIEST_MS else min(claimed_ms, seen_ms)
