"""Counting for watchlists: exact whatever is delivered twice, however it is cut, in whatever order partitions tell."""

import random
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contracts.posts import ReadPost
from streams.contracts.times import format_time
from streams.contracts.watchlists import For, Mention, Mentioned, Tally, WatchBucket, Watchlist
from streams.counting import SliceBuilder
from streams.watching.board import WatchBoard
from streams.watching.book import Book, read
from streams.watching.counting import MAX_VOTES, PartitionCount, add, authors_of, united
from streams.watching.mentioning import mentions_of
from streams.watching.query import BadQuery
from streams.watching.reasons import reasons

BEGIN = 1_772_323_200_000
LATENESS = 60_000


def book(**queries: str) -> Book:
    found = Book()
    for name, query in (queries or {"tesla": "tesla"}).items():
        found.put(Watchlist(name=name, query=query, since="2026-01-01T00:00:00Z", group="cars"))
    return found


def post(number: int, minute: float, *, author: int | None = None) -> ReadPost:
    created_ms = BEGIN + int(minute * 60_000)
    return ReadPost(
        id=f"p{number}",
        platform="x",
        author=(number if author is None else author) * 0x9E3779B97F4A7C15 % 2**64,
        created_ms=created_ms,
        arrived_ms=created_ms,
        text="",
        lang="en",
        terms=("word:tesla", "word:price"),
        copy_key=0,
        partition=0,
        offset=number,
        index=0,
    )


def mood_of(number: int) -> tuple[float, float, float]:
    return (0.1 * (number % 10), 0.0, 1 - 0.1 * (number % 10))


def mentioned(number: int, author: int | None = None, mood: int = 0) -> Mentioned:
    found = post(number, 0.0, author=author)
    return Mentioned(found.position, found.id, found.author, found.created_ms, -1, mood, found.terms, ())


def told(
    posts: Sequence[ReadPost], cuts: Sequence[int], repeats: Sequence[int] = (), lists: Book | None = None
) -> list[WatchBucket]:
    """Return what a partition tells of posts read in slices cut there, some posts read again by a new reader."""
    count = PartitionCount(LATENESS)
    out: list[WatchBucket] = []
    for number, (cut, end) in enumerate(pairwise([0, *sorted(min(cut, len(posts)) for cut in cuts), len(posts)])):
        begin = max(0, cut - (repeats[number % len(repeats)] if repeats else 0))
        builder = SliceBuilder(0, begin, LATENESS)
        for one in posts[begin:end]:
            builder.add(one.offset, [one], one.arrived_ms, heartbeat=False)
        for piece in mentions_of(builder.cut(), [mood_of(one.offset) for one in posts[begin:end]], lists or book(), 1):
            out += count.take(piece)
        count = PartitionCount(LATENESS, count.state())
    builder = SliceBuilder(0, len(posts), LATENESS)
    builder.add(len(posts), [], BEGIN + 100 * 60_000, heartbeat=True)
    for piece in mentions_of(builder.cut(), [], lists or book(), 1):
        out += count.take(piece)
    return out


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 40), max_size=6), st.lists(st.integers(0, 30), max_size=3), st.integers(0, 99))
def test_cuts_and_repeats_change_nothing(cuts: list[int], repeats: list[int], seed: int) -> None:
    chance = random.Random(seed)
    minutes = sorted(chance.uniform(0, 8) for _ in range(40))
    minutes[20] = max(minutes[20] - 4, 0)  # one that comes late
    posts = [post(n, minute, author=chance.randrange(15)) for n, minute in enumerate(minutes)]
    assert told(posts, cuts, repeats) == told(posts, [])


def test_an_author_has_one_vote_and_the_count_is_exact() -> None:
    (tally,) = next(
        bucket.tallies for bucket in told([post(n, 0.5, author=n % 3) for n in range(30)], []) if bucket.tallies
    )
    assert (tally.posts, len(tally.votes), authors_of(tally)) == (30, 3, 3)
    assert tally.votes[0] == 1000
    assert tally.aspects == {"price": (30, sum(round(1000 * (m[2] - m[0])) for m in map(mood_of, range(30))))}


def test_many_mentions_travel_in_pieces_and_count_the_same() -> None:
    posts = [post(n, n / 300) for n in range(900)]
    assert sum(tally.posts for bucket in told(posts, []) for tally in bucket.tallies) == 900
    assert told(posts, []) == told(posts, [100, 450, 451])


def test_a_tally_stays_bounded_and_estimates() -> None:
    tally = Tally("tesla", 1)
    for number in range(5000):
        add(tally, mentioned(number), For("tesla", 1, ()))
    assert len(tally.votes) <= MAX_VOTES
    assert len(tally.sample) == 40
    assert authors_of(tally) == pytest.approx(5000, rel=0.25)
    assert len(msgspec.msgpack.encode(tally)) < 64 * 1024


def test_a_union_does_not_depend_on_the_order() -> None:
    tallies = [Tally("t", 1) for _ in range(3)]
    for number in range(900):
        add(tallies[number % 3], mentioned(number, mood=number % 7 - 3), For("t", 1, ()))
    assert msgspec.msgpack.encode(united(tallies)) == msgspec.msgpack.encode(united(tallies[::-1]))


