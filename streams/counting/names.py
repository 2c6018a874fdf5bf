"""What a post names, as short hashes that go with it to every shard: how stories know what their posts have in common.

A shard sees only its own terms of a post. Names are the others too, but for phrases, which their words stand for.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import xxhash

from streams.contracts.slices import POST_NAMES
from streams.contracts.terms import kind_of, name_of

_LEFT_OUT: Final = "phrase"
_REMEMBERED: Final = 200_000


def name_hash(name: str) -> int:
    """Return the 32-bit hash of a name, never 0."""
    return xxhash.xxh32_intdigest(name.encode()) or 1


def names_of(terms: Iterable[str]) -> list[int]:
    """Return the hashes of the first POST_NAMES names of a post, filled up with 0.

    Example:
        >>> names_of(["tag:turin", "word:turin", "phrase:in turin"])[:2] == [name_hash("turin"), 0]
        True
    """
    hashes = dict.fromkeys(map(_hash_of, terms))
    hashes.pop(0, None)
    found = list(hashes)[:POST_NAMES]
    return found + [0] * (POST_NAMES - len(found))


@lru_cache(maxsize=_REMEMBERED)
def _hash_of(term: str) -> int:
    """Return the hash of what a term names, 0 for one that is left out."""
    return 0 if kind_of(term) == _LEFT_OUT else name_hash(name_of(term))
