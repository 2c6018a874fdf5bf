"""The one place that knows a whole bucket of every watchlist: unites the partitions, looks at the mood, reports.

A bucket is decided once every partition that is not idle has told of it; what comes again or later changes nothing.
"""

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

import msgspec

from streams.contracts.times import bucket_end_ms, format_time
from streams.contracts.watchlists import AspectMood, Mention, Tally, WatchAlert, WatchBucket, WatchReport
from streams.privacy.groups import SMALLEST
from streams.privacy.rotations import NONE, Rotations
from streams.watching.book import Book, Watched
from streams.watching.counting import authors_of, join_aspects, rehash, united
from streams.watching.reasons import reasons
from streams.watching.turning import STEP, TESTS_A_DAY, WINDOW, Turn, Turning, window_of
from streams.watching.volume import HOUR, Volume

_AHEAD: Final = 2880
"""Buckets that wait for a partition that is behind. Beyond it the oldest is decided without it."""


class _Seen(msgspec.Struct, array_like=True):
    revision: int
    buckets: dict[int, Tally] = {}
    turning: Turning = msgspec.field(default_factory=Turning)
    volume: Volume = msgspec.field(default_factory=Volume)


class _State(msgspec.Struct):
    decided: int = -1
    partitions: int = 0
    idle: list[int] = []
    waiting: dict[int, dict[int, dict[int, WatchBucket]]] = {}
    seen: dict[str, _Seen] = {}
    era: int = 0


class Decided(msgspec.Struct):
    """What a bucket brought."""

    reports: list[WatchReport] = []
    alerts: list[WatchAlert] = []


class WatchBoard:
    """The watchlists' history.

    Args:
        lateness_ms: of the deployment, for the times of what is told.
        budget: false alerts of mood a day, over all watchlists.
        data: a state that `state` returned.
        rotations: of the author hashes.
    """

    def __init__(self, lateness_ms: int, budget: float, data: bytes | None = None, rotations: Rotations = NONE) -> None:
        self._rotations = rotations
        self._lateness_ms = lateness_ms
        self._budget = budget
        self._state = _State() if data is None else msgspec.msgpack.decode(data, type=_State)

    def state(self) -> bytes:
        """Return the state as bytes."""
        return msgspec.msgpack.encode(self._state)

    def lose(self) -> None:
        """Note that records are missing: a bucket is decided with what came of it."""

    def take(self, told: WatchBucket, book: Book) -> Decided:
        """Take what a partition says of a bucket and return what that decides."""
        state = self._state
        state.partitions = max(state.partitions, told.partitions)
        if told.idle:
            state.idle = sorted({*state.idle, told.partition})
        elif told.bucket > state.decided:
            state.idle = [partition for partition in state.idle if partition != told.partition]
            parts = state.waiting.setdefault(told.bucket, {}).setdefault(told.partition, {})
            parts.setdefault(told.number, told)
        decided = Decided()
        for bucket in self._ripe():
            self._decide(bucket, book, decided)
        return decided

    def _ripe(self) -> Iterator[int]:
        """Yield, and take out, the buckets that everybody has told of, in order."""
        state = self._state
        while state.waiting:
            bucket = min(state.waiting)
            told = state.waiting[bucket]
            whole = {partition for partition, parts in told.items() if len(parts) == next(iter(parts.values())).of}
            # A partition that told of a later bucket has nothing more to say of this one.
            later = {partition for other, parts in state.waiting.items() if other > bucket for partition in parts}
            known = whole | (later - told.keys()) | set(state.idle)
            if len(known) < state.partitions and len(state.waiting) <= _AHEAD:
                return
            yield bucket
            del state.waiting[bucket]
            state.decided = bucket

    def _rotate(self, bucket: int) -> None:
        """Carry the hour across a rotation of author hashes that holds from `bucket` on."""
        before, now = self._state.era, self._rotations.era(bucket)
        if now > before:
            for seen in self._state.seen.values():
                for tally in seen.buckets.values():
                    rehash(tally, lambda author: self._rotations.onward(author, before, now))
            self._state.era = now

    def _decide(self, bucket: int, book: Book, decided: Decided) -> None:
        self._rotate(bucket)
        state = self._state
        by_name: dict[str, list[Tally]] = {}
        for parts in state.waiting[bucket].values():
            for told in parts.values():
                for tally in told.tallies:
                    by_name.setdefault(tally.watchlist, []).append(tally)
        for name in [name for name in state.seen if book.get(name) is None]:
            del state.seen[name]
        for watched in book.all():
            if bucket < watched.since_bucket:
                continue
            seen = state.seen.get(watched.watchlist.name)
            if seen is None or seen.revision != watched.revision:
                seen = state.seen[watched.watchlist.name] = _Seen(watched.revision)
            tallies = [t for t in by_name.get(watched.watchlist.name, []) if t.revision == watched.revision]
            if tallies:
                seen.buckets[bucket] = united(tallies)
            for old in [old for old in seen.buckets if old <= bucket - HOUR]:
                del seen.buckets[old]
        if bucket % STEP == STEP - 1:
            self._report(bucket, book, decided)

    def _report(self, bucket: int, book: Book, decided: Decided) -> None:
        state = self._state
        live = [watched for watched in book.all() if watched.watchlist.name in state.seen]
        authors = {watched.watchlist.name: _authors(state.seen[watched.watchlist.name]) for watched in live}
        voices: dict[str, int] = {}
        for watched in live:
            group = watched.watchlist.group
            voices[group] = voices.get(group, 0) + authors[watched.watchlist.name]
        each = self._budget / TESTS_A_DAY / max(len(live), 1)
        for watched in live:
            seen = state.seen[watched.watchlist.name]
            window = window_of(_votes(seen, bucket))
            turn = seen.turning.look(window, each, bucket)
            if bucket % WINDOW == WINDOW - 1:
                seen.turning.learn(window)
            group = watched.watchlist.group
            voice = authors[watched.watchlist.name] / voices[group] if group and voices[group] else None
            report = self._told(bucket, watched, seen, turn=turn, authors=authors[watched.watchlist.name], voice=voice)
            decided.reports.append(report)
            if turn.told:
                decided.alerts.append(_alert(report, turn, window.authors if window else 0, bucket))
            if bucket % HOUR == HOUR - 1 and bucket - HOUR + 1 >= watched.since_bucket:
                seen.volume.learn(report.posts, bucket)

    def _told(
        self, bucket: int, watched: Watched, seen: _Seen, *, turn: Turn, authors: int, voice: float | None
    ) -> WatchReport:
        sample = _sample(seen)
        words = watched.query.words
        hour = Tally(watched.watchlist.name, watched.revision)
        for tally in seen.buckets.values():
            join_aspects(hour, tally)
        scored = any(tally.scored for tally in seen.buckets.values())
        usual = seen.volume.usual(bucket)
        return WatchReport(
            name=watched.watchlist.name,
            query=watched.watchlist.query,
            emitted_at=format_time(bucket_end_ms(bucket) + self._lateness_ms),
            posts=sum(tally.posts for tally in seen.buckets.values()),
            posts_before=None if usual is None else round(usual, 2),
            authors=authors,
            share_of_voice=None if voice is None else round(voice, 4),
            mood=None if turn.mood is None or not scored else round(turn.mood, 3),
            mood_before=None if turn.usual is None or not scored else round(turn.usual, 3),
            mood_p=turn.p_value,
            learning=round(seen.turning.learning, 2),
            aspects={
                name: AspectMood(count, round(total / count / 1000, 3) if scored else None)
                for name, (count, total) in sorted(hour.aspects.items())
                if len(hour.speakers.get(name, ())) == SMALLEST
            },
            negative=reasons(sample, -1, words),
            positive=reasons(sample, 1, words),
            series=tuple(_posts(seen, minute) for minute in range(bucket - HOUR + 1, bucket + 1)),
        )


