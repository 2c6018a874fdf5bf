"""Passages by their words: BM25 (Robertson and Zaragoza, 2009), with the weight of a word for others to use."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from typing import Final

_K1: Final = 1.2
_B: Final = 0.6
_OTHERS: Final = 50
"""Passages that are not there: in a library of three, a word that all have is telling all the same."""


class LexicalIndex:
    """An inverted index over passages numbered by the caller; passages come and go."""

    def __init__(self) -> None:
        self._postings: dict[str, dict[int, int]] = {}
        self._tokens: dict[int, Counter[str]] = {}
        self._length = 0

    def __len__(self) -> int:
        return len(self._tokens)

    def add(self, number: int, tokens: Iterable[str]) -> None:
        """Add a passage that is not there."""
        counted = Counter(tokens)
        self._tokens[number] = counted
        self._length += counted.total()
        for token, count in counted.items():
            self._postings.setdefault(token, {})[number] = count

    def remove(self, number: int) -> None:
        """Remove a passage."""
        counted = self._tokens.pop(number)
        self._length -= counted.total()
        for token in counted:
            del self._postings[token][number]
            if not self._postings[token]:
                del self._postings[token]

    def has(self, number: int, token: str) -> bool:
        """Return whether a passage has a token."""
        return token in self._tokens[number]

    def weight(self, token: str) -> float:
        """Return how telling a token is: its inverse document frequency."""
        carried = len(self._postings.get(token, ()))
        return log(1 + (len(self._tokens) + _OTHERS - carried + 0.5) / (carried + 0.5))

    def search(self, tokens: Sequence[str], count: int) -> list[int]:
        """Return the numbers of the best passages, best first, ties by number."""
        mean = self._length / max(len(self._tokens), 1)
        scores: dict[int, float] = {}
        for token in tokens:
            weight = self.weight(token)
            for number, times in self._postings.get(token, {}).items():
                length = self._tokens[number].total() / mean
                scores[number] = scores.get(number, 0.0) + weight * times * (_K1 + 1) / (
                    times + _K1 * (1 - _B + _B * length)
                )
        return sorted(scores, key=lambda number: (-scores[number], number))[:count]
