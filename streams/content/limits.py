"""What a paid language model may be asked: so often a minute, and for so much money a day. Time is passed in."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
_MILLION: Final = 1_000_000


class Price(msgspec.Struct, frozen=True):
    """What a server charges for a million tokens that it reads and that it writes, in any one currency."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """Return what so many tokens cost."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / _MILLION

    def most(self, messages: Sequence[Mapping[str, str]], max_tokens: int) -> float:
        """Return the most that one attempt can cost: no tokenizer makes more tokens than there are bytes."""
        size = sum(len(value.encode()) + 8 for message in messages for value in message.values())
        return self.cost(size, max_tokens)


class Limits:
    """Counts requests of the last minute and what was spent in the last 24 hours.

    Args:
        rate: requests a minute.
        spend: money in 24 hours.
    """

    def __init__(self, rate: float, spend: float) -> None:
        self._rate = rate
        self._spend = spend
        self._asked: deque[int] = deque()
        self._spent: deque[tuple[int, float]] = deque()

    def refuses(self, now_ms: int, most: float) -> Literal["rate", "spend"] | None:
        """Return which limit, "rate" or "spend", forbids a request that may cost `most`; None when it may be asked."""
        while self._asked and self._asked[0] <= now_ms - MINUTE_MS:
            self._asked.popleft()
        if len(self._asked) >= self._rate:
            return "rate"
        if most > 0 and self.spent(now_ms) + most > self._spend:
            return "spend"
        return None

    def ask(self, now_ms: int) -> None:
        """Count a request."""
        self._asked.append(now_ms)

    def spend(self, at_ms: int, cost: float) -> None:
        """Count what a request cost; one longer ago than a day is forgotten."""
        if cost > 0:
            self._spent.append((at_ms, cost))

    def spent(self, now_ms: int) -> float:
        """Return what was spent in the 24 hours before now."""
        while self._spent and self._spent[0][0] <= now_ms - DAY_MS:
            self._spent.popleft()
        return sum(cost for _, cost in self._spent)
