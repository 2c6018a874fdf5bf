"""Who used which term in the last hour: the one set of counts that every method is given."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

import xxhash

from streams.contracts.posts import ReadPost

HOUR: Final = 60
SAMPLE: Final = 32
"""Evidence posts, as many as the engine's alerts have."""


class Usage:
    """The uses of every term in the last hour, by bucket."""

    def __init__(self) -> None:
        self._uses: dict[str, deque[tuple[int, ReadPost]]] = {}
        self._touched: set[str] = set()
        self._writers: deque[tuple[int, int]] = deque()

    def add(self, bucket: int, post: ReadPost) -> None:
        """Note a post of the bucket that is open."""
        self._writers.append((bucket, post.author))
        for term in post.terms:
            self._uses.setdefault(term, deque()).append((bucket, post))
        self._touched.update(post.terms)

    def take_crowds(self, bucket: int, least: int) -> Iterator[tuple[str, int]]:
        """Yield the terms used since the last call that `least` authors used within the hour, with their number."""
        touched, self._touched = sorted(self._touched), set()
        for term in touched:
            if len(self._uses[term]) >= least and (authors := self.authors(term, bucket, HOUR)) >= least:
                yield term, authors

    def authors(self, term: str, bucket: int, minutes: int) -> int:
        """Return how many distinct authors used a term in the buckets that end with `bucket`."""
        uses = self._uses[term]
        while uses and uses[0][0] <= bucket - HOUR:
            uses.popleft()
        return len({post.author for used, post in uses if used > bucket - minutes})

    def within(self, bucket: int, minutes: int) -> dict[str, int]:
        """Return the distinct authors of every term used in the buckets that end with `bucket`; forget older uses."""
        found = {term: self.authors(term, bucket, minutes) for term in self._uses}
        self._uses = {term: uses for term, uses in self._uses.items() if uses}
        self._touched &= self._uses.keys()
        return {term: authors for term, authors in found.items() if authors}

    def everyone(self, bucket: int, minutes: int) -> int:
        """Return how many distinct authors wrote anything in the buckets that end with `bucket`."""
        while self._writers and self._writers[0][0] <= bucket - HOUR:
            self._writers.popleft()
        return len({author for used, author in self._writers if used > bucket - minutes})

    def evidence(self, term: str) -> Sequence[ReadPost]:
        """Return a uniform sample of the hour's posts with a term."""
        posts = {post.id: post for _, post in self._uses[term]}
        return sorted(posts.values(), key=lambda post: xxhash.xxh64_intdigest(post.id.encode()))[:SAMPLE]
