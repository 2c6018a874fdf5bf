"""Scores remembered: of texts seen before, and of texts that differ from one in numbers and spaces alone.

The keys of near-duplicates that intake counts by are not used here: they do not see capitals, marks and emoji, which
make a mood.
"""

import re
from collections import OrderedDict
from hashlib import blake2b
from typing import Final, Literal

from streams.scoring.score import Score

_NUMBERS: Final = re.compile(r"\d+")

Found = tuple[Score, Literal["exact", "near"]]


class ScoreMemory:
    """A bounded memory that forgets what was not asked for the longest.

    It keeps hashes of 16 bytes, not what people wrote.

    Args:
        size: scores kept at most, 0 for none.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[bytes, tuple[Score, bytes]] = OrderedDict()
        self._near: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: bytes, text: str) -> Found | None:
        """Return the score of a text or of one near it, and which of both it is."""
        if not self._size:
            return None
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept[0], "exact"
        other = self._near.get(near_key(text))
        if other is None:
            return None
        self._kept.move_to_end(other)
        return self._kept[other][0], "near"

    def keep(self, key: bytes, text: str, score: Score) -> None:
        """Remember a score. One with a flag holds for its own text alone; a failure is not remembered."""
        if not self._size or score.failed:
            return
        near = b"" if score.flags else near_key(text)
        self._kept[key] = score, near
        if near:
            self._near.setdefault(near, key)
        if len(self._kept) > self._size:
            forgotten, (_, its) = self._kept.popitem(last=False)
            if self._near.get(its) == forgotten:
                del self._near[its]


def exact_key(text: str) -> bytes:
    """Return 16 bytes that stand for a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def near_key(text: str) -> bytes:
    """Return 16 bytes that texts share which differ in numbers and spaces alone."""
    return exact_key(" ".join(_NUMBERS.sub("0", text).split()))
