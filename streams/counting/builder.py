"""Collects what was read of one partition until it is time to cut a slice.

Decides nothing about lateness: it only records, for each post, how far time had run before it (`seen`).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from streams.contracts.posts import POSITION_BITS, ReadPost
from streams.contracts.times import bucket_end_ms, bucket_of

UNSEEN = -1
"""The running maximum of time before anything was read."""
SLICES_A_SECOND: Final = 32
LONGEST_DUE_S: Final = 1.0


def due_s(slice_s: float, partitions: int) -> float:
    """Return after how many seconds a worker cuts the slices of so many partitions.

    A slice costs a part for each shard, however few posts it holds. So a worker of many partitions lets posts wait
    longer than `slice_s` rather than cut more than SLICES_A_SECOND, but no longer than LONGEST_DUE_S.
    """
    return max(slice_s, min(partitions / SLICES_A_SECOND, LONGEST_DUE_S))


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """Positions [start, end) of a partition with the posts in them.

    `seen[i]` is the running maximum of time inside the slice before post i, `first` and `watermark` that maximum
    after the slice's first item and after its last; -1 where no time was seen. `last_offset` is the newest record
    contained.
    """

    partition: int
    start: int
    end: int
    first: int
    watermark: int
    posts: Sequence[ReadPost]
    seen: Sequence[int]
    idle: bool = False

    @property
    def next_offset(self) -> int:
        """The offset to read next once this slice is safe."""
        return self.end >> POSITION_BITS


class SliceBuilder:
    """The slice under construction of one partition.

    Args:
        partition: its number.
        next_offset: the first offset that this reader answers for, whether or not the log still holds it.
        lateness_ms: only for `late`, the count of posts that the shards will not count.
    """

    def __init__(self, partition: int, next_offset: int, lateness_ms: int) -> None:
        self.partition = partition
        self.start = next_offset << POSITION_BITS
        self.end = self.start
        self.watermark = UNSEEN
        self.late = 0
        self._lateness_ms = lateness_ms
        self._posts: list[ReadPost] = []
        self._seen: list[int] = []
        self._first = UNSEEN
        self._running = UNSEEN

    def __len__(self) -> int:
        return len(self._posts)

    @property
    def pending(self) -> bool:
        """Whether anything was read since the last cut."""
        return self.end > self.start

    @property
    def next_offset(self) -> int:
        """The offset expected next, or any after it: logs may skip some."""
        return self.end >> POSITION_BITS

    def add(self, offset: int, posts: Sequence[ReadPost], arrived_ms: int, *, heartbeat: bool) -> None:
        """Take the record at `offset`: its usable posts in order, or a heartbeat that only moves time.

        Raises:
            ValueError: `offset` was already taken.
        """
        if offset < self.next_offset:
            raise ValueError(f"offset {offset} of partition {self.partition} was already taken")
        for post in posts:
            if bucket_end_ms(bucket_of(post.created_ms)) + self._lateness_ms <= self.watermark:
                self.late += 1
            self._posts.append(post)
            self._seen.append(self._running)
            self._advance(min(post.created_ms, post.arrived_ms))
        if heartbeat:
            self._advance(arrived_ms)
        self.end = (offset + 1) << POSITION_BITS

    def _advance(self, time_ms: int) -> None:
        if self._first == UNSEEN:
            self._first = time_ms
        self._running = max(self._running, time_ms)
        self.watermark = max(self.watermark, time_ms)

    def cut(self, *, idle: bool = False) -> Slice:
        """Return what was collected and begin the next slice where this one ends."""
        made = Slice(
            partition=self.partition,
            start=self.start,
            end=self.end,
            first=self._first,
            watermark=self._running,
            posts=self._posts,
            seen=self._seen,
            idle=idle,
        )
        self.start = self.end
        self._posts, self._seen = [], []
        self._first = self._running = UNSEEN
        return made
