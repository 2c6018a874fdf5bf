"""Which posts were seen lately: two generations of hashes, so that memory is bounded and forgetting costs nothing."""

from collections.abc import Mapping

import xxhash

GENERATION = 100_000
"""Ids in a generation: at least this many of the newest are known, at most twice as many are kept."""


def key_of(platform: str, post_id: str) -> int:
    """Return the 64-bit hash by which a post is known."""
    return xxhash.xxh64_intdigest(f"{platform}\0{post_id}".encode("utf-8", "surrogatepass"))


class RecentIds:
    """Keys of recent posts, and since which place of the log they are all known.

    Args:
        since: for each partition of `posts` the offset at which the first key to come will stand, or before.
        size: of a generation.
    """

    def __init__(self, since: Mapping[int, int], size: int = GENERATION) -> None:
        self._size = size
        self._older: set[int] = set()
        self._newer: set[int] = set()
        self._older_since = dict(since)
        self._newer_since = dict(since)

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def __contains__(self, key: int) -> bool:
        return key in self._newer or key in self._older

    def add(self, key: int) -> None:
        """Remember a key."""
        self._newer.add(key)

    def turn(self, next_offsets: Mapping[int, int]) -> None:
        """Begin a new generation if this one is full; everything in it stands before `next_offsets`."""
        if len(self._newer) >= self._size:
            self._older, self._newer = self._newer, set()
            self._older_since, self._newer_since = self._newer_since, dict(next_offsets)

    @property
    def since(self) -> dict[int, int]:
        """For each partition, the offset from which on the log holds every key that is known."""
        return dict(self._older_since)
