"""How much of one term's posts are another's, from hashes cut alike (bottom-k sketches, Cohen and Kaplan 2007).

A burst with fewer than BURST_HASHES hashes names all its posts. A full one names all posts whose hash is not above its
largest, so only posts below such a limit can be compared.
"""

from array import array
from collections.abc import Iterable, Set
from typing import Final

from streams.contracts.bursts import BURST_HASHES, Burst

_ALL: Final = 1 << 64


class Sketch:
    """Posts known of a term or a story, by hash; complete up to the lowest limit of its bursts, `sure`."""

    def __init__(self, bursts: Iterable[Burst]) -> None:
        self.hashes: set[int] = set()
        self.sure, self.most = _ALL, 0
        for burst in bursts:
            hashes = array("Q", burst.hashes)
            self.hashes.update(hashes)
            limit = _ALL if len(hashes) < BURST_HASHES else hashes[-1]
            self.sure, self.most = min(self.sure, limit), max(self.most, limit)

    def share_within(self, other: "Sketch", least: int, *, without: Set[int] = frozenset()) -> float:
        """Return the share of this sketch that is in `other`; 0 where fewer than `least` posts can be compared.

        Compared are posts of which `other` knows for sure; where those are too few, all that one of its bursts covers,
        which can only make the share too small.

        Args:
            other: what may hold this sketch's posts.
            least: how many must be comparable.
            without: posts that do not count as the other's.
        """
        if self.hashes.isdisjoint(other.hashes):  # as those of most pairs are
            return 0.0
        for limit in (min(self.most, other.sure), min(self.most, other.most)):
            comparable = self.hashes if limit == _ALL else {number for number in self.hashes if number <= limit}
            if len(comparable) >= least:
                return len((comparable & other.hashes) - without) / len(comparable)
        return 0.0
