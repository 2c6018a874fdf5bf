"""How much of one term's posts are another's, from samples cut by the same hash (bottom-k sketches, Cohen 1997).

A sample that holds fewer than k posts holds all of them. A full one holds all posts whose hash is not above its
largest, so only posts below the lower of two such limits can be compared.
"""

from collections.abc import Iterable

import xxhash

from streams.contracts.bursts import Evidence

_ALL = 1 << 64


class Sketch:
    """Posts known of a term or a story, by hash.

    Args:
        samples: bottom-k samples; their union is complete up to the lowest of their limits, `sure`.
        k: size of a full sample.
    """

    def __init__(self, samples: Iterable[tuple[Evidence, ...]], k: int) -> None:
        self.hashes: set[int] = set()
        self.sure, self.most = _ALL, 0
        for sample in samples:
            hashes = [hash_of(post.id) for post in sample]
            self.hashes.update(hashes)
            limit = _ALL if len(hashes) < k else max(hashes)
            self.sure, self.most = min(self.sure, limit), max(self.most, limit)

    def share_within(self, other: "Sketch", least: int) -> float:
        """Return the share of this sketch that is in `other`; 0 where fewer than `least` posts can be compared.

        Compared are posts of which `other` knows for sure; where those are too few, all that one of its samples covers,
        which can only make the share too small.
        """
        for limit in (min(self.most, other.sure), min(self.most, other.most)):
            comparable = [number for number in self.hashes if number <= limit]
            if len(comparable) >= least:
                return sum(number in other.hashes for number in comparable) / len(comparable)
        return 0.0


def hash_of(post_id: str) -> int:
    """Return the hash by which samples are cut."""
    return xxhash.xxh64_intdigest(post_id.encode())
