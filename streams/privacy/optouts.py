"""Who does not want to be read: their posts are not taken, from a moment that everyone reckons alike."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from streams.contracts.sources import OptOut
from streams.contracts.times import to_ms

_FOREVER: Final = 1 << 62


class OptOuts:
    """The opt-outs in force.

    Args:
        authors_of: returns the numbers by which (platform, author) is known to whoever asks, one for every era.
    """

    def __init__(self, authors_of: Callable[[str, str], Sequence[int]]) -> None:
        self._authors_of = authors_of
        self._spans: dict[int, tuple[int, int]] = {}
        self.changes = 0
        """Grows with every opt-out: who keeps something of authors looks again when it has."""

    def __len__(self) -> int:
        return len(self._spans)

    def put(self, opt_out: OptOut) -> None:
        """Take in an opt-out, in place of an earlier one of the same author.

        Raises:
            ValueError: its times are none.
        """
        until_ms = _FOREVER if opt_out.until is None else _ms(opt_out.until)
        since_ms = _ms(opt_out.since)
        for author in self._authors_of(opt_out.platform, opt_out.author):
            self._spans[author] = since_ms, until_ms
        self.changes += 1

    def covers(self, author: int, arrived_ms: int) -> bool:
        """Say whether a post of an author that arrived at a time is not to be taken."""
        span = self._spans.get(author)
        return span is not None and span[0] <= arrived_ms < span[1]

    def wants_none(self, author: int, now_ms: int) -> bool:
        """Say whether an author has opted out, be it from a moment that is still to come."""
        span = self._spans.get(author)
        return span is not None and now_ms < span[1]


def _ms(time: str) -> int:
    try:
        return to_ms(msgspec.convert(time, datetime))
    except OverflowError as error:
        raise ValueError(str(error)) from None
