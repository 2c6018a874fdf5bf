"""Bursts: what each shard says of each bucket it closes, on topic `bursts` (one partition), in MessagePack."""

from collections.abc import Iterable

import msgspec

from streams.contracts.posts import UNKNOWN_DAYS

SCHEMA = 1

RECORD_BYTES = 900_000
"""What the bursts of a record take at most, so that it fits a message (1 MiB) with all else that it holds."""

BURST_HASHES = 256
"""Post hashes that a burst carries at most; a burst with fewer carries all."""


class Evidence(msgspec.Struct, frozen=True, array_like=True):
    """One post of a uniform sample: who it is, where it stands in the log, and what merging needs of it.

    `author` and `copy_key` are 64-bit hashes; `sentiment` is (negative, neutral, positive) or empty without a score;
    `names` are hashes of what it names (little-endian uint32, see `counting.names`), `account_days` how old its
    author's account was, UNKNOWN_DAYS if nobody says, and `place` is where it was written.
    """

    id: str
    partition: int
    offset: int
    index: int
    author: int
    created_ms: int
    lang: str
    platform: str
    copy_key: int
    sentiment: tuple[float, ...]
    names: bytes = b""
    account_days: int = UNKNOWN_DAYS
    place: str = ""


class Burst(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A term's figures at the close of a bucket.

    `log10_p` is the smallest tail probability over the scales, rounded to 3 decimals, reached at `scale_min` minutes
    with `observed` distinct authors against `expected`. `authors` are distinct authors at 1, 5, 15 and 60 minutes;
    `posts` those of the bucket; `sample` a uniform sample by hash of the term's posts in the last hour, smallest hash
    first; `series` distinct authors of the last 60 buckets, the newest last. `copies` is the share of the sample that
    is a near-duplicate of another author's or the same author's post, `top_author` the share of the most frequent
    author. `hashes` are the smallest hashes (xxh64 of the id, little-endian uint64, ascending, at most BURST_HASHES)
    of the term's posts in the last hour: by them stories see which terms share their posts.
    """

    term: str
    log10_p: float
    scale_min: int
    observed: int
    expected: float
    authors: tuple[int, int, int, int]
    posts: int
    significant: bool
    sample: tuple[Evidence, ...]
    series: tuple[int, ...]
    copies: float
    top_author: float
    hashes: bytes = b""


class BucketRecord(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Everything one shard found in one bucket; published for empty buckets too, in order, once a bucket.

    `bursts` holds the terms significant now and those that were in the last 90 minutes, so that stories sees them fade.
    `tests` is how many hypotheses were tried, `warming` how far the baselines have learned (1.0: done). After days of
    silence a record is `dormant`: nothing was or will be there up to this bucket, whatever was not told of. `everyday`
    holds the names of a few posts of the bucket, whatever they are about (uint32 [k, POST_NAMES]): by them stories know
    which names are common.
    """

    schema: int = SCHEMA
    shard: int
    shards: int
    bucket: int
    posts: int
    tests: int
    warming: float
    bursts: tuple[Burst, ...]
    dormant: bool = False
    everyday: bytes = b""


def within(bursts: Iterable[Burst], size: int) -> tuple[Burst, ...]:
    """Return bursts in order of their terms: all, or the strongest of them that take `size` bytes at most."""
    kept = []
    for burst in sorted(bursts, key=lambda burst: (not burst.significant, burst.log10_p, burst.term)):
        size -= len(_ENCODER.encode(burst))
        if size < 0:
            break
        kept.append(burst)
    return tuple(sorted(kept, key=lambda burst: burst.term))


_ENCODER = msgspec.msgpack.Encoder()
