"""What a watchlist tells of few people: nothing that would be one person's."""

import pytest

from streams.contracts.times import bucket_of
from streams.contracts.watchlists import AspectMood, For, Mention, Mentioned, Tally, WatchBucket, Watchlist
from streams.privacy.groups import SMALLEST
from streams.watching.board import WatchBoard
from streams.watching.book import Book
from streams.watching.counting import add, rehash
from streams.watching.reasons import reasons
from streams.watching.turning import STEP, Turning, Window


def mentions(people: int) -> list[Mention]:
    ours = [Mention(n, f"a{n}", n, -900, n, 0, ("word:leaking",)) for n in range(people)]
    others = [Mention(n, f"b{n}", n, 900, n, 0, (f"word:other{n}",)) for n in range(100, 140)]
    return [*ours, *others]


def test_a_reason_of_fewer_people_than_may_be_told_of_is_not_told() -> None:
    assert reasons(mentions(SMALLEST - 1), -1, ()) == ()
    assert [reason.phrase for reason in reasons(mentions(SMALLEST), -1, ())] == ["leaking"]


def test_the_mood_of_fewer_people_than_may_be_told_of_is_not_told() -> None:
    assert Turning().look(Window(SMALLEST - 1, -0.9, 0.1), 0.01, 0).mood is None
    assert Turning().look(Window(SMALLEST, -0.9, 0.1), 0.01, 0).mood == -0.9


BEGIN_MS = 1_772_323_200_000


def aspects_of(authors: list[int]) -> dict[str, AspectMood]:
    """Return what is reported where these authors speak of the price, a minute after each other, on two partitions."""
    book = Book()
    book.put(Watchlist(name="tesla", query="tesla", since="2026-01-01T00:00:00Z"))
    (watched,) = book.all()
    board, begin = WatchBoard(60_000, 1.0), bucket_of(BEGIN_MS) // STEP * STEP
    reports = []
    for at in range(2 * STEP):
        for partition in range(2):
            tally = Tally("tesla", watched.revision)
            if at < len(authors) and at % 2 == partition:
                post = Mentioned(at, f"p{at}", authors[at], BEGIN_MS, -1, -500, (), ())
                add(tally, post, For("tesla", watched.revision, ("price",)))
            tallies = (tally,) if tally.posts else ()
            told = WatchBucket(partition=partition, partitions=2, bucket=begin + at, tallies=tallies)
            reports += board.take(told, book).reports
    return reports[-1].aspects


@pytest.mark.parametrize("authors", [[1], [7, 7, 7, 7, 7, 7, 7], [1, 2, 3, 4, 1, 2, 3, 4]])
def test_an_aspect_that_fewer_people_speak_of_is_not_told_however_much_they_say(authors: list[int]) -> None:
    assert aspects_of(authors) == {}


@pytest.mark.parametrize("authors", [[1, 2, 3, 4, 5], [9, 9, 8, 1, 2, 2, 5, 2**64 - 1]])
def test_an_aspect_of_enough_people_is_told(authors: list[int]) -> None:
    assert aspects_of(authors) == {"price": AspectMood(len(authors), -0.5)}


def test_a_new_key_keeps_people_apart() -> None:
    tally = Tally("tesla", 1)
    for author in range(20):
        add(tally, Mentioned(author, f"p{author}", author, BEGIN_MS, -1, 0, (), ()), For("tesla", 1, ("price",)))
    assert tally.speakers == {"price": tuple(range(SMALLEST))}
    rehash(tally, lambda author: 100 - author)
    assert tally.speakers == {"price": (96, 97, 98, 99, 100)}
