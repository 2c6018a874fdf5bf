"""What one partition adds up for the watchlists, bucket by bucket. Counting again changes nothing.

Slices of a partition come in order, perhaps some of them twice or cut otherwise: a post at or before a position that is
counted is passed over. Lateness is judged as the shards judge it, from how far time had run before the post, so it does
not depend on how the posts were cut.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec
import xxhash

from streams.contracts.posts import POSITION_BITS
from streams.contracts.times import bucket_end_ms, bucket_of
from streams.contracts.watchlists import For, Mention, Mentioned, MentionSlice, Tally, WatchBucket
from streams.privacy.groups import SMALLEST

MAX_VOTES: Final = 256
"""Authors of a bucket whose mood is kept; beyond it those with the smallest hashes, and the number is estimated."""
MAX_SAMPLE: Final = 40
RECORD_BYTES: Final = 200 * 1024
_FARTHEST: Final = (1 << 64) - 1
_BEFORE_FIRST: Final = 4
"""Buckets before that of the very first post that may still get one: posts come in order up to the lateness."""
_MAX_GAP: Final = 1440
"""Silent buckets told one by one; a longer silence is told by its end."""


class _State(msgspec.Struct):
    next: int = 0
    watermark: int = -1
    closed: int = -1
    tallies: dict[int, dict[str, Tally]] = {}


class PartitionCount:
    """The open buckets of one partition.

    Args:
        lateness_ms: how long a bucket stays open after its end.
        data: a state that `state` returned.
    """

    def __init__(self, lateness_ms: int, data: bytes | None = None) -> None:
        self._lateness_ms = lateness_ms
        self._state = _State() if data is None else msgspec.msgpack.decode(data, type=_State)

    def state(self) -> bytes:
        """Return the state as bytes."""
        return msgspec.msgpack.encode(self._state)

    def lose(self) -> None:
        """Note that slices are missing: what comes next is counted from its start on."""

    def take(self, part: MentionSlice) -> list[WatchBucket]:
        """Count a slice and return the buckets that it closes, in order."""
        state = self._state
        for post in part.posts:
            if post.position < state.next:
                continue
            bucket = bucket_of(post.created_ms)
            if state.closed < 0:
                state.closed = bucket - _BEFORE_FIRST
            late = bucket_end_ms(bucket) + self._lateness_ms <= max(state.watermark, post.seen)
            if not late and bucket > state.closed:
                self._count(post, bucket)
        state.next = max(state.next, part.end)
        state.watermark = max(state.watermark, part.watermark)
        return list(self._close(part))

    def _count(self, post: Mentioned, bucket: int) -> None:
        tallies = self._state.tallies.setdefault(bucket, {})
        for meant in post.lists:
            tally = tallies.get(meant.watchlist)
            if tally is None or tally.revision != meant.revision:
                tally = tallies[meant.watchlist] = Tally(meant.watchlist, meant.revision)
            add(tally, post, meant)

    def _close(self, part: MentionSlice) -> Iterator[WatchBucket]:
        state = self._state
        if state.watermark < 0:
            return
        ripe = bucket_of(state.watermark - self._lateness_ms) - 1
        if part.idle:
            ripe = max([ripe, *state.tallies])
        if state.closed < 0:
            state.closed = ripe
        # Time may leap by years, where a clock does: what is silent then is told by its end alone.
        counted = (bucket for bucket in state.tallies if bucket <= ripe)
        for bucket in sorted({*counted, *range(max(state.closed + 1, ripe - _MAX_GAP), ripe + 1)}):
            tallies = state.tallies.pop(bucket, {})
            yield from _told(part, bucket, [tallies[name] for name in sorted(tallies)])
        state.closed = max(state.closed, ripe)
        if part.idle:
            yield _record(part, state.closed, (), idle=True)


def _told(part: MentionSlice, bucket: int, tallies: list[Tally]) -> Iterator[WatchBucket]:
    groups: list[list[Tally]] = [[]]
    size = 0
    for tally in tallies:
        length = len(msgspec.msgpack.encode(tally))
        if groups[-1] and size + length > RECORD_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(tally)
        size += length
    for number, group in enumerate(groups):
        yield _record(part, bucket, tuple(group), number=number, of=len(groups))


def _record(
    part: MentionSlice, bucket: int, tallies: tuple[Tally, ...], *, number: int = 0, of: int = 1, idle: bool = False
) -> WatchBucket:
    return WatchBucket(
        partition=part.partition,
        partitions=part.partitions,
        bucket=bucket,
        tallies=tallies,
        number=number,
        of=of,
        idle=idle,
    )


def add(tally: Tally, post: Mentioned, meant: For) -> None:
    """Add a post to a tally."""
    mood = post.mood or 0
    tally.scored |= post.mood is not None
    tally.posts += 1
    if post.author < tally.below:
        tally.votes.setdefault(post.author, mood)
    trim(tally)
    for name in meant.aspects:
        count, total = tally.aspects.get(name, (0, 0))
        tally.aspects[name] = (count + 1, total + mood)
        tally.speakers[name] = _lowest(tally.speakers.get(name, ()), (post.author,))
    hashed = xxhash.xxh64_intdigest(post.id.encode())
    if len(tally.sample) < MAX_SAMPLE or hashed < tally.sample[-1].hash:
        offset, index = post.position >> POSITION_BITS, post.position & ((1 << POSITION_BITS) - 1)
        mention = Mention(hashed, post.id, post.author, mood, offset, index, post.terms)
        tally.sample = sorted([*tally.sample, mention], key=lambda kept: (kept.hash, kept.id))[:MAX_SAMPLE]


def trim(tally: Tally) -> None:
    """Keep the votes of a tally bounded: those of the smallest hashes, and the hash from which none are kept."""
    while len(tally.votes) > MAX_VOTES:
        tally.below //= 2
        for author in [author for author in tally.votes if author >= tally.below]:
            del tally.votes[author]


def rehash(tally: Tally, onward: Callable[[int], int]) -> None:
    """Know the authors of a tally by other hashes from now on.

    Where only the smallest hashes are kept, those stay that are small in both ways: too few for an hour, rather than
    people counted as two.
    """
    votes = ((onward(author), mood) for author, mood in tally.votes.items())
    tally.votes = {author: mood for author, mood in votes if author < tally.below}
    tally.sample = [msgspec.structs.replace(mention, author=onward(mention.author)) for mention in tally.sample]
    tally.speakers = {name: _lowest((), map(onward, authors)) for name, authors in tally.speakers.items()}


def united(tallies: Sequence[Tally]) -> Tally:
    """Return the union of what several partitions say of one watchlist in one bucket; their order changes nothing."""
    whole = Tally(tallies[0].watchlist, tallies[0].revision)
    whole.below = min(tally.below for tally in tallies)
    mentions = []
    for tally in sorted(tallies, key=msgspec.msgpack.encode):
        whole.posts += tally.posts
        whole.scored |= tally.scored
        for author, mood in tally.votes.items():
            if author < whole.below:
                whole.votes.setdefault(author, mood)
        join_aspects(whole, tally)
        mentions += tally.sample
    trim(whole)
    whole.sample = sorted(mentions, key=lambda kept: (kept.hash, kept.id))[:MAX_SAMPLE]
    return whole


def join_aspects(whole: Tally, tally: Tally) -> None:
    """Add what a tally says of aspects to what another, of any time and partition, says of them."""
    for name, (count, total) in tally.aspects.items():
        had, sum_before = whole.aspects.get(name, (0, 0))
        whole.aspects[name] = (had + count, sum_before + total)
    for name, authors in tally.speakers.items():
        whole.speakers[name] = _lowest(whole.speakers.get(name, ()), authors)


def _lowest(authors: Iterable[int], more: Iterable[int]) -> tuple[int, ...]:
    """Return the smallest hashes of both: `SMALLEST` of them just where there are so many people."""
    return tuple(sorted({*authors, *more})[:SMALLEST])


def authors_of(tally: Tally) -> int:
    """Return the distinct authors of a tally, estimated where only the smallest hashes are kept."""
    return round(len(tally.votes) * (_FARTHEST / tally.below))
