"""What a post names, as short hashes that go with it to every shard: how stories know what their posts have in common.

A shard sees only its own terms of a post. Names are the others too, but for phrases, which their words stand for. Words
are compared by their stems (Porter 2001), so that "flood", "floods" and "flooding" name the same.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import Stemmer
import xxhash

from streams.contracts.slices import POST_NAMES
from streams.contracts.terms import kind_of, name_of

_LEFT_OUT: Final = "phrase"
_OF_WORDS: Final = ("tag", "word")
_REMEMBERED: Final = 200_000


def name_hash(name: str) -> int:
    """Return the 32-bit hash of a name, never 0."""
    return xxhash.xxh32_intdigest(name.encode()) or 1


@lru_cache(maxsize=_REMEMBERED)
def word_hash(word: str) -> int:
    """Return the hash of what a word names: of its stem. Words with other signs than ASCII's stand for themselves."""
    # A stemmer holds the word that it works on, so threads cannot share one; it need not remember any (0), this does.
    return name_hash(Stemmer.Stemmer("english", 0).stemWord(word) if word.isascii() else word)


def names_of(terms: Iterable[str], tag_words: Sequence[str] = ()) -> list[int]:
    """Return the hashes of the first POST_NAMES names of a post, filled up with 0; what its hashtags say comes first.

    Example:
        >>> names_of(["tag:turin", "word:turin", "phrase:in turin"])[:2] == [word_hash("turin"), 0]
        True
    """
    hashes = dict.fromkeys(map(word_hash, tag_words))
    hashes.update(dict.fromkeys(map(_hash_of, terms)))
    hashes.pop(0, None)
    found = list(hashes)[:POST_NAMES]
    return found + [0] * (POST_NAMES - len(found))


def names_in(term: str) -> set[int]:
    """Return the hashes of all that a term names: for a phrase, of each of its words."""
    return {_hash_of(term), *map(word_hash, name_of(term).split())} - {0}


@lru_cache(maxsize=_REMEMBERED)
def _hash_of(term: str) -> int:
    """Return the hash of what a term names, 0 for one that is left out."""
    kind = kind_of(term)
    if kind == _LEFT_OUT:
        return 0
    return word_hash(name_of(term)) if kind in _OF_WORDS else name_hash(name_of(term))
