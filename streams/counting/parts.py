"""Cuts a slice into one part per shard, each a small inverted index under the size of a message.

A part that would be too large is cut in two by position: both are ordinary parts, so no shard waits for pieces.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from streams.contracts.decoding import packed_decoder
from streams.contracts.posts import UNKNOWN_DAYS, ReadPost
from streams.contracts.slices import POST_NAMES, Part
from streams.counting.builder import Slice
from streams.counting.checking import fault_of
from streams.counting.names import names_of

PART_BYTES = 240 * 1024
"""Largest encoded part that carries more than one post."""

_POST_BYTES = 150
"""What a post's columns take beside its strings, for the estimate that decides a cut."""

_Array = npt.NDArray[Any]
_T = TypeVar("_T")

Scores = Sequence[tuple[float, float, float] | None]


def shard_of(term: str, shards: int) -> int:
    """Return the virtual shard that counts `term`; the same for ever, whatever the number of workers."""
    return xxhash.xxh64_intdigest(term.encode()) % shards


def parts_of(made: Slice, scores: Scores, *, shards: int, partitions: int) -> list[Part]:
    """Return the parts of a slice, at least one per shard, in the order in which they must be sent.

    Args:
        made: the slice.
        scores: sentiment (negative, neutral, positive) or None, one a post.
        shards: number of virtual shards.
        partitions: number of partitions of `posts`, so that shards know whom to wait for.
    """
    columns = _columns(made, scores)
    parts: list[Part] = []
    for shard, index in enumerate(_postings(made.posts, shards)):
        parts.extend(_cut(made, columns, shard, partitions, index=index, start=made.start, end=made.end))
    return parts


def _postings(posts: Sequence[ReadPost], shards: int) -> list[dict[str, list[int]]]:
    """Return for each shard the rows of the posts that have each of its terms, in the order of terms and of rows."""
    found: dict[str, list[int]] = {}
    for row, post in enumerate(posts):
        for term in post.terms:
            rows = found.get(term)
            if rows is None:
                found[term] = [row]
            else:
                rows.append(row)
    postings: list[dict[str, list[int]]] = [{} for _ in range(shards)]
    for term in sorted(found):
        postings[shard_of(term, shards)][term] = found[term]
    return postings


class _Columns(msgspec.Struct, frozen=True):
    """The columns of all posts of a slice, made once: each shard takes its rows of them.

    `numbers` are position, author, created, seen and copy, 64 bits each; `sizes` what a post takes at most beside its
    postings.
    """

    numbers: _Array
    sentiment: _Array
    names: _Array
    ids: list[str]
    lang: list[str]
    platform: list[str]
    accounts: list[int]
    places: list[str]
    sizes: list[int]


def _columns(made: Slice, scores: Scores) -> _Columns:
    posts = made.posts
    none = (np.nan, np.nan, np.nan)
    return _Columns(
        numbers=np.array(
            [
                np.array([post.position for post in posts], "<i8"),
                np.array([post.author for post in posts], "<u8").view("<i8"),
                np.array([post.created_ms for post in posts], "<i8"),
                np.array(made.seen, "<i8"),
                np.array([post.copy_key for post in posts], "<u8").view("<i8"),
            ],
            "<i8",
        ),
        sentiment=np.array([score or none for score in scores], "<f4").reshape(-1, 3),
        names=np.array([names_of(post.terms, post.tag_words) for post in posts], "<u4").reshape(-1, POST_NAMES),
        ids=[post.id for post in posts],
        lang=[post.lang for post in posts],
        platform=[post.platform for post in posts],
        accounts=[post.account_days for post in posts],
        places=[post.place for post in posts],
        sizes=[_POST_BYTES + len(post.id) + 3 * len(post.place) for post in posts],
    )


def _cut(
    made: Slice,
    columns: _Columns,
    shard: int,
    partitions: int,
    *,
    index: dict[str, list[int]],
    start: int,
    end: int,
) -> list[Part]:
    rows = sorted(set().union(*index.values()))
    size = 3 * sum(map(len, index)) + 4 * len(index) + 4 * sum(map(len, index.values()))
    size += sum(map(columns.sizes.__getitem__, rows))
    if size > PART_BYTES and len(rows) > 1:
        middle = rows[len(rows) // 2]
        cut = made.posts[middle].position
        left, right = _halves(index, middle)
        return [
            *_cut(made, columns, shard, partitions, index=left, start=start, end=cut),
            *_cut(made, columns, shard, partitions, index=right, start=cut, end=end),
        ]
    return [_part(made, columns, shard, partitions, index=index, rows=rows, start=start, end=end)]


def _halves(index: dict[str, list[int]], middle: int) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Return the postings of rows below `middle` and the others; rows of a term ascend, and most have one."""
    left, right = {}, {}
    for term, listed in index.items():
        if listed[-1] < middle:
            left[term] = listed
        elif listed[0] >= middle:
            right[term] = listed
        else:
            cut = bisect_left(listed, middle)
            left[term], right[term] = listed[:cut], listed[cut:]
    return left, right


def _part(
    made: Slice,
    columns: _Columns,
    shard: int,
    partitions: int,
    *,
    index: dict[str, list[int]],
    rows: list[int],
    start: int,
    end: int,
) -> Part:
    taken = np.array(rows, np.int64)
    position, author, created, seen, copy = columns.numbers.take(taken, axis=1)
    number = dict(zip(rows, range(len(rows)), strict=True))
    listed = chain.from_iterable(index.values())
    # Where the slice was cut, time had run as far as just before the first post behind the cut.
    watermark = made.watermark
    if end < made.end:
        watermark = made.seen[next(row for row, post in enumerate(made.posts) if post.position >= end)]
    return Part(
        shard=shard,
        partition=made.partition,
        partitions=partitions,
        start=start,
        end=end,
        first=made.first,
        watermark=watermark,
        idle=made.idle,
        posts=len(made.posts),
        ids=[columns.ids[row] for row in rows],
        lang=[columns.lang[row] for row in rows],
        platform=[columns.platform[row] for row in rows],
        position=position.tobytes(),
        author=author.tobytes(),
        created=created.tobytes(),
        seen=seen.tobytes(),
        copy=copy.tobytes(),
        sentiment=columns.sentiment.take(taken, axis=0).tobytes(),
        terms=list(index),
        counts=np.fromiter(map(len, index.values()), "<u4", len(index)).tobytes(),
        rows=np.fromiter(map(number.__getitem__, listed), "<u4").tobytes(),
        names=columns.names.take(taken, axis=0).tobytes(),
        accounts=_known([columns.accounts[row] for row in rows], UNKNOWN_DAYS),
        places=_known([columns.places[row] for row in rows], ""),
    )


def _known(column: list[_T], unknown: _T) -> list[_T]:
    return [] if column.count(unknown) == len(column) else column


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = packed_decoder(Part)


def encode_part(part: Part) -> bytes:
    """Write a part for topic `terms`."""
    return _ENCODER.encode(part)


def decode_part(value: bytes) -> Part:
    """Read a part.

    Raises:
        msgspec.MsgspecError: `value` is not a part, of another schema, or does not hold together.
    """
    part = _DECODER.decode(value)
    if (fault := fault_of(part)) is not None:
        raise msgspec.ValidationError(fault)
    return part
