"""Carries the last hour of a shard across a rotation of author hashes, so that nobody is counted as two.

A term of few authors keeps all its uses under their new hashes, nothing else changes. Of a term of many a sample by
hash is kept (see `vocabulary`), and a new key chooses other authors: it is drawn again from the posts of the hour.
"""

import numpy as np

from streams.hotspots.columns import Array
from streams.hotspots.settings import WINDOW


def drawn_again(slot: Array, author: Array, bucket: Array) -> dict[str, Array]:
    """Return the uses that posts make, as columns of a window: one for each slot, author and bucket.

    Args:
        slot: of each posting that is kept.
        author: who wrote it.
        bucket: when; in any order.

    What lies behind the hour is not known any more, so the first use of each author counts as the first for an hour.
    """
    order = np.lexsort((bucket, author, slot))
    slot, author, bucket = slot[order], author[order], bucket[order].astype(np.int64)
    same = np.zeros(len(slot), bool)
    same[1:] = (slot[1:] == slot[:-1]) & (author[1:] == author[:-1])
    fresh = np.ones(len(slot), bool)
    fresh[1:] = ~same[1:] | (bucket[1:] != bucket[:-1])
    slot, author, bucket, same = slot[fresh], author[fresh], bucket[fresh], same[fresh]
    gap = np.full(len(slot), WINDOW, np.int64)
    gap[1:][same[1:]] = np.diff(bucket)[same[1:]]
    following = np.zeros(len(slot), np.int64)
    following[:-1][same[1:]] = bucket[1:][same[1:]]
    return {"slot": slot, "author": author, "bucket": bucket, "gap": gap, "next": following}


def in_order(uses: dict[str, Array]) -> dict[str, Array]:
    """Return uses bucket by bucket, those of one slot side by side: what leaves the window is summed by slot."""
    order = np.lexsort((uses["slot"], uses["bucket"]))
    return {name: column[order] for name, column in uses.items()}
