"""What platforms took back: known by id and by author, so that nobody quotes it any more.

Whoever reads posts back from the log asks here before quoting them.
"""

from collections.abc import Callable, Sequence
from typing import Final

from streams.contracts.posts import ReadPost
from streams.contracts.sources import Deletion
from streams.ingesting.recent import RecentIds, key_of

GENERATION: Final = 250_000
"""Deletions in a generation: at least so many of the newest are known, at most twice as many are kept."""


class TakenBack:
    """The latest deletions.

    Args:
        authors_of: returns the hashes by which (platform, author) is known inside Redian, one for every era.
        size: of a generation.
    """

    def __init__(self, authors_of: Callable[[str, str], Sequence[int]], size: int = GENERATION) -> None:
        self._authors_of = authors_of
        self._keys = RecentIds({}, size)
        self.changes = 0
        """Grows with every deletion: who keeps quotations looks again when it has."""

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, deletion: Deletion) -> None:
        """Take in a deletion; one that names nothing hides nothing."""
        if deletion.id is not None:
            self._keys.add(key_of(deletion.platform, deletion.id))
        elif deletion.author is not None:
            for author in self._authors_of(deletion.platform, deletion.author):
                self._keys.add(author)
        self._keys.turn({})
        self.changes += 1

    def has(self, post: ReadPost) -> bool:
        """Say whether a post, or everything of its author, was taken back."""
        return self.hides(post.platform, post.id, post.author)

    def hides(self, platform: str, post_id: str, author: int) -> bool:
        """Say the same of a post of which no more is known; `author` is its hash inside Redian."""
        return key_of(platform, post_id) in self._keys or author in self._keys
