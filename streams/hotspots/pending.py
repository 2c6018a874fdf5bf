"""Buckets that are still open: the posts and postings that arrived for them, until the bucket closes.

Arrays in, arrays out; a post that stands in the log twice under one id is counted once.
"""

from collections.abc import Iterable
from itertools import chain
from operator import lt

import msgspec
import numpy as np

from streams.contracts.posts import POSITION_BITS, UNKNOWN_DAYS
from streams.contracts.slices import POST_NAMES, Part
from streams.contracts.times import BUCKET_MS
from streams.hotspots.columns import Array
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
    accounts: list[int] = []
    places: list[str] = []


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
    return _chunks(part, bucket, np.flatnonzero(counted)), int(late.sum())


def _chunks(part: Part, bucket: Array, rows: Array) -> dict[int, Chunk]:
    """Return the chunk of each bucket that `rows` of a part fall into.

    Everything is put in order of buckets at once and cut then, so that a bucket of a few posts costs a few cuts.
    """
    if not len(rows):
        return {}
    ordered = rows[np.argsort(bucket[rows], kind="stable")]
    numbers, begins = np.unique(bucket[ordered], return_index=True)
    ends = np.append(begins[1:], len(ordered))
    rank = np.full(len(bucket), -1)
    rank[ordered] = np.arange(len(ordered)) - np.repeat(begins, ends - begins)

    term = np.repeat(np.arange(len(part.terms)), np.frombuffer(part.counts, "<u4"))
    row = np.frombuffer(part.rows, "<u4").astype(np.int64)
    kept = rank[row] >= 0
    term, row = term[kept], row[kept]
    order = np.argsort(bucket[row], kind="stable")
    term, row = term[order], row[order]
    posting_bucket = bucket[row]
    posting_begins = np.searchsorted(posting_bucket, numbers)
    posting_ends = np.searchsorted(posting_bucket, numbers, side="right")
    # A term's place in its bucket: how many others came before it there.
    fresh = np.ones(len(term), bool)
    fresh[1:] = (term[1:] != term[:-1]) | (posting_bucket[1:] != posting_bucket[:-1])
    before = np.concatenate(([0], np.cumsum(fresh)))
    terms = [part.terms[i] for i in term[fresh].tolist()]
    term_begins, term_ends = before[posting_begins], before[posting_ends]
    place = (before[1:] - 1 - np.repeat(term_begins, posting_ends - posting_begins)).astype("<u4")
    ranks = rank[row].astype("<u4")

    listed = ordered.tolist()
    ids, lang, platform = ([column[i] for i in listed] for column in (part.ids, part.lang, part.platform))
    accounts = [part.accounts[i] for i in listed] if part.accounts else []
    places = [part.places[i] for i in listed] if part.places else []
    position = np.frombuffer(part.position, "<i8")[ordered]
    author = np.frombuffer(part.author, "<u8")[ordered]
    created = np.frombuffer(part.created, "<i8")[ordered]
    copy = np.frombuffer(part.copy, "<u8")[ordered]
    sentiment = np.frombuffer(part.sentiment, "<f4").reshape(-1, 3)[ordered]
    names = np.frombuffer(part.names, "<u4").reshape(-1, POST_NAMES)[ordered] if part.names else None
    cuts = (numbers, begins, ends, posting_begins, posting_ends, term_begins, term_ends)
    return {
        number: Chunk(
            partition=part.partition,
            ids=ids[begin:end],
            lang=lang[begin:end],
            platform=platform[begin:end],
            position=position[begin:end].tobytes(),
            author=author[begin:end].tobytes(),
            created=created[begin:end].tobytes(),
            copy=copy[begin:end].tobytes(),
            sentiment=sentiment[begin:end].tobytes(),
            terms=terms[first_term:last_term],
            term=place[first:last].tobytes(),
            row=ranks[first:last].tobytes(),
            names=names[begin:end].tobytes() if names is not None else b"",
            accounts=accounts[begin:end],
            places=places[begin:end],
        )
        for number, begin, end, first, last, first_term, last_term in zip(*(c.tolist() for c in cuts), strict=True)
    }


def unite(chunks: Iterable[Chunk]) -> BucketContent:
    """Return the content of a bucket: posts by (partition, position), one a post id, terms sorted.

    Of several posts with one id the first by (partition, position) stands for all, with the terms of all.
    """
    held = list(chunks)
    if not held:
        return BucketContent.empty()
    if len(held) == 1 and (content := _alone(held[0])) is not None:
        return content
    return _united(held)


