"""Notices a worker that stands still although its log goes on.

The client heartbeats from a thread of its own: should it stop delivering, or never come out of a rebalance, the group
takes the worker for alive, and its partitions wait for ever.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

from faust.types import TP

STILL_S: Final = 600.0
"""How long nothing of a partition may be committed while there is more of it: no slice or answer takes so long."""


class StoodStill(Exception):
    """A partition was not read on for no reason that could be seen."""


class Standing:
    """What this worker has committed, and since when.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[TP, tuple[int, float]] = {}
        self._joined_at = clock()

    def look(self, done: Mapping[TP, int], ends: Mapping[TP, int]) -> list[TP]:
        """Return the partitions that have stood still for too long.

        Args:
            done: offset up to which each partition held is committed.
            ends: offset after the last that each of them has.
        """
        now = self._joined_at = self._clock()
        since = {}
        for tp, offset in done.items():
            if offset < ends[tp]:
                before = self._since.get(tp)
                since[tp] = before if before is not None and before[0] == offset else (offset, now)
        self._since = since
        return [tp for tp, (_, began) in since.items() if now - began >= STILL_S]

    def rejoins_for(self) -> float:
        """Return for how many seconds the worker has had no partitions because the group gives them anew."""
        self._since.clear()
        return self._clock() - self._joined_at

    def begin_anew(self, tp: TP) -> None:
        """Let a partition stand for as long again."""
        self._since.pop(tp, None)

    def forget(self) -> None:
        """Begin anew with everything: there was a reason to stand still."""
        self._since.clear()
        self._joined_at = self._clock()
