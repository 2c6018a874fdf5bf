"""Hostile bytes on what workers follow beside the way of a post: who took back, opted out or wrote, what is watched."""

import functools
from collections.abc import Callable
from typing import Any, Final

import msgspec

from streams.contracts.decoding import json_decoder
from streams.contracts.outside import Listing
from streams.contracts.posts import ReadPost, ScoredPost
from streams.contracts.profiles import Profile
from streams.contracts.sources import Deletion, OptOut
from streams.contracts.subscriptions import Rule, Subscriber, SubscriberState, Waiting
from streams.contracts.times import BUCKET_MS
from streams.contracts.watchlists import WatchBucket, Watchlist
from streams.counting import SliceBuilder
from streams.ingesting.leadbook import LeadBook
from streams.intake import Intake, IntakeSettings
from streams.privacy.optouts import OptOuts
from streams.privacy.rotations import Rotations
from streams.privacy.takenback import TakenBack
from streams.profiles.book import Book as Profiles
from streams.subscriptions.definitions import Definitions, Edited
from streams.subscriptions.queue import enter
from streams.watching.board import WatchBoard
from streams.watching.book import Book
from streams.watching.counting import PartitionCount
from streams.watching.mentioning import mentions_of
from streams.watching.reading import read_bucket, read_mentions

