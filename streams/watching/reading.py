"""Reads what workers say to each other of watchlists, and refuses what cannot be counted: numbers out of all range.

That its figures are true nobody can judge here: only Redian may write to these topics (see docs/security.md).
"""

from typing import Final

import msgspec

from streams.contracts.decoding import MOST_COUNTED, packed_decoder
from streams.contracts.times import BUCKET_MS, EARLIEST_MS, LATEST_MS
from streams.contracts.watchlists import MentionSlice, Tally, WatchBucket

_MAX_POSITION: Final = 1 << 62
_MAX_PARTITIONS: Final = 1 << 16
_MOST_PIECES: Final = 10_000
_HASH: Final = 1 << 64
_MOST_MOOD: Final = 1000

_SLICES = packed_decoder(MentionSlice)
_BUCKETS = packed_decoder(WatchBucket)


def read_mentions(value: bytes) -> MentionSlice:
    """Read the posts of a slice that some watchlist is for.

    Raises:
        msgspec.MsgspecError: `value` is no such slice, or does not hold together.
    """
    part = _SLICES.decode(value)
    if not 0 <= part.partition < part.partitions <= _MAX_PARTITIONS:
        raise msgspec.ValidationError(f"partition {part.partition} of {part.partitions}")
    if not 0 <= part.start <= part.end <= _MAX_POSITION:
        raise msgspec.ValidationError(f"positions {part.start} to {part.end}")
    if not _is_time(part.watermark):
        raise msgspec.ValidationError(f"time {part.watermark}")
    for post in part.posts:
        if not part.start <= post.position < part.end:
            raise msgspec.ValidationError(f"position {post.position} outside of the slice")
        if not (EARLIEST_MS <= post.created_ms <= LATEST_MS and _is_time(post.seen)):
            raise msgspec.ValidationError("times out of range")
        if not (0 <= post.author < _HASH and abs(post.mood or 0) <= _MOST_MOOD):
            raise msgspec.ValidationError("an author or a mood out of range")
    return part


def read_bucket(value: bytes) -> WatchBucket:
    """Read what a partition says of a bucket.

    Raises:
        msgspec.MsgspecError: `value` says nothing of a bucket, or does not hold together.
    """
    told = _BUCKETS.decode(value)
    if not 0 <= told.partition < told.partitions <= _MAX_PARTITIONS:
        raise msgspec.ValidationError(f"partition {told.partition} of {told.partitions}")
    if not 0 <= told.number < told.of <= _MOST_PIECES:
        raise msgspec.ValidationError(f"piece {told.number} of {told.of}")
    if not -1 <= told.bucket <= LATEST_MS // BUCKET_MS:
        raise msgspec.ValidationError(f"bucket {told.bucket}")
    if not all(map(_holds, told.tallies)):
        raise msgspec.ValidationError("a tally out of range")
    return told


def _is_time(time_ms: int) -> bool:
    return time_ms == -1 or EARLIEST_MS <= time_ms <= LATEST_MS


def _holds(tally: Tally) -> bool:
    return (
        0 < tally.below < _HASH
        and 0 <= tally.posts <= MOST_COUNTED
        and all(0 <= author < tally.below and abs(mood) <= _MOST_MOOD for author, mood in tally.votes.items())
        and all(
            0 < count <= MOST_COUNTED and abs(total) <= _MOST_MOOD * count for count, total in tally.aspects.values()
        )
        and all(0 <= author < _HASH for authors in tally.speakers.values() for author in authors)
        and all(0 <= mention.author < _HASH and abs(mention.mood) <= _MOST_MOOD for mention in tally.sample)
    )
