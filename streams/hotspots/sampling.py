"""Samples of a term's posts: the k with the smallest hash of their id, which is uniform and the same for every reader.

Two terms' samples overlap as their posts do, since both are cut by the same hash.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import xxhash

from streams.contracts.bursts import BURST_HASHES, Evidence
from streams.hotspots.columns import Array
from streams.hotspots.content import BucketContent
from streams.hotspots.settings import WINDOW
from streams.hotspots.window import Window

EVERYDAY_POSTS: Final = 4
_EVERYDAY_SEED: Final = 0xDA11
_LARGEST_HASH: Final = np.uint64(2**64 - 1)

Sampled = tuple[tuple[Evidence, ...], bytes]
"""Posts of a term, and the hashes of more of them, see `Burst`."""


def smallest_hashes(window: Window, slots: Array, terms: int, sample: int) -> dict[int, Sampled]:
    """Return up to `sample` posts of the last hour, and up to BURST_HASHES hashes, for each of `slots`, smallest first.

    Args:
        slots: different, in order.
        terms: number of slots there are.
    """
    rows = window.postings.rows_of(slots, terms)
    slot = window.postings["slot"][rows]
    post = window.postings["post"][rows]
    hashes = window.posts["hash"][post - window.posts.base]
    few = _smallest(hashes, slot, terms)
    slot, post, hashes = slot[few], post[few], hashes[few]
    order = np.lexsort((hashes, slot))
    slot, post, hashes = slot[order], post[order], hashes[order]
    starts = np.searchsorted(slot, slots)
    ends = np.searchsorted(slot, slots, side="right")
    lists = [post[start : min(end, start + sample)].tolist() for start, end in zip(starts, ends, strict=True)]
    made = _evidence(window, sorted({number for posts in lists for number in posts}))
    samples: dict[int, Sampled] = {}
    for held, start, end, posts in zip(slots.tolist(), starts.tolist(), ends.tolist(), lists, strict=True):
        known = hashes[start : min(end, start + BURST_HASHES)].astype("<u8", copy=False).tobytes()
        samples[held] = tuple([made[number] for number in posts]), known
    return samples


def _smallest(hashes: Array, slot: Array, terms: int) -> Array:
    """Return rows among which are the BURST_HASHES smallest hashes of each slot, ties included, in order.

    Hashes are uniform, so of a slot with many the smallest are nearly surely among twice their share of the range; a
    slot for which that is not so keeps all its rows.
    """
    held = np.bincount(slot, minlength=terms)
    bound = np.full(terms, _LARGEST_HASH)
    many = (held > 4 * BURST_HASHES).nonzero()[0]
    bound[many] = _LARGEST_HASH // held[many].astype(np.uint64) * np.uint64(2 * BURST_HASHES)
    within = hashes <= bound[slot]
    lacking = many[np.bincount(slot[within], minlength=terms)[many] < BURST_HASHES]
    if len(lacking):
        bound[lacking] = _LARGEST_HASH
        within = hashes <= bound[slot]
    rows: Array = within.nonzero()[0]
    return rows


def everyday_names(content: BucketContent, shard: int, shards: int) -> bytes:
    """Return the names of up to EVERYDAY_POSTS posts of a bucket, smallest hash first.

    Shards choose among different posts, so that together they do not tell of one post twice.
    """
    hashes = np.array([xxhash.xxh64_intdigest(name.encode(), _EVERYDAY_SEED) for name in content.ids], np.uint64)
    ours = (hashes % np.uint64(shards) == shard).nonzero()[0]
    if len(ours) > EVERYDAY_POSTS:
        ours = ours[hashes[ours] <= np.partition(hashes[ours], EVERYDAY_POSTS - 1)[EVERYDAY_POSTS - 1]]
    rows = ours[np.argsort(hashes[ours], kind="stable")][:EVERYDAY_POSTS]
    chosen: Array = content.names[rows]
    return chosen.tobytes()


def minutes_of(window: Window, slots: Array, terms: int, bucket: int) -> Array:
    """Return how many distinct authors each of `slots` had in each bucket of the hour, newest last (int64 [n, 60])."""
    place = np.full(terms, -1, np.int64)
    place[slots] = np.arange(len(slots))
    rows = window.uses.rows_of(slots, terms)
    rows = rows[window.uses["gap"][rows] > 0]
    at = place[window.uses["slot"][rows]]
    minute = WINDOW - 1 - (bucket - window.uses["bucket"][rows].astype(np.int64))
    cells: Array = np.bincount(at * WINDOW + minute, minlength=len(slots) * WINDOW)
    return cells.reshape(len(slots), WINDOW)


def shares(sample: Sequence[Evidence]) -> tuple[float, float]:
    """Return the share of near-duplicates of another post of the sample, and the share of its most frequent author."""
    if not sample:
        return 0.0, 0.0
    keys = Counter(post.copy_key for post in sample if post.copy_key)
    copies = sum(number for number in keys.values() if number > 1)
    top = max(Counter(post.author for post in sample).values())
    return round(copies / len(sample), 3), round(top / len(sample), 3)


def _evidence(window: Window, numbers: list[int]) -> dict[int, Evidence]:
    """Return the evidence of posts by number. Most was told a minute ago; what is new is taken column by column."""
    before = window.told
    window.told = {number: before[number] for number in numbers if number in before}
    new = [number for number in numbers if number not in before]
    place = np.array(new, np.int64) - window.posts.base
    listed = (place + window.gone).tolist()
    names = ("partition", "offset", "index", "author", "created", "copy", "sentiment")
    columns = [window.posts[name][place].tolist() for name in names]
    named = window.posts["names"][place]
    for number, row, told, partition, offset, index, author, created, copied, sentiment in zip(
        new, listed, named, *columns, strict=True
    ):
        window.told[number] = Evidence(
            id=window.ids[row],
            partition=partition,
            offset=offset,
            index=index,
            author=author,
            created_ms=created,
            lang=window.lang[row],
            platform=window.platform[row],
            copy_key=copied,
            names=told[told > 0].tobytes(),
            account_days=window.accounts[row],
            place=window.places[row],
            sentiment=() if sentiment[0] != sentiment[0] else tuple([round(part, 4) for part in sentiment]),
        )
    return window.told