NOW_MS: Final = 1_772_323_200_000
LATENESS_MS: Final = 60_000
TIME: Final = "2026-03-01T00:00:00.000Z"
ROTATIONS: Final = Rotations([(NOW_MS // BUCKET_MS, b"the second key of the fuzzer")])
INTAKE: Final = Intake(IntakeSettings(author_key=b"key of the fuzzer", rotations=ROTATIONS))


def _read(decoder: Any, value: bytes) -> Any:
    try:
        return decoder.decode(value)
    except msgspec.MsgspecError:
        return None


def check_deletions(value: bytes) -> None:
    """A deletion that is read hides what it names, under every key; any other hides nothing."""
    told = _read(json_decoder(Deletion), value)
    if told is not None:
        taken_back = TakenBack(INTAKE.authors)
        taken_back.add(told)
        if told.id is not None:
            assert taken_back.hides(told.platform, told.id, 0)
        elif told.author is not None:
            assert all(taken_back.hides("", "", author) for author in INTAKE.authors(told.platform, told.author))


def check_opt_outs(value: bytes) -> None:
    """An opt-out that is read is in force or refused, for its times."""
    told = _read(json_decoder(OptOut), value)
    if told is not None:
        opted_out = OptOuts(INTAKE.authors)
        try:
            opted_out.put(told)
        except ValueError:
            return
        assert len(opted_out) == len(set(INTAKE.authors(told.platform, told.author)))


def check_scored(value: bytes) -> None:
    """Posts that are read make profiles that are read again."""
    book = Profiles(10, ROTATIONS)
    for post in _read(json_decoder(list[ScoredPost]), value) or ():
        if len(post.author) == 16 and set(post.author) <= set("0123456789abcdef"):
            book.take(post)
    again = Profiles(10, ROTATIONS)
    for _, profile in book.changed():
        if profile is not None:
            again.restore(json_decoder(Profile).decode(msgspec.json.encode(profile)))


def check_mentions(value: bytes) -> None:
    """A slice that is read is counted, twice without a change, and what it closes is decided on."""
    try:
        part = read_mentions(value)
    except msgspec.MsgspecError:
        return
    count, board = PartitionCount(LATENESS_MS), WatchBoard(LATENESS_MS, 1.0, rotations=ROTATIONS)
    for told in count.take(part):
        board.take(read_bucket(msgspec.msgpack.encode(told)), watched())
    state = count.state()
    count.take(part)
    assert PartitionCount(LATENESS_MS, state).state() == state


def check_buckets(value: bytes) -> None:
    """A bucket of the watchlists that is read is decided on, and the board goes on from its state."""
    try:
        told = read_bucket(value)
    except msgspec.MsgspecError:
        return
    board = WatchBoard(LATENESS_MS, 1.0, rotations=ROTATIONS)
    for report in board.take(told, watched()).reports:
        msgspec.json.encode(report)
    assert WatchBoard(LATENESS_MS, 1.0, board.state()).state() == board.state()


def check_listings(value: bytes) -> None:
    """A listing that is read is compared or refused, for its times."""
    told = _read(json_decoder(Listing), value)
    if told is not None:
        book = LeadBook()
        book.told("h", TIME, ("#flood", "harbour"))
        try:
            found = book.listed(told)
        except ValueError:
            return
        msgspec.json.encode(found)


def check_subscribers(value: bytes) -> None:
    """A subscriber that is read is one that can be kept and told of; any other is none."""
    told = _read(json_decoder(Subscriber), value)
    if told is not None:
        known = Definitions()
        assert known.apply(told.name, told) is Edited.APPLIED
        state, _ = enter(SubscriberState(name=told.name), told.rule, Waiting(3, "a", "h", NOW_MS), NOW_MS)
        msgspec.json.encode(state)


CHECKS: Final[dict[str, Callable[[bytes], None]]] = {
    "posts.deleted": check_deletions,
    "optouts": check_opt_outs,
    "posts.scored": check_scored,
    "mentions": check_mentions,
    "watchlists.buckets": check_buckets,
    "outside.listings": check_listings,
    "subscribers": check_subscribers,
}


@functools.cache
def watched() -> Book:
    """Return the watchlist that seeds are about."""
    book = Book()
    book.put(Watchlist(name="flood", query="flood", since="2026-01-01T00:00:00Z", aspects={"water": ("water",)}))
    return book


def _posts() -> list[ReadPost]:
    return [
        ReadPost(
            id=f"p{n}", platform="x", author=n * 0x9E3779B97F4A7C15 % 2**64, created_ms=NOW_MS + n * 20_000,
            arrived_ms=NOW_MS + n * 20_000, text="", lang="en", terms=("word:flood", "word:water"), copy_key=0,
            partition=0, offset=n, index=0,
        )
        for n in range(30)
    ]  # fmt: skip


def seeds() -> dict[str, list[bytes]]:
    """Return values as they should be, by topic."""
    builder, posts = SliceBuilder(0, 0, LATENESS_MS), _posts()
    for post in posts:
        builder.add(post.offset, [post], post.arrived_ms, heartbeat=False)
    slices = list(mentions_of(builder.cut(), [(0.1, 0.2, 0.7)] * len(posts), watched(), 1))
    buckets: list[WatchBucket] = [told for piece in slices for told in PartitionCount(LATENESS_MS).take(piece)]
    scored = [
        {"id": post.id, "platform": "x", "author": f"{post.author:016x}", "created_at": TIME, "lang": "en",
         "terms": post.terms, "partition": 0, "offset": post.offset, "index": 0}
        for post in posts[:5]
    ]  # fmt: skip
    values: dict[str, list[object]] = {
        "posts.deleted": [
            Deletion(platform="x", id="p1", deleted_at=TIME, source="s"),
            Deletion(platform="x", author="a", deleted_at=TIME, source="s"),
        ],
        "optouts": [
            OptOut(platform="x", author="a", since=TIME), OptOut(platform="x", author="微博", since=TIME, until=TIME),
        ],
        "posts.scored": [scored],
        "outside.listings": [Listing(list="l", title="Flood at the harbour", rank=1, absent_at=TIME, seen_at=TIME)],
        "subscribers": [
            Subscriber(
                name="ops", version=1, edit="e", channel="webhook", address="https://example.org/hook",
                rule=Rule(stages=("rising",), quiet="22:00-07:00", cooldown_min=5, escalate_min=10),
            )
        ],
    }  # fmt: skip
    found = {topic: [msgspec.json.encode(value) for value in given] for topic, given in values.items()}
    found["mentions"] = [msgspec.msgpack.encode(piece) for piece in slices]
    found["watchlists.buckets"] = [msgspec.msgpack.encode(told) for told in buckets]
    return found
