"""Profiles on the web side: whose are shown, what is recommended to them, and what becomes of a click."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest

from agents.web import people as people_module
from agents.web.board import Board
from agents.web.guarding import Rate, guard
from agents.web.people import LISTED, People
from agents.web.readiness import Readiness
from agents.web.server import listen, make_web, start_web
from agents.web.suggesting import Suggestions
from streams.contracts.profiles import Profile
from streams.privacy.groups import SMALLEST
from streams.profiles.book import Book
from tests.unit.profiles.test_profiles import post
from tests.web.peopled import AUTHORS, StagedSuggestions, known_of, peopled
from tests.web.staged import KeptFeedback, made

JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def serving(
    people: People, suggestions: Suggestions | None = None, kept: KeptFeedback | None = None
) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    listening = listen("127.0.0.1", 0)
    app = make_web(Board(), Readiness(), None, kept, people=people, suggestions=suggestions)
    app.middlewares.append(guard(None, Rate(0)))
    runner = await start_web(app, listening)
    try:
        async with aiohttp.ClientSession() as session:
            yield session, f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        await runner.cleanup()


def taken(people: People, profile: Profile, partition: int = 0) -> None:
    people.take(partition, profile.author, msgspec.json.encode(profile))


async def test_a_profile_is_the_sum_of_its_partitions_and_gone_with_the_last() -> None:
    people = People()
    one, other = known_of(AUTHORS[0], posts=4.0), known_of(AUTHORS[0], posts=5.0)
    taken(people, one, 0)
    taken(people, other, 1)
    async with serving(people) as (session, url):
        path = f"{url}/api/profiles/{AUTHORS[0]}"
        async with session.get(path) as response:
            assert (await response.json())["posts"] == 9.0
        people.take(0, AUTHORS[0], None)
        async with session.get(path) as response:
            assert (await response.json())["posts"] == 5.0
        people.take(1, AUTHORS[0], None)
        async with session.get(path) as response:
            assert response.status == 404
            assert response.content_type == "text/plain"


async def test_those_who_write_most_come_first_and_some_are_found_by_their_first_digits() -> None:
    people = People()
    for number in range(LISTED + 5):
        taken(people, known_of(f"{number:016x}", posts=float(number + 3)))
    taken(people, known_of("ab" + "0" * 14))
    async with serving(people) as (session, url):
        async with session.get(f"{url}/api/profiles") as response:
            found = await response.json()
        assert (found["count"], len(found["profiles"])) == (LISTED + 6, LISTED)
        posts = [profile["posts"] for profile in found["profiles"]]
        assert posts == sorted(posts, reverse=True)
        async with session.get(f"{url}/api/profiles?q=AB") as response:
            assert [profile["author"] for profile in (await response.json())["profiles"]] == ["ab" + "0" * 14]
        for wrong in ("xyz", "0" * 17, "<script>", "../.."):
            async with session.get(f"{url}/api/profiles", params={"q": wrong}) as response:
                assert (response.status, response.content_type) == (400, "text/plain")


async def test_who_opted_out_is_not_shown_even_while_their_profile_stands_on_the_topic() -> None:
    hidden: set[tuple[str, int]] = set()
    people = People(lambda platform, author: (platform, author) in hidden)
    peopled(people)
    suggestions = StagedSuggestions()
    async with serving(people, suggestions) as (session, url):
        hidden.add(("x", int(AUTHORS[1], 16)))
        for method, path in (("GET", ""), ("POST", "/recommendations")):
            asked = session.request(method, f"{url}/api/profiles/{AUTHORS[1]}{path}", headers=JSON)
            async with asked as response:
                assert response.status == 404
        async with session.get(f"{url}/api/profiles") as response:
            found = await response.json()
    assert AUTHORS[1] not in {profile["author"] for profile in found["profiles"]}
    assert found["count"] == len(AUTHORS) - 1
    assert suggestions.asked == []


def test_what_fewer_than_a_group_write_about_is_in_no_profile_that_is_shown() -> None:
    book, people = Book(100), People()
    for number in range(3 * SMALLEST):
        who = number % SMALLEST + 1
        book.take(post(number, who, "word:harbour", *(("word:secret",) if who < SMALLEST else ())))
    for author, profile in book.changed():
        people.take(0, author, None if profile is None else msgspec.json.encode(profile))
    shown = people.beginning_with("").profiles
    assert len(shown) == SMALLEST
    assert {term for profile in shown for term in profile.terms} == {"word:harbour"}


def test_the_profiles_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "MOST", 10)
    people = People()
    for number in range(25):
        taken(people, known_of(f"{number:016x}"))
    assert people.beginning_with("").count == 10
    assert f"{24:016x}" in people
    assert f"{3:016x}" not in people


async def test_a_click_on_what_was_recommended_is_kept_as_the_recommender_expects() -> None:
    people, suggestions, kept = People(), StagedSuggestions(), KeptFeedback()
    peopled(people)
    async with serving(people, suggestions, kept) as (session, url):
        async with session.post(f"{url}/api/profiles/{AUTHORS[0]}/recommendations", headers=JSON) as response:
            told = await response.json()
        assert told["items"][0]["because"] == "because you write about earthquake"
        clicks = f"{url}/api/recommendations/{told['request_id']}/clicks"
        body = json.dumps({"item": told["items"][1]["id"]})
        async with session.post(clicks, data=body, headers=JSON) as response:
            assert response.status == 200
        (said,) = kept.said
        assert (said.verdict, said.recommendation, said.item) == ("clicked", "page-1", "p2-0")
        assert (said.hotspot_id, said.stage, said.judged_at) == (made(2).hotspot_id, "", "")
        for wrong, status in (
            (b'{"item":"never"}', 404),
            (b"{", 400),
            (b"[]", 400),
            (b'{"item":1}', 400),
            (b'{"item":"a","by":"b"}', 400),
        ):
            async with session.post(clicks, data=wrong, headers=JSON) as response:
                assert (response.status, response.content_type) == (status, "text/plain")
        async with session.post(f"{url}/api/recommendations/other/clicks", data=body, headers=JSON) as response:
            assert response.status == 404
        kept.away = True
        async with session.post(clicks, data=body, headers=JSON) as response:
            assert response.status == 503
    assert kept.said == [said]


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "rebound.example"}]
)
async def test_another_site_can_neither_ask_nor_click(headers: dict[str, str]) -> None:
    people, suggestions, kept = People(), StagedSuggestions(), KeptFeedback()
    peopled(people)
    await suggestions.ask(AUTHORS[0])
    async with serving(people, suggestions, kept) as (session, url):
        for path in (f"/api/profiles/{AUTHORS[0]}/recommendations", "/api/recommendations/page-1/clicks"):
            for sent in ({**JSON, **headers}, {"Content-Type": "text/plain"}):
                async with session.post(url + path, data=b'{"item":"p2-0"}', headers=sent) as response:
                    assert response.status == 403
    assert kept.said == []
    assert len(suggestions.asked) == 1


async def test_a_recommender_that_does_not_answer_is_said_so() -> None:
    people, suggestions = People(), StagedSuggestions()
    peopled(people)
    suggestions.away = True
    path = f"/api/profiles/{AUTHORS[0]}/recommendations"
    async with serving(people, suggestions) as (session, url), session.post(url + path, headers=JSON) as response:
        assert (response.status, response.content_type) == (503, "text/plain")
