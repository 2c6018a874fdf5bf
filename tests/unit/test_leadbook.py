"""Hotspots and listings as they come in: any order ends in the same leads, and memory is bounded."""

from itertools import permutations

import pytest

from streams.contracts.outside import Listing, SeenOutside
from streams.contracts.times import format_time
from streams.ingesting import leadbook
from streams.ingesting.leadbook import LeadBook
from streams.ingesting.leads import DAY_MS, ListWatch

MINUTE_MS = 60_000
NOON_MS = 1_772_366_400_000


def listing(title: str, minute: int, name: str = "weibo") -> Listing:
    """Return a listing that was absent at a minute after noon."""
    absent_ms = NOON_MS + minute * MINUTE_MS
    return Listing(
        list=name, title=title, rank=1, absent_at=format_time(absent_ms), seen_at=format_time(absent_ms + MINUTE_MS)
    )


def test_a_hotspot_is_seen_there_so_much_later_or_earlier() -> None:
    book = LeadBook()
    assert not book.told("h", format_time(NOON_MS), ("word:樊振东", "word:夺冠"))
    (seen,) = book.listed(listing("樊振东德甲夺冠", 14))
    assert (seen.hotspot_id, seen.list, seen.lead_s, seen.told_at) == ("h", "weibo", 14 * 60, format_time(NOON_MS))
    (earlier,) = book.listed(listing("樊振东夺冠", -5, "zhihu"))
    assert earlier.lead_s == -300
    assert not book.listed(listing("樊振东德甲夺冠", 20)), "it is as it was first seen"
    assert not book.listed(listing("今天的天气", 3))
    assert not book.listed(listing("樊振东德甲夺冠 全场", 7 * 60)), "hours apart it is another event"


def test_the_order_in_which_they_come_changes_nothing() -> None:
    ended = set()
    steps = ("alert", "brief", "short", "exact")
    for order in permutations(steps):
        book, last = LeadBook(), dict[tuple[str, str], SeenOutside]()
        for step in order:
            match step:
                case "alert":
                    found = book.told("h", format_time(NOON_MS), ("post:1", "word:夺冠"))
                case "brief":
                    found = book.worded("h", "今晚樊振东德甲夺冠")
                case "short":
                    found = book.listed(listing("德甲夺冠了吗", 2))
                case _:
                    found = book.listed(listing("樊振东德甲夺冠", 30))
            last.update({(seen.hotspot_id, seen.list): seen for seen in found})
        (seen,) = last.values()
        ended.add((seen.title, seen.lead_s, seen.share))
    assert ended == {("樊振东德甲夺冠", 1800, 1.0)}


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leadbook, "LISTINGS", 40)
    monkeypatch.setattr(leadbook, "HOTSPOTS", 30)
    book = LeadBook()
    for number in range(90):
        book.listed(listing(f"题目 {number} 号", 600))
    for number in range(90):
        book.told(f"h{number}", format_time(NOON_MS), ())
        book.worded(f"other{number}", "text")
    assert (len(book._told), len(book._texts)) == (30, 30)
    assert [len(held) for held in book._lists.values()] == [40]


def test_a_look_that_is_not_behind_the_last_changes_nothing_and_old_titles_are_let_go() -> None:
    watch = ListWatch()
    assert not watch.observe(0, ["a"])
    assert [found.title for found in watch.observe(MINUTE_MS, ["a", "b", "b"])] == ["b"]
    assert not watch.observe(MINUTE_MS, ["c"])
    assert not watch.observe(0, ["c"])
    watch.observe(2 * DAY_MS, ["d"])
    assert watch.last == {"d": 2 * DAY_MS}
