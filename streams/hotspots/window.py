"""The last hour of a shard: who used which term when, as columns, and from it distinct authors at every scale.

A *use* is one author using one term in one bucket. A use whose author has not used the term again since is the *last*
of that author; the distinct authors of the last s buckets are the last uses not older than s buckets. So counts are
kept by adding a use whose author was absent for s buckets or more and, when a bucket leaves a window, by taking away
those of its uses that are still last.
"""

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
import xxhash

from streams.contracts.bursts import Evidence
from streams.contracts.posts import UNKNOWN_DAYS
from streams.contracts.slices import POST_NAMES
from streams.hotspots.by_slot import NOBODY, BySlot, marked
from streams.hotspots.columns import Array, Columns, Packed
from streams.hotspots.content import BucketContent, filled
from streams.hotspots.last_uses import last_uses
from streams.hotspots.rehashing import drawn_again, in_order
from streams.hotspots.settings import SCALES, WINDOW
from streams.hotspots.vocabulary import Vocabulary

USES: Final = {"slot": ("<i4", 1), "author": ("<u8", 1), "bucket": ("<i4", 1), "gap": ("<u1", 1), "next": ("<i4", 1)}
"""`gap`: buckets since the author's use before, WINDOW if none; 0 marks a use left out by halving, or of a term
that was forgotten, whose slot may be another's by now. `next`: bucket of the author's next use, 0 for none."""
POSTINGS: Final = {"slot": ("<i4", 1), "post": ("<i8", 1)}
POSTS: Final = {
    "partition": ("<i8", 1),
    "offset": ("<i8", 1),
    "index": ("<i8", 1),
    "author": ("<u8", 1),
    "copy": ("<u8", 1),
    "created": ("<i8", 1),
    "hash": ("<u8", 1),
    "sentiment": ("<f4", 3),
    "names": ("<u4", POST_NAMES),
}


_ONE: Final = np.int32(1)
"""Of the type of counts: numpy takes twenty times as long where it has to convert."""
_NO_USES: Final = last_uses(np.empty(0, np.uint64), np.empty(0, np.int64))
_LARGEST_KEPT: Final = np.array([(1 << max(64 - level, 0)) - 1 for level in range(256)], np.uint64)
"""By level: the largest hash that begins with so many zero bits."""
_FORGOTTEN: Final = 1
"""In `next` of a use that is nobody's last any more, since its term was forgotten."""


class Start(msgspec.Struct, frozen=True, array_like=True):
    """Where a bucket begins in the columns."""

    bucket: int
    uses: int
    postings: int
    posts: int


class PackedWindow(msgspec.Struct, frozen=True, array_like=True):
    """A window at rest."""

    starts: list[Start]
    uses: Packed
    postings: Packed
    posts: Packed
    ids: list[str]
    lang: list[str]
    platform: list[str]
    accounts: list[int] = []
    places: list[str] = []


class Leaving(msgspec.Struct, frozen=True):
    """Uses that become an hour old, ordered by slot: what baselines may now learn from."""

    slot: Array
    gap: Array