def test_the_board_waits_for_every_partition_and_ignores_repeats() -> None:
    def said(partition: int, bucket: int, posts: int = 0, **fields: object) -> WatchBucket:
        tallies = (
            (Tally("tesla", lists.get("tesla").revision, posts, votes={partition: 0}, scored=True),) if posts else ()
        )  # type: ignore[union-attr]
        return WatchBucket(partition=partition, partitions=2, bucket=bucket, tallies=tallies, **fields)  # type: ignore[arg-type]

    lists = book()
    board = WatchBoard(LATENESS, 1.0)
    base = BEGIN // 60_000
    base += 4 - base % 5  # the next report is due at the end of this bucket
    assert board.take(said(0, base, 3), lists).reports == []
    assert board.take(said(0, base, 3), lists).reports == []
    (report,) = board.take(said(1, base, 2), lists).reports
    assert (report.posts, report.authors, report.series[-1]) == (5, 2, 5)
    assert board.take(said(1, base, 2), lists).reports == []
    restored = WatchBoard(LATENESS, 1.0, board.state())
    for bucket in range(base + 1, base + 5):
        restored.take(said(0, bucket), lists)
    restored.take(said(0, base + 5, 1), lists)
    (report,) = restored.take(said(1, base + 4, 0, idle=True), lists).reports
    assert (report.posts, report.authors) == (6, 2)


def test_share_of_voice_is_among_the_group() -> None:
    lists = book(tesla="tesla", volvo="volvo")
    board = WatchBoard(LATENESS, 1.0)
    base = BEGIN // 60_000
    base += 4 - base % 5
    tallies = tuple(
        Tally(name, lists.get(name).revision, count, votes=dict.fromkeys(range(count), 0))  # type: ignore[union-attr]
        for name, count in (("tesla", 3), ("volvo", 1))
    )
    told = board.take(WatchBucket(partition=0, partitions=1, bucket=base, tallies=tallies), lists)
    assert [(report.name, report.share_of_voice) for report in told.reports] == [("tesla", 0.75), ("volvo", 0.25)]


def test_reasons_are_what_one_side_says_more() -> None:
    sample = [
        Mention(
            n,
            f"p{n}",
            n,
            -800 if n < 10 else 700,
            n,
            0,
            ("word:tesla", f"word:{'battery' if n < 8 else 'fun'}", "word:car"),
        )
        for n in range(20)
    ]
    negative = reasons(sample, -1, {"tesla"})
    assert [reason.phrase for reason in negative] == ["battery"]
    assert negative[0].share == 0.8
    assert len(negative[0].posts) == 3
    assert [reason.phrase for reason in reasons(sample, 1, {"tesla"})] == ["fun"]


def test_one_loud_account_is_no_reason() -> None:
    sample = [
        Mention(
            n,
            f"p{n}",
            7 if n < 10 else n,
            -800 if n < 10 else 700,
            n,
            0,
            ("word:scam",) if n < 10 else ("word:car",),
        )
        for n in range(20)
    ]
    assert reasons(sample, -1, set()) == ()


def test_a_list_counts_from_its_since_on() -> None:
    lists = Book()
    lists.put(Watchlist(name="t", query="tesla", since=format_time(BEGIN + 120_000)))
    out = told([post(n, n) for n in range(5)], [], lists=lists)
    assert [bucket.bucket - BEGIN // 60_000 for bucket in out if bucket.tallies] == [2, 3, 4]


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "x" * 81}, "needs a name"),
        ({"since": "yesterday"}, "not a time"),
        ({"query": "NOT x1"}, "matches every post"),
        ({"aspects": {f"a{n}": ("word",) for n in range(13)}}, "more than 12 aspects"),
    ],
)
def test_a_watchlist_that_cannot_be_used_is_refused(fields: dict[str, object], line: str) -> None:
    whole = {"name": "t", "query": "tesla", "since": "2026-01-01T00:00:00Z", **fields}
    with pytest.raises(BadQuery, match=line):
        read(Watchlist(**whole))  # type: ignore[arg-type]


def test_there_are_at_most_so_many() -> None:
    found = Book()
    for number in range(200):
        found.put(Watchlist(name=f"w{number}", query="tesla", since="2026-01-01T00:00:00Z"))
    with pytest.raises(BadQuery, match="200 watchlists"):
        found.put(Watchlist(name="one more", query="tesla", since="2026-01-01T00:00:00Z"))


def test_time_that_leaps_by_ages_is_told_by_its_end() -> None:
    """One record with a wrong arrival kept a worker busy for hours: it told of every minute in between."""
    posts = [post(0, 0.5), post(1, 7_000 * 365 * 24 * 60)]
    buckets = [bucket.bucket for bucket in told(posts, [1, 2])]
    assert buckets[0] <= BEGIN // 60_000 <= buckets[-1]
    assert len(buckets) < 4_000


def test_a_word_that_is_all_that_both_sides_say_is_no_reason() -> None:
    """It divided by nothing, and ended every worker that decided on such a watchlist."""
    sides = [Mention(n, f"p{n}", n, 900 if n % 2 else -900, n, 0, ("word:price",)) for n in range(10)]
    assert reasons(sides, 1, ("tesla",)) == reasons(sides, -1, ("tesla",)) == ()
