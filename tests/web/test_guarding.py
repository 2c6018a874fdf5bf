"""Who may use the web side and how often, over real sockets."""

import asyncio
import base64

import aiohttp
import pytest
from aiohttp import web

from agents.errors import SettingsError
from agents.web.board import Board
from agents.web.guarding import ADDRESSES, Rate, check_exposure, client_of, guard
from agents.web.readiness import Readiness
from agents.web.server import listen, make_web, start_web

TOKEN = "a token of these tests"


async def statuses(token: str | None, rate: Rate, requests: list[tuple[str, dict[str, str]]]) -> list[tuple[int, str]]:
    """Return status and text of requests, one after another, to a server with this guard."""
    app = make_web(Board(), Readiness())
    app.middlewares.append(guard(token, rate))
    listening = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    runner = await start_web(app, listening)
    try:
        async with aiohttp.ClientSession() as session:
            found = []
            for path, headers in requests:
                async with session.get(address + path, headers=headers) as answer:
                    found.append((answer.status, await answer.text()))
            return found
    finally:
        await runner.cleanup()


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()}


BEARER = {"Authorization": f"Bearer {TOKEN}"}


async def test_without_the_token_nothing_but_health_answers_and_that_says_only_whether() -> None:
    wrong = [
        {}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Basic !!!"}, basic("wrong"),
        {"Authorization": "Bearer "}, {"Authorization": "Basic /w=="}, {"Authorization": "Digest x"},
        {"Authorization": "Basic \u00e9"},
    ]  # fmt: skip
    for path in ("/", "/metrics", "/api/hotspots", "/events", "/static/page.js", "/none"):
        assert {status for status, _ in await statuses(TOKEN, Rate(0), [(path, held) for held in wrong])} == {401}
    assert await statuses(TOKEN, Rate(0), [("/livez", {}), ("/readyz", {})]) == [(200, "ok\n"), (503, "no\n")]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.5", "[::", ""])
async def test_a_name_of_somebody_elses_that_leads_here_reads_nothing(host: str) -> None:
    paths = ["/", "/api/hotspots", "/api/profiles", "/events", "/metrics", "/none"]
    found = await statuses(None, Rate(0), [(path, {"Host": host}) for path in paths])
    assert {status for status, _ in found} <= {400, 403}
    assert [status for status, _ in await statuses(None, Rate(0), [("/livez", {"Host": "10.0.0.5"})])] == [200]


@pytest.mark.parametrize("host", ["localhost:6066", "127.0.0.1", "[::1]:6066"])
async def test_at_a_name_of_this_machine_no_token_is_needed(host: str) -> None:
    assert [status for status, _ in await statuses(None, Rate(0), [("/api/hotspots", {"Host": host})])] == [200]


async def test_with_the_token_everything_answers() -> None:
    found = await statuses(TOKEN, Rate(0), [("/", BEARER), ("/metrics", basic(TOKEN)), ("/readyz", BEARER)])
    assert [status for status, _ in found] == [200, 200, 503]
    assert "checks" in found[2][1]


async def test_an_address_that_asks_too_often_is_told_to_wait() -> None:
    found = await statuses(None, Rate(2.0, clock=lambda: 0.0), [("/livez", {})] * 12)
    assert [status for status, _ in found] == [200] * 10 + [429] * 2


def test_a_rate_refills_and_is_each_address_its_own() -> None:
    now = [0.0]
    rate = Rate(1.0, clock=lambda: now[0])
    assert [rate.allows("a") for _ in range(6)] == [True] * 5 + [False]
    assert rate.allows("b")
    now[0] = 2.0
    assert [rate.allows("a") for _ in range(3)] == [True, True, False]


def test_a_machine_with_a_network_of_addresses_is_one() -> None:
    assert client_of("2001:db8:0:1::1") == client_of("2001:db8:0:1:ffff::2") != client_of("2001:db8:0:2::1")
    assert client_of("::ffff:192.0.2.1") == client_of("192.0.2.1") != client_of("::ffff:192.0.2.2")
    assert client_of("") == ""


async def test_what_a_client_says_of_where_it_comes_from_changes_no_limit() -> None:
    claims = [("/livez", {"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(12)]
    assert [status for status, _ in await statuses(None, Rate(2.0, clock=lambda: 0.0), claims)].count(429) == 2


def test_addresses_remembered_are_bounded() -> None:
    rate = Rate(1.0, clock=lambda: 0.0)
    for number in range(ADDRESSES + 100):
        rate.allows(str(number))
    assert len(rate._left) == ADDRESSES


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "redian.example"])
def test_where_others_can_reach_a_token_is_needed(host: str) -> None:
    with pytest.raises(SettingsError, match="REDIAN_WEB_TOKEN"):
        check_exposure(host, None)
    check_exposure(host, TOKEN)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_loopback_none_is_needed(host: str) -> None:
    check_exposure(host, None)


async def test_a_stream_stays_open_through_the_guard() -> None:
    app = make_web(Board(), Readiness())
    app.middlewares.append(guard(TOKEN, Rate(0)))
    listening = listen("127.0.0.1", 0)
    runner: web.AppRunner = await start_web(app, listening)
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/events"
            async with session.get(url, headers=BEARER) as stream:
                assert stream.status == 200
                assert await asyncio.wait_for(stream.content.readline(), 10) == b"retry: 2000\n"
    finally:
        await runner.cleanup()
