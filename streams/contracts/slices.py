"""Slices: the inverted index of one stretch of one partition, cut per shard, on topic `terms` in MessagePack.

Columns are little-endian arrays in bytes, so that a shard unites a slice with a few array operations.
"""

import msgspec

SCHEMA = 1

POST_NAMES = 16
"""Names that are told of a post at most."""


class Part(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What one shard gets of a slice: positions [start, end) of `partition`.

    Every shard gets a part of every slice, an empty one too: it is how a shard knows what it has not missed. Positions
    are `offset << 16 | index`; consecutive slices of one reader join end to start, whatever offsets the log skips.
    `first` and `watermark` are the earliest and the final value of the running maximum of time over the slice's items
    (a post counts its creation, at most its arrival; a heartbeat its arrival), -1 for a slice that saw no time.
    With `idle` the partition was read to its end at `end` and is silent.

    Columns over the n posts that this shard's terms refer to: `position` int64, `author` uint64, `created` int64 (ms),
    `seen` int64 (running maximum of time in the slice before the post, -1 at its start), `copy` uint64, `sentiment`
    float32 [n, 3] negative, neutral, positive (NaN without a score), `ids`, `lang` and `platform` one string a post;
    `names` uint32 [n, POST_NAMES] hashes of what the post names (see `counting.names`), whichever shards count it, 0
    for none. `accounts` (days that the author's account was old, -1 if unknown) and `places` ("" if unknown) have one
    entry a post too, or none at all where nothing is known of any.
    Postings: term k of `terms` is carried by `counts[k]` (uint32) posts, whose row numbers stand in `rows` (uint32)
    one term after the other.
    """

    schema: int = SCHEMA
    shard: int
    partition: int
    partitions: int
    start: int
    end: int
    first: int
    watermark: int
    idle: bool
    posts: int
    ids: list[str]
    lang: list[str]
    platform: list[str]
    position: bytes
    author: bytes
    created: bytes
    seen: bytes
    copy: bytes
    sentiment: bytes
    terms: list[str]
    counts: bytes
    rows: bytes
    names: bytes = b""
    accounts: list[int] = []
    places: list[str] = []