def _posts(seen: _Seen, bucket: int) -> int:
    tally = seen.buckets.get(bucket)
    return 0 if tally is None else tally.posts


def _votes(seen: _Seen, bucket: int) -> dict[int, int]:
    """Return one vote for each author of the window: the first."""
    votes: dict[int, int] = {}
    for number in sorted(seen.buckets):
        if number > bucket - WINDOW and seen.buckets[number].scored:
            for author, mood in seen.buckets[number].votes.items():
                votes.setdefault(author, mood)
    return votes


def _authors(seen: _Seen) -> int:
    """Return the distinct authors of the hour, estimated where buckets keep only the smallest hashes."""
    if not seen.buckets:
        return 0
    whole = Tally("", 0, below=min(tally.below for tally in seen.buckets.values()))
    for tally in seen.buckets.values():
        whole.votes.update((author, 0) for author in tally.votes if author < whole.below)
    return authors_of(whole)


def _sample(seen: _Seen) -> list[Mention]:
    """Return the sample of the hour, one post for each author first come, so that one account is one voice."""
    found = [mention for number in sorted(seen.buckets) for mention in seen.buckets[number].sample]
    return list({(mention.author, mention.id): mention for mention in found}.values())


def _alert(report: WatchReport, turn: Turn, authors: int, bucket: int) -> WatchAlert:
    mood, usual, p_value = turn.mood, turn.usual, turn.p_value
    assert mood is not None
    assert usual is not None
    assert p_value is not None
    key = f"mood/{report.name}/{turn.told}/{bucket}"
    return WatchAlert(
        alert_id=blake2b(key.encode(), digest_size=8).hexdigest(),
        name=report.name,
        emitted_at=report.emitted_at,
        direction=turn.told,
        mood=round(mood, 3),
        mood_before=round(usual, 3),
        p_value=p_value,
        authors=authors,
        reasons=report.negative if turn.told == "worse" else report.positive,
    )
