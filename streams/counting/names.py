"""What a post names, as short hashes that go with it to every shard: how stories know what their posts have in common.

A shard sees only its own terms of a post. Names are the others too, but for phrases, which their words stand for. Words
are compared by their stems (Porter 2001), so that "flood", "floods" and "flooding" name the same.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import Stemmer
import xxhash

from streams.contracts.slices import POST_NAMES
from streams.contracts.terms import name_of
from streams.remembering import Remembered

_LEFT_OUT: Final = "phrase:"
_OF_WORDS: Final = ("tag:", "word:")
_REMEMBERED: Final = 200_000


def name_hash(name: str) -> int:
    """Return the 32-bit hash of a name, never 0."""
    return xxhash.xxh32_intdigest(name.encode()) or 1


def word_hash(word: str) -> int:
    """Return the hash of what a word names: of its stem. Words with other signs than ASCII's stand for themselves."""
    return _STEMS[word] if word.isascii() else name_hash(word)


def names_of(terms: Iterable[str], tag_words: Sequence[str] = ()) -> list[int]:
    """Return the hashes of the first POST_NAMES names of a post, filled up with 0; what its hashtags say comes first.

    Example:
        >>> names_of(["tag:turin", "word:turin", "phrase:in turin"])[:2] == [word_hash("turin"), 0]
        True
    """
    hashes = dict.fromkeys(map(word_hash, tag_words))
    hashes.update(dict.fromkeys([_term_hash(term) for term in terms if not term.startswith(_LEFT_OUT)]))
    found = list(hashes)[:POST_NAMES]
    return found + [0] * (POST_NAMES - len(found))


def names_in(term: str) -> set[int]:
    """Return the hashes of all that a term names: for a phrase, of each of its words."""
    words = set(map(word_hash, name_of(term).split()))
    return words if term.startswith(_LEFT_OUT) else {_term_hash(term), *words}


def _term_hash(term: str) -> int:
    # What is passed on is mostly new, and words that have no stem are sooner hashed than found.
    return _OF_TERMS[term] if term.isascii() and term.startswith(_OF_WORDS) else name_hash(name_of(term))


def _stem_hash(word: str) -> int:
    # A stemmer holds the word that it works on, so threads cannot share one; it need not remember any (0), this does.
    return name_hash(Stemmer.Stemmer("english", 0).stemWord(word))


_STEMS: Final = Remembered(_stem_hash, _REMEMBERED)
_OF_TERMS: Final = Remembered(lambda term: _stem_hash(name_of(term)), _REMEMBERED)
