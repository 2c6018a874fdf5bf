"""How much of one term's posts are another's, from samples cut by the same hash (bottom-k sketches, Cohen 1997).

A sample that holds fewer than k posts holds all of them. A full one holds all posts whose hash is not above its
largest, so only posts below the lower of two such limits can be compared.
"""

from collections.abc import Iterable

import xxhash

from streams.contracts.bursts import Evidence

_ALL = 1 << 64


class Sketch:
    """Posts known of a term or a story: ids by hash, complete up to `limit`.

    Args:
        samples: bottom-k samples; their union is complete up to the highest limit of one only for posts of that one, so
            the union counts as known up to the highest.
        k: size of a full sample.
    """

    def __init__(self, samples: Iterable[tuple[Evidence, ...]], k: int) -> None:
        self.hashes: set[int] = set()
        self.limit = 0
        for sample in samples:
            hashes = [hash_of(post.id) for post in sample]
            self.hashes.update(hashes)
            limit = _ALL if len(hashes) < k else max(hashes)
            self.limit = max(self.limit, limit)

    def within(self, other: "Sketch") -> tuple[int, int]:
        """Return how many of this sketch's comparable posts are in `other`, and how many are comparable."""
        limit = min(self.limit, other.limit)
        comparable = {number for number in self.hashes if number <= limit}
        return len(comparable & other.hashes), len(comparable)

    def share_within(self, other: "Sketch", least: int) -> float:
        """Return the share of this sketch that is in `other`; 0 where fewer than `least` posts can be compared."""
        shared, comparable = self.within(other)
        return shared / comparable if comparable >= least else 0.0


def hash_of(post_id: str) -> int:
    """Return the hash by which samples are cut."""
    return xxhash.xxh64_intdigest(post_id.encode())
