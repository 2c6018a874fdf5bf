"""Sentences worth quoting: posts cut at their sentence ends, without fragments, hashtag heaps and personal data."""

import re
from typing import Final

import msgspec

from streams.briefs.masking import masked

MAX_CHARS: Final = 280
_MIN_WORDS: Final = 5
_MIN_HAN: Final = 8
_END: Final = re.compile(r"(?<=[.!?…])\s+(?=[^a-z\s])|(?<=[。！？；!?])\s*|\n+")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_EDGES: Final = re.compile(r"^(?:\s|RT\b|@user\b:?|[:：,，、.·|\-–—])+|(?:\s|@user\b|#[^\s#]+#?|[:：|\-–—(（])+$")
_NOISE: Final = re.compile(r"@user|#")


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of one post with the words by which it is compared."""

    text: str
    post: str
    words: frozenset[str]


def words_of(text: str) -> frozenset[str]:
    """Return what two texts are compared by: casefolded words of three letters or more, and pairs of Han characters."""
    found: set[str] = set()
    for word in _WORD.findall(text.casefold()):
        if _HAN.search(word):
            found.update(word[i : i + 2] for i in range(max(len(word) - 1, 1)))
        elif len(word) > 2:
            found.add(word)
    return frozenset(found)


def sentences_of(post: str, text: str) -> list[Sentence]:
    """Return the quotable sentences of a post's cleaned text, in order.

    A sentence needs five words or eight Han characters, is cut at `MAX_CHARS`, and may not be mostly mentions and tags.
    """
    found = []
    for piece in _END.split(masked(text)):
        line = _EDGES.sub("", " ".join(piece.split()))
        if len(line) > MAX_CHARS:
            line = line[: MAX_CHARS - 1].rsplit(" ", 1)[0] + "…"
        han, plain = len(_HAN.findall(line)), len(_WORD.findall(line))
        if han < _MIN_HAN and plain < _MIN_WORDS:
            continue
        if len(_NOISE.findall(line)) * 3 > max(plain, han):
            continue
        found.append(Sentence(line, post, words_of(line)))
    return found
