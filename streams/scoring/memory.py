"""Scores remembered of the very same text alone, so that a score never depends on what came before.

Sharing the scores of texts that differ in numbers was tried (docs/decisions/0006): a replay then gave other scores.
"""

from collections import OrderedDict
from hashlib import blake2b

from streams.scoring.score import Score


class ScoreMemory:
    """A bounded memory that forgets what was not asked for the longest.

    It keeps hashes of 16 bytes, not what people wrote.

    Args:
        size: scores kept at most, 0 for none.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[bytes, Score] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: bytes) -> Score | None:
        """Return the score of a text."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, key: bytes, score: Score) -> None:
        """Remember a score; a failure is not remembered."""
        if not self._size or score.failed:
            return
        self._kept[key] = score
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)


def key_of(text: str) -> bytes:
    """Return 16 bytes that stand for a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
