"""How long to wait before coming back: twice as long each time, with jitter, and never before the server allows.

Jitter keeps many clients from coming back at once (Brooker, "Exponential Backoff and Jitter", 2015).
"""

import random
from typing import Final

FIRST_S: Final = 1.0
LONGEST_S: Final = 300.0
ASKED_LONGEST_S: Final = 86_400.0
"""A server may ask for at most a day."""

GOOD_MS: Final = 60_000
"""A reading that lasted so long was a good one: the next interruption waits the shortest time again."""


class Backoff:
    """Waiting times of one source.

    Args:
        chance: for the jitter.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._failures = 0

    def after(self, lasted_ms: int, retry_after_s: float | None = None) -> float:
        """Return the seconds to wait after a reading that lasted `lasted_ms`."""
        if lasted_ms >= GOOD_MS:
            self._failures = 0
        # 2^20 s is far beyond the longest wait: the power itself must not grow for ever.
        longest = min(LONGEST_S, FIRST_S * 2.0 ** min(self._failures, 20))
        self._failures += 1
        jittered = longest * self._chance.uniform(0.5, 1.0)
        if retry_after_s is None:
            return jittered
        return min(max(retry_after_s, 0.0), ASKED_LONGEST_S) + min(jittered, FIRST_S)
