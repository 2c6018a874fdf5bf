"""Buckets that are still open: the posts and postings that arrived for them, until the bucket closes.

Arrays in, arrays out; a post that stands in the log twice under one id is counted once.
"""

from collections.abc import Iterable

import msgspec
import numpy as np

from streams.contracts.posts import POSITION_BITS
from streams.contracts.slices import POST_NAMES, Part
from streams.contracts.times import BUCKET_MS
from streams.hotspots.content import BucketContent
from streams.hotspots.coverage import Applicable

_INDEX_MASK = (1 << POSITION_BITS) - 1


class Chunk(msgspec.Struct, frozen=True, array_like=True):
    """What one part brought to one bucket: columns as in `Part`, restricted to that bucket's new posts."""

    partition: int
    ids: list[str]
    lang: list[str]
    platform: list[str]
    position: bytes
    author: bytes
    created: bytes
    copy: bytes
    sentiment: bytes
    terms: list[str]
    term: bytes
    row: bytes
    names: bytes = b""


def sort_by_bucket(applicable: Applicable, lateness_ms: int, next_bucket: int | None) -> tuple[dict[int, Chunk], int]:
    """Split the new posts of a part by bucket and leave out the late ones.

    A post is late if the end of its bucket plus the lateness is at or behind how far its own partition's time had run
    just before it: a fact of the log alone, whoever reads it and however slices were cut. A post for a bucket below
    `next_bucket` is left out too; that can only follow a partition that was taken for idle. Returned second is how
    many were left out.
    """
    part = applicable.part
    position = np.frombuffer(part.position, "<i8")
    if not len(position):
        return {}, 0
    created = np.frombuffer(part.created, "<i8")
    seen = np.maximum(np.frombuffer(part.seen, "<i8"), applicable.watermark)
    bucket = created // BUCKET_MS
    new = position >= applicable.since
    late = new & ((bucket + 1) * BUCKET_MS + lateness_ms <= seen)
    if next_bucket is not None:
        late |= new & (bucket < next_bucket)
    counted = new & ~late
    chunks: dict[int, Chunk] = {}
    if counted.any():
        term = np.repeat(np.arange(len(part.terms)), np.frombuffer(part.counts, "<u4"))
        row = np.frombuffer(part.rows, "<u4").astype(np.int64)
        kept = counted[row]
        term, row = term[kept], row[kept]
        order = np.argsort(bucket[row], kind="stable")
        term, row = term[order], row[order]
        posting_bucket = bucket[row]
        for number in np.unique(bucket[counted]).tolist():
            begin, end = np.searchsorted(posting_bucket, [number, number + 1])
            chunks[number] = _chunk(part, np.flatnonzero(counted & (bucket == number)), term[begin:end], row[begin:end])
    return chunks, int(late.sum())


def _chunk(part: Part, rows: np.ndarray, term: np.ndarray, row: np.ndarray) -> Chunk:
    terms, term_place = np.unique(term, return_inverse=True)
    listed = rows.tolist()
    return Chunk(
        partition=part.partition,
        ids=[part.ids[i] for i in listed],
        lang=[part.lang[i] for i in listed],
        platform=[part.platform[i] for i in listed],
        position=np.frombuffer(part.position, "<i8")[rows].tobytes(),
        author=np.frombuffer(part.author, "<u8")[rows].tobytes(),
        created=np.frombuffer(part.created, "<i8")[rows].tobytes(),
        copy=np.frombuffer(part.copy, "<u8")[rows].tobytes(),
        sentiment=np.frombuffer(part.sentiment, "<f4").reshape(-1, 3)[rows].tobytes(),
        terms=[part.terms[i] for i in terms.tolist()],
        term=term_place.astype("<u4").tobytes(),
        row=np.searchsorted(rows, row).astype("<u4").tobytes(),
        names=np.frombuffer(part.names, "<u4").reshape(-1, POST_NAMES)[rows].tobytes() if part.names else b"",
    )


def unite(chunks: Iterable[Chunk]) -> BucketContent:
    """Return the content of a bucket: posts by (partition, position), one a post id, terms sorted.

    Of several posts with one id the first by (partition, position) stands for all, with the terms of all.
    """
    held = list(chunks)
    if not held:
        return BucketContent.empty()
    ids = [name for chunk in held for name in chunk.ids]
    partition = np.concatenate([np.full(len(chunk.ids), chunk.partition, np.int64) for chunk in held])
    position = _joined(held, "position", "<i8")
    order = np.lexsort((position, partition))
    first: dict[str, int] = {}
    place = np.empty(len(ids), np.int64)
    kept: list[int] = []
    for i in order.tolist():
        row = first.setdefault(ids[i], len(kept))
        if row == len(kept):
            kept.append(i)
        place[i] = row
    chosen = np.array(kept, np.int64)

    terms = sorted({term for chunk in held for term in chunk.terms})
    number = {term: i for i, term in enumerate(terms)}
    term_columns, row_columns, base = [], [], 0
    for chunk in held:
        names = np.array([number[term] for term in chunk.terms], np.int64)
        term_columns.append(names[np.frombuffer(chunk.term, "<u4")])
        row_columns.append(place[np.frombuffer(chunk.row, "<u4").astype(np.int64) + base])
        base += len(chunk.ids)
    # One number a posting, term first: sorting numbers is ten times cheaper than sorting pairs.
    postings = np.unique(np.concatenate(term_columns) * len(kept) + np.concatenate(row_columns))
    starts = np.searchsorted(postings, np.arange(len(terms) + 1) * len(kept))
    lang = [name for chunk in held for name in chunk.lang]
    platform = [name for chunk in held for name in chunk.platform]
    return BucketContent(
        terms=terms,
        starts=starts.astype(np.int64),
        rows=postings % len(kept),
        ids=[ids[i] for i in kept],
        partition=partition[chosen],
        offset=position[chosen] >> POSITION_BITS,
        index=position[chosen] & _INDEX_MASK,
        author=_joined(held, "author", "<u8")[chosen],
        copy=_joined(held, "copy", "<u8")[chosen],
        created=_joined(held, "created", "<i8")[chosen],
        lang=[lang[i] for i in kept],
        platform=[platform[i] for i in kept],
        sentiment=np.concatenate([np.frombuffer(chunk.sentiment, "<f4").reshape(-1, 3) for chunk in held])[chosen],
        names=np.concatenate([_names(chunk) for chunk in held])[chosen],
    )


def _names(chunk: Chunk) -> np.ndarray:
    """Return the names of a chunk's posts; a part of an older program tells none."""
    if not chunk.names:
        return np.zeros((len(chunk.ids), POST_NAMES), np.uint32)
    return np.frombuffer(chunk.names, "<u4").reshape(-1, POST_NAMES)


def _joined(chunks: list[Chunk], column: str, dtype: str) -> np.ndarray:
    return np.concatenate([np.frombuffer(getattr(chunk, column), dtype) for chunk in chunks])
