"""Buckets that are still open: the posts and postings that arrived for them, until the bucket closes.

Arrays in, arrays out; a post that stands in the log twice under one id is counted once.
"""

from collections.abc import Iterable
from itertools import chain
from operator import lt
from typing import TypeVar

import msgspec
import numpy as np

from streams.contracts.posts import POSITION_BITS, UNKNOWN_DAYS
from streams.contracts.slices import POST_NAMES, Part
from streams.contracts.times import BUCKET_MS
from streams.hotspots.columns import Array
from streams.hotspots.content import BucketContent, filled
from streams.hotspots.coverage import Applicable

_T = TypeVar("_T")

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
    rows = counted.nonzero()[0]
    listed = np.frombuffer(part.counts, "<u4")
    if len(rows) == len(bucket) and bucket.min() == bucket.max() and listed.all():
        return {int(bucket[0]): _whole(part, listed)}, 0
    return _chunks(part, bucket, rows), int(late.sum())


def _whole(part: Part, listed: Array) -> Chunk:
    """Return what `_chunks` does for a part whose posts all fall into one bucket, as those of most parts do."""
    return Chunk(
        partition=part.partition,
        ids=part.ids,
        lang=part.lang,
        platform=part.platform,
        position=part.position,
        author=part.author,
        created=part.created,
        copy=part.copy,
        sentiment=part.sentiment,
        terms=part.terms,
        term=np.arange(len(listed), dtype="<u4").repeat(listed).tobytes(),
        row=part.rows,
        names=part.names,
        accounts=part.accounts,
        places=part.places,
    )


def _chunks(part: Part, bucket: Array, rows: Array) -> dict[int, Chunk]:
    """Return the chunk of each bucket that `rows` of a part fall into.

    Everything is put in order of buckets at once and cut then, so that a bucket of a few posts costs a few cuts.
    """
    if not len(rows):
        return {}
    ordered = rows[np.argsort(bucket[rows], kind="stable")]
    numbers, begins = np.unique(bucket[ordered], return_index=True)
    ends = np.append(begins[1:], len(ordered))
    rank = np.empty(len(bucket), "<u4")
    rank[ordered] = np.arange(len(ordered)) - np.repeat(begins, ends - begins)
    # Buckets by a number as small as it can be: numpy sorts numbers of a byte or two by counting them.
    turn = np.zeros(len(bucket), np.min_scalar_type(len(numbers)))
    turn[ordered] = np.repeat(np.arange(1, len(numbers) + 1), ends - begins)

    term = np.repeat(np.arange(len(part.terms)), np.frombuffer(part.counts, "<u4"))
    row = np.frombuffer(part.rows, "<u4").astype(np.int64)
    posting_turn = turn[row]
    order = np.argsort(posting_turn, kind="stable")
    order = order[len(order) - np.count_nonzero(posting_turn) :]
    term, row, posting_turn = term[order], row[order], posting_turn[order]
    # Where each term of each bucket begins.
    fresh = np.ones(len(term), bool)
    fresh[1:] = (term[1:] != term[:-1]) | (posting_turn[1:] != posting_turn[:-1])
    first = np.flatnonzero(fresh)
    terms = _picked(part.terms, term[first])
    term_begins = np.searchsorted(posting_turn[first], np.arange(1, len(numbers) + 1))
    term_ends = np.append(term_begins[1:], len(first))
    posting_begins = np.append(first, len(term))[term_begins]
    posting_ends = np.append(posting_begins[1:], len(term))
    place = np.arange(len(first)) - np.repeat(term_begins, term_ends - term_begins)
    place = np.repeat(place.astype("<u4"), np.diff(first, append=len(term)))
    ranks = rank[row]

    ids, lang, platform = (_picked(column, ordered) for column in (part.ids, part.lang, part.platform))
    accounts = _picked(part.accounts, ordered) if part.accounts else []
    places = _picked(part.places, ordered) if part.places else []
    position = np.frombuffer(part.position, "<i8")[ordered]
    author = np.frombuffer(part.author, "<u8")[ordered]
    created = np.frombuffer(part.created, "<i8")[ordered]
    copy = np.frombuffer(part.copy, "<u8")[ordered]
    sentiment = np.frombuffer(part.sentiment, "<f4").reshape(-1, 3).take(ordered, axis=0)
    names = np.frombuffer(part.names, "<u4").reshape(-1, POST_NAMES).take(ordered, axis=0) if part.names else None
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