def _alone(chunk: Chunk) -> BucketContent | None:
    """Return the content of a bucket that one part filled, None unless it is in order and free of repeats already.

    It is what `_united` returns of that chunk alone, without its sorting.
    """
    position = np.frombuffer(chunk.position, "<i8")
    row = np.frombuffer(chunk.row, "<u4").astype(np.int64)
    term = np.frombuffer(chunk.term, "<u4").astype(np.int64)
    postings = term * len(chunk.ids) + row
    if len(set(chunk.ids)) < len(chunk.ids) or not (_ascends(position) and _ascends(postings)):
        return None
    if not all(map(lt, chunk.terms, chunk.terms[1:])):
        return None
    return BucketContent(
        terms=chunk.terms,
        starts=np.searchsorted(term, np.arange(len(chunk.terms) + 1)).astype(np.int64),
        rows=row,
        ids=chunk.ids,
        partition=np.full(len(chunk.ids), chunk.partition, np.int64),
        offset=position >> POSITION_BITS,
        index=position & _INDEX_MASK,
        author=np.frombuffer(chunk.author, "<u8"),
        copy=np.frombuffer(chunk.copy, "<u8"),
        created=np.frombuffer(chunk.created, "<i8"),
        lang=chunk.lang,
        platform=chunk.platform,
        sentiment=np.frombuffer(chunk.sentiment, "<f4").reshape(-1, 3),
        names=_names(chunk),
        accounts=_accounts(chunk),
        places=_places(chunk),
    )


def _ascends(numbers: Array) -> bool:
    return bool((numbers[1:] > numbers[:-1]).all())


def _united(held: list[Chunk]) -> BucketContent:
    ids = [name for chunk in held for name in chunk.ids]
    partition = np.concatenate([np.full(len(chunk.ids), chunk.partition, np.int64) for chunk in held])
    position = _joined(held, "position", "<i8")
    order = np.lexsort((position, partition))
    place = np.empty(len(ids), np.int64)
    if len(set(ids)) == len(ids):
        kept = order.tolist()
        place[order] = np.arange(len(ids))
    else:
        kept = []
        first: dict[str, int] = {}
        for i in order.tolist():
            row = first.setdefault(ids[i], len(kept))
            if row == len(kept):
                kept.append(i)
            place[i] = row
    chosen = np.array(kept, np.int64)

    # Each chunk's terms are sorted, so what is new in each is one run to merge, and sorting costs a comparison a term.
    terms = sorted(dict.fromkeys(chain.from_iterable(chunk.terms for chunk in held)))
    number = dict(zip(terms, range(len(terms)), strict=True))
    term_columns, row_columns, base = [], [], 0
    for chunk in held:
        names = np.array(list(map(number.__getitem__, chunk.terms)), np.int64)
        term_columns.append(names[np.frombuffer(chunk.term, "<u4")])
        row_columns.append(place[np.frombuffer(chunk.row, "<u4").astype(np.int64) + base])
        base += len(chunk.ids)
    # One number a posting, term first: sorting numbers is ten times cheaper than sorting pairs.
    postings = np.sort(np.concatenate(term_columns) * len(kept) + np.concatenate(row_columns))
    if not _ascends(postings):
        postings = np.unique(postings)
    starts = np.searchsorted(postings, np.arange(len(terms) + 1) * len(kept))
    lang = [name for chunk in held for name in chunk.lang]
    platform = [name for chunk in held for name in chunk.platform]
    accounts = [days for chunk in held for days in _accounts(chunk)]
    places = [name for chunk in held for name in _places(chunk)]
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
        accounts=[accounts[i] for i in kept],
        places=[places[i] for i in kept],
    )


def _names(chunk: Chunk) -> np.ndarray:
    """Return the names of a chunk's posts; a part of an older program tells none."""
    if not chunk.names:
        return np.zeros((len(chunk.ids), POST_NAMES), np.uint32)
    return np.frombuffer(chunk.names, "<u4").reshape(-1, POST_NAMES)


def _accounts(chunk: Chunk) -> list[int]:
    return chunk.accounts or [UNKNOWN_DAYS] * len(chunk.ids)


def _places(chunk: Chunk) -> list[str]:
    return chunk.places or [""] * len(chunk.ids)


def _joined(chunks: list[Chunk], column: str, dtype: str) -> np.ndarray:
    return np.concatenate([np.frombuffer(getattr(chunk, column), dtype) for chunk in chunks])
