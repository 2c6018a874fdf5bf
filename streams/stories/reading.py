"""From the bytes of a value of `bursts` to the record of a bucket, if it holds together."""

import math
from typing import Final

import msgspec

from streams.contracts.bursts import BURST_HASHES, SCHEMA, BucketRecord, Burst, Evidence
from streams.contracts.decoding import MOST_COUNTED, packed_decoder
from streams.contracts.posts import MOST_DAYS, UNKNOWN_DAYS
from streams.contracts.slices import POST_NAMES
from streams.contracts.terms import MAX_TERM_CHARS
from streams.contracts.times import EARLIEST_MS, LATEST_MS, bucket_of

_FIRST_BUCKET: Final = bucket_of(EARLIEST_MS) - 60
"""The longest lateness before 2005."""
_LAST_BUCKET: Final = bucket_of(LATEST_MS)
_MAX_SHARDS: Final = 1 << 16
_SCALES: Final = 60
_MAX_OFFSET: Final = 1 << 62
_MAX_STRING: Final = 256
_HASH: Final = 1 << 64

_DECODER = packed_decoder(BucketRecord)


def read_record(value: bytes) -> BucketRecord:
    """Read a record.

    Raises:
        msgspec.MsgspecError: `value` is no record, of another schema, or does not hold together.
    """
    record = _DECODER.decode(value)
    if (fault := _fault_of(record)) is not None:
        raise msgspec.ValidationError(fault)
    return record


def _fault_of(record: BucketRecord) -> str | None:
    if record.schema != SCHEMA:
        return f"schema {record.schema} is not {SCHEMA}"
    if not (0 <= record.shard < record.shards <= _MAX_SHARDS and _FIRST_BUCKET <= record.bucket <= _LAST_BUCKET):
        return f"shard {record.shard} of {record.shards}, bucket {record.bucket}"
    if not (_are_counts(record.posts, record.tests) and 0.0 <= record.warming <= 1.0):
        return "counts out of range"
    if len(record.everyday) % (4 * POST_NAMES):
        return "everyday names of another length"
    for burst in record.bursts:
        if (fault := _fault_of_burst(burst)) is not None:
            return f"{burst.term[:MAX_TERM_CHARS]}: {fault}"
    return None


def _fault_of_burst(burst: Burst) -> str | None:
    if not 0 < len(burst.term) <= MAX_TERM_CHARS:
        return "length of a term"
    if not (math.isfinite(burst.log10_p) and burst.log10_p <= 0.0 and 0.0 <= burst.expected <= MOST_COUNTED):
        return "figures out of range"
    if not (0.0 <= burst.copies <= 1.0 and 0.0 <= burst.top_author <= 1.0):
        return "shares out of range"
    if not (1 <= burst.scale_min <= _SCALES and _are_counts(burst.observed, burst.posts, *burst.authors)):
        return "counts out of range"
    if len(burst.series) > _SCALES or not _are_counts(*burst.series):
        return "a series out of range"
    if len(burst.hashes) % 8 or len(burst.hashes) > 8 * BURST_HASHES:
        return "hashes of another length"
    return next((fault for post in burst.sample if (fault := _fault_of_post(post)) is not None), None)


def _are_counts(*counts: int) -> bool:
    return not counts or (min(counts) >= 0 and max(counts) <= MOST_COUNTED)


def _fault_of_post(post: Evidence) -> str | None:
    if max(len(post.id), len(post.lang), len(post.platform), len(post.place)) > _MAX_STRING:
        return "a string that is too long"
    if not (0 <= post.partition < 1 << 16 and 0 <= post.offset < _MAX_OFFSET and 0 <= post.index < 1 << 16):
        return "a post that stands nowhere"
    if not (0 <= post.author < _HASH and 0 <= post.copy_key < _HASH and post.created_ms >= 0):
        return "a post out of range"
    if len(post.sentiment) not in (0, 3) or not all(0.0 <= part <= 1.0 for part in post.sentiment):
        return "scores out of range"
    if not UNKNOWN_DAYS <= post.account_days <= MOST_DAYS:
        return "the age of an account out of range"
    if len(post.names) % 4 or len(post.names) > 4 * POST_NAMES:
        return "names of another length"
    return None