def _picked(column: list[_T], rows: Array) -> list[_T]:
    """Return the rows of a list; a part in the order of time has those of a bucket side by side."""
    if not len(rows):
        return []
    if rows[-1] - rows[0] == len(rows) - 1 and _ascends(rows):
        return column[rows[0] : rows[-1] + 1]
    return list(map(column.__getitem__, rows.tolist()))


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
        accounts=filled(chunk.accounts, UNKNOWN_DAYS, len(chunk.ids)),
        places=filled(chunk.places, "", len(chunk.ids)),
    )


def _ascends(numbers: Array) -> bool:
    return bool((numbers[1:] > numbers[:-1]).all())


def _united(held: list[Chunk]) -> BucketContent:
    ids = list(chain.from_iterable(chunk.ids for chunk in held))
    partition = np.concatenate([np.full(len(chunk.ids), chunk.partition, np.int64) for chunk in held])
    position = _joined(held, "position", "<i8")
    chosen = order = np.lexsort((position, partition))
    place = np.empty(len(ids), np.int64)
    if len(set(ids)) == len(ids):
        place[order] = np.arange(len(ids))
    else:
        kept: list[int] = []
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
    # One number a posting, term first: sorting numbers is ten times cheaper than sorting pairs, and small ones cheaper.
    begins = np.arange(len(terms) + 1) * len(chosen)
    dtype = np.min_scalar_type(begins[-1])
    columns, base = [], 0
    for chunk in held:
        names = np.array(list(map(number.__getitem__, chunk.terms)), np.int64)
        rows = place[base : base + len(chunk.ids)].astype(dtype)
        columns.append(begins[names].astype(dtype)[np.frombuffer(chunk.term, "<u4")])
        columns[-1] += rows[np.frombuffer(chunk.row, "<u4")]
        base += len(chunk.ids)
    postings = np.sort(np.concatenate(columns))
    if not _ascends(postings):
        postings = np.unique(postings)
    starts = np.searchsorted(postings, begins.astype(dtype))
    lang = list(chain.from_iterable(chunk.lang for chunk in held))
    platform = list(chain.from_iterable(chunk.platform for chunk in held))
    accounts = list(chain.from_iterable(filled(chunk.accounts, UNKNOWN_DAYS, len(chunk.ids)) for chunk in held))
    places = list(chain.from_iterable(filled(chunk.places, "", len(chunk.ids)) for chunk in held))
    return BucketContent(
        terms=terms,
        starts=starts.astype(np.int64),
        rows=(postings % len(chosen)).astype(np.int64),
        ids=_picked(ids, chosen),
        partition=partition[chosen],
        offset=position[chosen] >> POSITION_BITS,
        index=position[chosen] & _INDEX_MASK,
        author=_joined(held, "author", "<u8")[chosen],
        copy=_joined(held, "copy", "<u8")[chosen],
        created=_joined(held, "created", "<i8")[chosen],
        lang=_picked(lang, chosen),
        platform=_picked(platform, chosen),
        sentiment=_joined(held, "sentiment", "<f4").reshape(-1, 3).take(chosen, axis=0),
        names=np.concatenate([_names(chunk) for chunk in held]).take(chosen, axis=0),
        accounts=_picked(accounts, chosen),
        places=_picked(places, chosen),
    )


def _names(chunk: Chunk) -> np.ndarray:
    """Return the names of a chunk's posts; a part of an older program tells none."""
    if not chunk.names:
        return np.zeros((len(chunk.ids), POST_NAMES), np.uint32)
    return np.frombuffer(chunk.names, "<u4").reshape(-1, POST_NAMES)


def _joined(chunks: list[Chunk], column: str, dtype: str) -> np.ndarray:
    return np.concatenate([np.frombuffer(getattr(chunk, column), dtype) for chunk in chunks])
