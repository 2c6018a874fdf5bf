"""How much of the input may be unusable: beyond it the input is broken, and burying all of it would help nobody.

One budget for each partition, because one broken producer must not hide among sound ones. Two limits: a run of items
none of which could be used, and a share of the latest items. Decides only that it is enough; stopping is the agent's.
"""

from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

from streams.contracts.posts import DeadLetter

WINDOW: Final = 2_000
"""Items that the share is taken of; with fewer nothing is said about a share."""


class DeadBudget:
    """Counts the items of one partition.

    Args:
        share: of the latest WINDOW items that may be unusable; 1 and more sets no limit.
        run: items in a row that may be unusable; 0 sets no limit.
    """

    def __init__(self, share: float, run: int) -> None:
        self._share = share
        self._run = run
        self._row = 0
        self._latest: deque[tuple[int, int]] = deque()
        self._good = 0
        self._bad = 0
        self._reasons: Counter[str] = Counter()

    def spend(self, good: int, dead: Sequence[DeadLetter]) -> str | None:
        """Take what became of a record; return why it is enough, None while it is not.

        Args:
            good: how many of its items are posts.
            dead: its dead letters.
        """
        bad = len(dead)
        if not good and not bad:
            return None
        if good:
            self._row = 0
        else:
            self._row += bad
        self._latest.append((good, bad))
        self._good += good
        self._bad += bad
        if bad:
            self._reasons.update(letter.reason for letter in dead)
        while self._good + self._bad - sum(self._latest[0]) >= WINDOW:
            old_good, old_bad = self._latest.popleft()
            self._good -= old_good
            self._bad -= old_bad
        if self._run and self._row > self._run:
            return f"{self._row:,} items in a row could not be used, mostly {self._most()}; at most {self._run:,} may"
        seen = self._good + self._bad
        if seen >= WINDOW and self._bad > self._share * seen:
            return (
                f"{self._bad:,} of the latest {seen:,} items could not be used, mostly {self._most()}; "
                f"at most {self._share:.0%} may"
            )
        return None

    def _most(self) -> str:
        return self._reasons.most_common(1)[0][0]
