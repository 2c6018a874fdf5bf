"""Everything that may be quoted, found by its words and by its meaning, and replaced source by source.

Numbers of passages are given once and never again, so that both indexes always agree.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from usearch.index import Index

from streams.support.lexical import LexicalIndex
from streams.support.meaning import BACKGROUND_WEIGHT, Meaning, Vectors, unit
from streams.support.passages import Passage
from streams.support.words import tokens_of

MAX_PASSAGES: Final = 50_000
"""Passages held in all; further ones are refused and counted."""

_EXACT: Final = 20_000
"""Up to so many vectors are compared one by one: fast enough, and the same every time."""


class Library:
    """The passages, by source.

    Args:
        meaning: embeds them; None for a search by words alone.
    """

    def __init__(self, meaning: Meaning | None) -> None:
        self.lexical = LexicalIndex()
        self.refused = 0
        self._meaning = meaning
        self._passages: dict[int, Passage] = {}
        self._by_source: dict[str, list[int]] = {}
        self._next = 0
        self._index = None if meaning is None else Index(ndim=meaning.dimensions, metric="ip", dtype="f32")
        self._sums: dict[str, Vectors] = {}
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._passages)

    def put(self, source: str, passages: Sequence[Passage]) -> None:
        """Hold these passages of a source, instead of those held before; none of them to forget it."""
        for number in self._by_source.pop(source, ()):
            passage = self._passages.pop(number)
            self.lexical.remove(number)
            if self._index is not None:
                self._count(passage.lang, -self.vectors([number])[0], -1)
                self._index.remove(number)
        room = MAX_PASSAGES - len(self._passages)
        self.refused += max(len(passages) - room, 0)
        kept = passages[: max(room, 0)]
        if not kept:
            return
        numbers = list(range(self._next, self._next + len(kept)))
        self._next += len(kept)
        self._by_source[source] = numbers
        for number, passage in zip(numbers, kept, strict=True):
            self._passages[number] = passage
            self.lexical.add(number, tokens_of(f"{passage.title}\n{passage.text}", passage.lang))
        if self._index is None or self._meaning is None:
            return
        vectors = self._meaning.texts([f"{passage.title}. {passage.text}" for passage in kept])
        self._index.add(np.array(numbers, np.uint64), vectors, threads=1)
        for passage, vector in zip(kept, vectors, strict=True):
            self._count(passage.lang, vector, 1)

    def _count(self, lang: str, vector: Vectors, count: int) -> None:
        self._sums[lang] = self._sums.get(lang, np.zeros_like(vector)) + vector
        self._counts[lang] = self._counts.get(lang, 0) + count

    def sources(self) -> frozenset[str]:
        """Return the sources held."""
        return frozenset(self._by_source)

    def passage(self, number: int) -> Passage:
        """Return a passage."""
        return self._passages[number]

    def nearest(self, vector: Vectors, count: int) -> list[int]:
        """Return the numbers of the passages nearest to a vector, nearest first."""
        if self._index is None or not len(self._index):
            return []
        found = self._index.search(vector, count, exact=len(self._index) <= _EXACT)
        return [int(key) for key in np.atleast_1d(found.keys)]

    def vectors(self, numbers: Sequence[int]) -> Vectors:
        """Return the vectors of passages, not centred."""
        assert self._index is not None
        found: Vectors = np.stack([np.asarray(self._index.get(int(number)), np.float32) for number in numbers])
        return found

    def centred(self, vectors: Vectors, langs: Iterable[str]) -> Vectors:
        """Return vectors of texts in these languages, less the middle of all passages in theirs, of length 1."""
        return unit(vectors - np.stack([self._middle(lang) for lang in langs]))

    def _middle(self, lang: str) -> Vectors:
        assert self._meaning is not None
        known = self._meaning.statements
        background = known.get(lang, known["en"])
        count = self._counts.get(lang, 0)
        total = self._sums.get(lang, np.zeros_like(background))
        middle: Vectors = np.divide(total + BACKGROUND_WEIGHT * background, count + BACKGROUND_WEIGHT, dtype=np.float32)
        return middle
