"""What platforms took back: known by id and by author, so that nobody quotes it any more.

Bounded as `streams/ingesting/recent.py` is: two generations of hashes. Whoever reads posts back from the log asks here
before quoting them.
"""

from collections.abc import Callable
from typing import Final

import xxhash

from streams.contracts.posts import ReadPost
from streams.contracts.sources import Deletion

GENERATION: Final = 250_000
"""Deletions in a generation: at least so many of the newest are known, at most twice as many are kept."""


def _key(platform: str, post_id: str) -> int:
    return xxhash.xxh64_intdigest(f"{platform}\0{post_id}".encode("utf-8", "surrogatepass"))


class TakenBack:
    """The latest deletions.

    Args:
        author_of: returns the hash by which (platform, author) is known inside Redian.
        size: of a generation.
    """

    def __init__(self, author_of: Callable[[str, str], int], size: int = GENERATION) -> None:
        self._author_of = author_of
        self._size = size
        self._older: set[int] = set()
        self._newer: set[int] = set()
        self.added = 0
        """How many deletions were taken in: what was read back before the last one may quote too much."""

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def add(self, deletion: Deletion) -> None:
        """Take in a deletion; one that names nothing hides nothing."""
        self.added += 1
        if deletion.id is not None:
            self._newer.add(_key(deletion.platform, deletion.id))
        elif deletion.author is not None:
            self._newer.add(self._author_of(deletion.platform, deletion.author))
        if len(self._newer) >= self._size:
            self._older, self._newer = self._newer, set()

    def _holds(self, key: int) -> bool:
        return key in self._newer or key in self._older

    def has(self, post: ReadPost) -> bool:
        """Say whether a post, or everything of its author, was taken back."""
        return self._holds(_key(post.platform, post.id)) or self._holds(post.author)
