"""Rotation of the key of author hashes: which key holds when, and how one author's earlier hash becomes the later one.

The first key hashes an author's id. Every later key hashes what the key before it gave, so whoever holds the keys can
carry a state that knows authors by hash alone across a rotation, and whoever lacks the newest cannot follow.
"""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b, sha256
from typing import Final

import numpy as np
import numpy.typing as npt

from streams.contracts.times import BUCKET_MS

Hashes = npt.NDArray[np.uint64]

HASH_BYTES: Final = 8
_LONGEST_KEY: Final = 64
_DOMAIN: Final = b"redian rotation"


class Rotations:
    """The later keys of a deployment. An *era* is how many of them hold: 0 before the first rotation.

    Args:
        later: (the bucket from which a key holds, the key), in order of time.

    Raises:
        ValueError: a key is empty, or the buckets do not ascend.
    """

    def __init__(self, later: Sequence[tuple[int, bytes]] = ()) -> None:
        self._from = [bucket for bucket, _ in later]
        if any(one >= other for one, other in zip(self._from, self._from[1:], strict=False)):
            raise ValueError("the keys of author hashes do not follow each other in time")
        if not all(key for _, key in later):
            raise ValueError("a key of author hashes is empty")
        self._keyed = [blake2b(digest_size=HASH_BYTES, key=fitting(key), person=_DOMAIN) for _, key in later]

    def __len__(self) -> int:
        return len(self._from)

    def era(self, bucket: int) -> int:
        """Return which era a bucket of event time lies in: a fact of the post, whoever reads it and when."""
        return bisect_right(self._from, bucket) if self._from else 0

    def era_at(self, time_ms: int) -> int:
        """Return the same of a time (ms)."""
        return self.era(time_ms // BUCKET_MS)

    def onward(self, hashed: int, era: int, until: int) -> int:
        """Return the hash in era `until` of the author whose hash in `era` this is; itself where that is not later."""
        for keyed in self._keyed[era:until]:
            step = keyed.copy()
            step.update(hashed.to_bytes(HASH_BYTES, "little"))
            hashed = int.from_bytes(step.digest(), "little")
        return hashed

    def all_onward(self, hashes: Hashes, era: int, until: int) -> Hashes:
        """Return the same of many hashes, in their order."""
        if until <= era or not len(hashes):
            return hashes
        known, place = np.unique(hashes, return_inverse=True)
        brought = [self.onward(hashed, era, until) for hashed in known.tolist()]
        return np.array(brought, np.uint64)[place]

    def every(self, hashed: int) -> tuple[int, ...]:
        """Return the hashes of all eras, first to last, of the author whose hash in the first this is."""
        found = [hashed]
        for era in range(len(self)):
            found.append(self.onward(found[-1], era, era + 1))
        return tuple(found)

    def meant(self, hashed: int) -> tuple[int, ...]:
        """Return the hashes that an author may have today whose hash of some era, nobody knows which, this is."""
        return tuple(self.onward(hashed, era, len(self)) for era in range(len(self), -1, -1))

    def names_meant(self, name: str) -> tuple[str, ...]:
        """Return the same of a hash as it is written outside, in 16 hex digits."""
        return tuple(f"{hashed:016x}" for hashed in self.meant(int(name, 16)))


NONE: Final = Rotations()
"""A deployment whose first key is still the only one."""


def fitting(key: bytes) -> bytes:
    """Return a key that BLAKE2b takes: itself, or the hash of one that is too long."""
    return key if len(key) <= _LONGEST_KEY else sha256(key).digest()