class Window:
    """Uses, postings and posts of the last WINDOW buckets."""

    def __init__(self, vocabulary: Vocabulary, tracked_authors: int) -> None:
        self._vocabulary = vocabulary
        self._tracked_authors = tracked_authors
        self._starts: dict[int, Start] = {}
        self.uses = BySlot(USES)
        self.postings = BySlot(POSTINGS)
        self.posts = Columns(POSTS)
        self.ids: list[str] = []
        self.lang: list[str] = []
        self.platform: list[str] = []
        self.accounts: list[int] = []
        self.places: list[str] = []
        self.gone = 0
        """So many entries at the front of the lists are of posts that were dropped."""
        self.told: dict[int, Evidence] = {}
        """What the last record told of posts, by their number: most of it is told again a minute later."""
        self._index()

    def advance(self, bucket: int) -> Leaving | None:
        """Let buckets leave the windows that now end with `bucket`; return the uses that are now an hour old."""
        count = self._vocabulary.columns["count"]
        leaving = None
        for column, scale in enumerate(SCALES[1:]):
            first, end = self._span(bucket - scale)
            if first == end:
                continue
            slot = self.uses.span("slot", first, end)
            ending = slot[self.uses.span("next", first, end) == 0]
            np.subtract.at(count[:, column], ending, _ONE)
            if scale == WINDOW:
                leaving = Leaving(slot.copy(), self.uses.span("gap", first, end).copy())
        self._drop(bucket - WINDOW)
        self._starts[bucket] = Start(bucket, self.uses.next, self.postings.next, self.posts.next)
        return leaving

    def clear(self) -> None:
        """Forget where the buckets of an hour without posts begin."""
        self._starts.clear()

    def add(self, bucket: int, content: BucketContent, slots: Array) -> Array:
        """Count a bucket's content and return, for each term, the distinct authors kept at every scale (int64 [n, 4]).

        Args:
            slots: slot of each term of the content.
        """
        columns = self._vocabulary.columns
        lengths = content.starts[1:] - content.starts[:-1]
        place = np.repeat(np.arange(len(slots)), lengths)
        slot = slots[place]
        self.postings.extend(len(slot), slot=slot, post=content.rows + self.posts.next)
        self._extend_posts(content)

        level, count = columns["level"], columns["count"]
        held = count.take(slots, axis=0)
        level[slots[held[:, -1] == 0]] = 0
        author = content.author[content.rows]
        kept = _kept(author, level[slot])
        if kept is not None:
            rows = kept.nonzero()[0]
            place, slot, author = place[rows], slot[rows], author[rows]
        if not self._last.has_room(len(slot)):
            self._index(len(slot))
        fresh, before = self._last.put(author ^ columns["hash"][slot], self.uses.next)
        if not fresh.all():
            rows = fresh.nonzero()[0]
            place, slot, author = place[rows], slot[rows], author[rows]
        gap = self._follow(before, bucket)
        self.uses.extend(len(slot), slot=slot, author=author, bucket=bucket, gap=gap)

        counted = np.empty((len(slots), len(SCALES)), np.int64)
        counted[:] = np.bincount(place, minlength=len(slots))[:, None]
        recent = (gap < WINDOW).nonzero()[0]
        if len(recent):
            place, gap = place[recent], gap[recent]
            for column, scale in enumerate(SCALES[1:], 1):
                counted[:, column] -= np.bincount(place[gap < scale], minlength=len(slots))
        now = held + counted[:, 1:].astype(np.int32)
        count[slots] = now
        many = (now[:, -1] > self._tracked_authors).nonzero()[0].tolist()
        for term in many:
            counted[term, 0] = self._halve(bucket, int(slots[term]))
        counted[:, 1:] = count.take(slots, axis=0) if many else now
        return counted

    def forget(self, slots: Array) -> None:
        """Let nothing be known of these slots, while the vocabulary has them still: they will be other terms'."""
        gone = marked(slots, len(self._vocabulary.columns))
        uses, slot = gone[self.uses["slot"]], self.postings["slot"]
        self.uses["gap"][uses] = 0
        self.uses["next"][uses] = _FORGOTTEN
        slot[gone[slot]] = NOBODY

    def rehash(self, onward: Callable[[Array], Array], bucket: int) -> None:
        """Know every author by another hash from now on; `bucket` is the last that was added."""
        self.posts["author"][:] = onward(self.posts["author"])
        self.told.clear()
        self.uses["author"][:] = onward(self.uses["author"])
        sampled = self._vocabulary.columns["level"] > 0
        if sampled[self.uses["slot"]].any():
            self._draw_again(sampled, bucket)
        self._index()

    def _draw_again(self, sampled: Array, bucket: int) -> None:
        columns, starts = self._vocabulary.columns, sorted(self._starts.values(), key=lambda start: start.bucket)
        buckets = np.array([start.bucket for start in starts])
        first = np.array([start.postings for start in starts])
        slots = sampled.nonzero()[0]
        place = marked(slots, len(sampled))[self.postings["slot"]].nonzero()[0]
        slot = self.postings["slot"][place]
        author = self.posts["author"][self.postings["post"][place] - self.posts.base]
        written = buckets[np.searchsorted(first, place + self.postings.base, side="right") - 1]
        kept = _kept(author, columns["level"][slot])
        if kept is not None:
            slot, author, written = slot[kept], author[kept], written[kept]
        drawn, stays = drawn_again(slot, author, written), ~sampled[self.uses["slot"]]
        uses = in_order({name: np.concatenate((self.uses[name][stays], drawn[name])) for name in USES})
        base = self.uses.base
        self.uses.keep(np.zeros(len(self.uses), bool))
        self.uses.base = base
        self.uses.extend(len(uses["slot"]), **uses)
        for start in starts:
            number = base + int(np.searchsorted(uses["bucket"], start.bucket))
            self._starts[start.bucket] = Start(start.bucket, number, start.postings, start.posts)
        last = drawn["next"] == 0
        for column, scale in enumerate(SCALES[1:]):
            within = drawn["slot"][last & (drawn["bucket"] > bucket - scale)]
            columns["count"][slots, column] = np.bincount(within, minlength=len(sampled))[slots]
        for many in (columns["count"][:, -1] > self._tracked_authors).nonzero()[0].tolist():
            self._halve(bucket, many)

    def pack(self) -> PackedWindow:
        """Return the window for a state."""
        return PackedWindow(
            list(self._starts.values()),
            self.uses.pack(),
            self.postings.pack(),
            self.posts.pack(),
            self.ids[self.gone :],
            self.lang[self.gone :],
            self.platform[self.gone :],
            self.accounts[self.gone :],
            self.places[self.gone :],
        )

    def unpack(self, packed: PackedWindow) -> None:
        """Take over what `pack` returned."""
        self._starts = {start.bucket: start for start in packed.starts}
        self.uses = BySlot.unpack(USES, packed.uses)
        self.postings = BySlot.unpack(POSTINGS, packed.postings)
        self.posts = Columns.unpack(POSTS, packed.posts)
        self.ids, self.lang, self.platform = packed.ids, packed.lang, packed.platform
        self.accounts = filled(packed.accounts, UNKNOWN_DAYS, len(packed.ids))
        self.places = filled(packed.places, "", len(packed.ids))
        self._index()

    def _index(self, room: int = 0) -> None:
        """Find the last use of every (term, author) again, with room for so many more."""
        last = (self.uses["next"] == 0).nonzero()[0]
        keys = self.uses["author"][last] ^ self._vocabulary.columns["hash"][self.uses["slot"][last]]
        self._last = _NO_USES  # lets go of the old table before there is a new one
        self._last = last_uses(keys, last + self.uses.base, room)

    def _follow(self, before: Array, bucket: int) -> Array:
        """Return how many buckets ago the uses `before` were (WINDOW: none in the hour); they are the last no more."""
        gap = np.full(len(before), WINDOW, np.int64)
        rows = before - self.uses.base
        known = (rows >= 0).nonzero()[0]
        rows = rows[known]
        last = self.uses["next"][rows] == 0
        known, rows = known[last], rows[last]
        gap[known] = bucket - self.uses["bucket"][rows]
        self.uses["next"][rows] = bucket
        return gap

    def _span(self, bucket: int) -> tuple[int, int]:
        start = self._starts.get(bucket)
        if start is None:
            return 0, 0
        after = self._starts.get(bucket + 1)
        return start.uses, self.uses.next if after is None else after.uses

    def _drop(self, bucket: int) -> None:
        if self._starts.pop(bucket, None) is None:
            return
        after = self._starts.get(bucket + 1)
        if after is None:
            return
        forgotten = after.posts - self.posts.base
        if forgotten:
            self.gone += forgotten
            if 2 * self.gone > len(self.ids):  # a list closes a gap at its front by moving all that is behind it
                for column in (self.ids, self.lang, self.platform, self.accounts, self.places):
                    del column[: self.gone]
                self.gone = 0
            self.posts.drop(after.posts)
        self.uses.drop(after.uses)
        self.postings.drop(after.postings)

    def _extend_posts(self, content: BucketContent) -> None:
        hashes = np.array([xxhash.xxh64_intdigest(name.encode()) for name in content.ids], np.uint64)
        self.posts.extend(
            content.posts,
            partition=content.partition,
            offset=content.offset,
            index=content.index,
            author=content.author,
            copy=content.copy,
            created=content.created,
            hash=hashes,
            sentiment=content.sentiment,
            names=content.names,
        )
        self.ids += content.ids
        self.lang += content.lang
        self.platform += content.platform
        self.accounts += content.accounts
        self.places += content.places

    def _halve(self, bucket: int, slot: int) -> int:
        """Keep half of a term's authors, as often as needed, and return how many of this bucket's are kept."""
        columns = self._vocabulary.columns
        rows = self.uses.rows_of(np.array([slot]), len(columns))
        rows = rows[self.uses["gap"][rows] > 0]
        while columns["count"][slot, -1] > self._tracked_authors:
            columns["level"][slot] += 1
            stays = _kept(self.uses["author"][rows], columns["level"][slot : slot + 1].repeat(len(rows)))
            assert stays is not None
            leaving = rows[~stays]
            self.uses["gap"][leaving] = 0
            self.uses["next"][leaving] = bucket
            rows = rows[stays]
            last = self.uses["bucket"][rows[self.uses["next"][rows] == 0]]
            columns["count"][slot] = [np.count_nonzero(last > bucket - scale) for scale in SCALES[1:]]
        return int(np.count_nonzero(self.uses["bucket"][rows] == bucket))


def _kept(author: Array, level: Array) -> Array | None:
    """Return which authors are kept at these levels (bool); None where all are."""
    if not level.any():
        return None
    kept: Array = author <= _LARGEST_KEPT.take(level)
    return kept
