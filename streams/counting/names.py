"""What a post names, as short hashes that go with it to every shard: how stories know what their posts have in common.

A shard sees only its own terms of a post. Names are the others too, but for phrases, which their words stand for.
"""

from collections.abc import Iterable
from typing import Final

import xxhash

from streams.contracts.slices import POST_NAMES
from streams.contracts.terms import kind_of, name_of

_LEFT_OUT: Final = "phrase"


def name_hash(name: str) -> int:
    """Return the 32-bit hash of a name, never 0."""
    return xxhash.xxh32_intdigest(name.encode()) or 1


def names_of(terms: Iterable[str]) -> list[int]:
    """Return the hashes of the first POST_NAMES names of a post, filled up with 0.

    Example:
        >>> names_of(["tag:turin", "word:turin", "phrase:in turin"])[:2] == [name_hash("turin"), 0]
        True
    """
    names = dict.fromkeys(name_of(term) for term in terms if kind_of(term) != _LEFT_OUT)
    hashes = [name_hash(name) for name in list(names)[:POST_NAMES]]
    return hashes + [0] * (POST_NAMES - len(hashes))
