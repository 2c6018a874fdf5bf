"""Watchlists on the web side: how they stand, how they went, bounded, and gone with their list."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from agents.web.board import Board
from agents.web.readiness import Readiness
from agents.web.watches import POINTS, TURNS
from streams.contracts.watchlists import MAX_WATCHLISTS
from tests.web.peopled import NAMES, listed, reported, turned, watched
from tests.web.test_web import serving


async def events(response: aiohttp.ClientResponse, number: int) -> list[tuple[str, str, Any]]:
    """Return that many events other than looks at the worker: name, id, data."""
    found: list[tuple[str, str, Any]] = []
    name = place = ""
    async for line in response.content:
        if line.startswith(b"event: "):
            name = line[7:].decode().strip()
        elif line.startswith(b"id: "):
            place = line[4:].decode().strip()
        elif line.startswith(b"data: "):
            if name != "health":
                found.append((name, place, json.loads(line[6:])))
                if len(found) == number:
                    return found
            name = place = ""
    raise AssertionError("the stream ended")


async def test_a_page_is_sent_every_watchlist_then_what_changes_and_resumes() -> None:
    board = Board()
    watched(board, 3)
    async with serving(board, Readiness()) as (session, url), asyncio.timeout(20):
        async with session.get(f"{url}/events") as response:
            begin, *told = await events(response, 1 + len(NAMES))
            assert begin[2] == {"cards": 0, "watches": len(NAMES)}
            assert [data["name"] for _, _, data in told] == sorted(NAMES)
            assert told[0][2]["listed"]["report"]["posts"] == reported("aurora", 2).posts
            assert [place for _, place, _ in told[:-1]] == ["", ""]  # no place to resume before all are there
            board.watches.report(reported("aurora", 3))
            ((name, place, data),) = await events(response, 1)
            assert (name, data["listed"]["report"]["emitted_at"]) == ("watch", reported("aurora", 3).emitted_at)
        board.watches.drop("星海")
        async with session.get(f"{url}/events", headers={"Last-Event-ID": place}) as response:
            assert await events(response, 1) == [
                ("watch", f"{board.events.epoch}-{3 * 4 + 3}", {"name": "星海", "listed": None})
            ]


async def test_a_watchlist_has_a_course_its_turns_and_its_group() -> None:
    board = Board()
    watched(board, 40)
    odd = "a/b ?#%&<i>"
    board.watches.watchlist(listed(odd, group=""))
    async with serving(board, Readiness()) as (session, url):
        async with session.get(f"{url}/api/watchlists/{quote('星海')}") as response:
            course = await response.json()
        assert [point["posts"] for point in course["points"]] == [reported("星海", step).posts for step in range(40)]
        assert [one["watchlist"]["name"] for one in course["group"]] == sorted(NAMES)
        async with session.get(f"{url}/api/watchlists/aurora") as response:
            assert (await response.json())["alerts"][0]["direction"] == "worse"
        for path in ("/api/watchlists/", "/watchlists/"):
            async with session.get(url + path + quote(odd, safe="")) as response:
                assert response.status == 200
        async with session.get(f"{url}/api/watchlists/never") as response:
            assert response.status == 404
            assert response.content_type == "text/plain"
        async with session.get(f"{url}/api/watchlists") as response:
            assert {one["watchlist"]["name"] for one in await response.json()} == {*NAMES, odd}


def test_what_is_kept_of_watchlists_is_bounded() -> None:
    watches = Board().watches
    for number in range(MAX_WATCHLISTS + 20):
        watches.report(reported(f"n{number}", 1))
        watches.watchlist(listed(f"n{number}"))
    assert len(watches.all()) == MAX_WATCHLISTS
    watches.drop("n0")
    watches.watchlist(listed("aurora"))
    for step in range(POINTS + 50):
        watches.report(reported("aurora", step))
        watches.alert(turned("aurora", step))
    course = watches.course("aurora")
    assert course is not None
    assert (len(course.points), len(course.alerts)) == (POINTS, TURNS)
    assert course.points[-1].at == reported("aurora", POINTS + 49).emitted_at


@pytest.mark.parametrize("first", [True, False])
def test_reports_are_shown_of_lists_in_force_whichever_came_first(first: bool) -> None:
    board = Board()
    steps = [lambda: board.watches.watchlist(listed("aurora")), lambda: board.watches.report(reported("aurora", 7))]
    for step in steps if first else reversed(steps):
        step()
    board.watches.report(reported("aurora", 5))  # an older one
    (one,) = board.watches.all()
    assert one.report is not None
    assert one.report.emitted_at == reported("aurora", 7).emitted_at
    board.watches.drop("aurora")
    board.watches.report(reported("aurora", 9))
    assert board.watches.all() == []
    assert board.watches.course("aurora") is None
