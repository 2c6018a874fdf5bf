"""The web side of a worker, over real sockets."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import feedparser
import pytest
from msgspec.structs import replace

from agents.adapters import metrics
from agents.errors import PortInUse
from agents.web.board import HOTSPOTS, Board
from agents.web.events import CLIENTS, EVENTS, WAITING, TooManyClients
from agents.web.health import look
from agents.web.readiness import CHECKS, Readiness
from agents.web.server import listen, make_web, start_web
from streams.contracts.outputs import Alert, Brief, Hotspot, Sentence, Why

HOSTILE = "<img src=x onerror=alert(1)></script>\n\ndata: {}\n\n"
WHY = Why(
    term="quake",
    observed=9,
    expected=0.1,
    scale_min=5,
    p_value=1e-9,
    distinct_authors=9,
    languages={"en": 1.0},
    platforms={"x": 1.0},
    top_terms=("quake",),
    series=(0, 9),
)


def hotspot(name: str, minute: int = 0, **fields: object) -> Hotspot:
    known = {
        "hotspot_id": name,
        "stage": "emerging",
        "emitted_at": f"2026-03-01T00:{minute:02d}:00.000Z",
        "started_at": "2026-03-01T00:00:00.000Z",
        "updated_at": "2026-03-01T00:00:00.000Z",
        "terms": ("word:quake",),
        "why": WHY,
        "peak_authors": 9,
        "rank": 1.0,
        "warming": 1.0,
        "credibility": 1.0,
        "credibility_reasons": (),
        "evidence": ("1",),
    }
    return Hotspot(**{**known, **fields})  # type: ignore[arg-type]


def alert(name: str, minute: int) -> Alert:
    return Alert(
        alert_id=f"{name}-{minute}",
        hotspot_id=name,
        stage="emerging",
        emitted_at=f"2026-03-01T00:{minute:02d}:00.000Z",
        started_at="2026-03-01T00:00:00.000Z",
        terms=("word:quake",),
        why=WHY,
        rank=1.0,
        credibility=1.0,
        credibility_reasons=(),
        evidence=("1",),
        sources=(),
    )


def brief(name: str, text: str) -> Brief:
    return Brief(
        brief_id=f"b-{name}",
        hotspot_id=name,
        stage="emerging",
        emitted_at="2026-03-01T00:00:00.000Z",
        lang="en",
        headline=text,
        sentences=(Sentence(text, ("1",)),),
        figures=(),
    )


@asynccontextmanager
async def serving(board: Board, readiness: Readiness) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    listening = listen("127.0.0.1", 0)
    runner = await start_web(make_web(board, readiness), listening)
    port = listening.getsockname()[1]
    try:
        async with aiohttp.ClientSession() as session:
            yield session, f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def test_ready_only_when_every_check_holds() -> None:
    readiness = Readiness()
    async with serving(Board(), readiness) as (session, url):
        for check in CHECKS:
            async with session.get(f"{url}/readyz") as response:
                assert response.status == 503
                assert (await response.json())["checks"][check]["ok"] is False
            readiness.set(check, True, "fine")
        async with session.get(f"{url}/readyz") as response:
            assert response.status == 200
        readiness.set("broker", False, "gone")
        async with session.get(f"{url}/readyz") as response:
            assert response.status == 503
            assert (await response.json())["checks"]["broker"]["detail"] == "gone"


async def test_alive_metrics_and_page_with_a_strict_policy() -> None:
    metrics.POSTS_DEAD.labels(stage="intake", reason="not_json").inc(3)
    async with serving(Board(), Readiness()) as (session, url):
        for path in ("/", "/livez", "/metrics", "/static/page.js", "/static/page.css"):
            async with session.get(url + path) as response:
                assert response.status == 200, path
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"
        async with session.get(f"{url}/metrics") as response:
            text = await response.text()
        assert 'redian_posts_dead_total{reason="not_json",stage="intake"} ' in text
        async with session.get(f"{url}/static/../server.py") as response:
            assert response.status == 404
        async with session.get(url) as response:
            page = await response.text()
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


async def next_event(response: aiohttp.ClientResponse) -> tuple[str, dict[str, object]]:
    """Return the id, "" for none, and the data of the next card."""
    number, name = "", ""
    async for line in response.content:
        if line.startswith(b"id: "):
            number = line[4:].decode().strip()
        if line.startswith(b"event: "):
            name = line[7:].decode().strip()
        if line.startswith(b"data: "):
            if not name:
                return number, json.loads(line[6:])
            number, name = "", ""
    raise AssertionError("the stream ended")


async def test_events_bring_what_is_known_then_what_comes_and_resume() -> None:
    board = Board()
    board.hotspot(hotspot("a"))
    async with serving(board, Readiness()) as (session, url), asyncio.timeout(20):
        async with session.get(f"{url}/events") as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            number, card = await next_event(response)
            assert card["hotspot"]["hotspot_id"] == "a"  # type: ignore[index]
            board.hotspot(hotspot("b"))
            number, card = await next_event(response)
            assert card["hotspot"]["hotspot_id"] == "b"  # type: ignore[index]
        board.alert(alert("a", 3))
        async with session.get(f"{url}/events", headers={"Last-Event-ID": number}) as response:
            _, card = await next_event(response)
            assert card["alerted_at"] == "2026-03-01T00:03:00.000Z"
        async with session.get(f"{url}/events", params={"after": number}) as response:
            assert (await next_event(response))[1]["alerted_at"] == "2026-03-01T00:03:00.000Z"
        for stranger in ("9" * 30, "0badcafe-1", f"{board.events.epoch}-999", "-", "١-٢"):
            async with session.get(f"{url}/events", params={"after": stranger}) as response:
                seen = [await next_event(response) for _ in range(2)]
                assert {card["hotspot"]["hotspot_id"] for _, card in seen} == {"a", "b"}  # type: ignore[index]
                assert [number.partition("-")[0] for number, _ in seen] == [
                    "",
                    board.events.epoch,
                ]  # resumed from the last only


async def test_hostile_text_stays_data() -> None:
    board = Board()
    board.hotspot(hotspot("a", terms=(f"word:{HOSTILE}",)))
    board.brief(brief("a", HOSTILE))
    async with serving(board, Readiness()) as (session, url), asyncio.timeout(20):
        async with session.get(f"{url}/events") as response:
            _, card = await next_event(response)
        assert card["brief"]["headline"] == HOSTILE  # type: ignore[index]
        async with session.get(f"{url}/api/hotspots") as response:
            assert response.content_type == "application/json"
            assert (await response.json())[0]["brief"]["headline"] == HOSTILE


def test_a_brief_without_what_was_taken_back_replaces_the_one_that_quoted_it() -> None:
    board = Board()
    board.hotspot(hotspot("a"))
    told = [brief("a", "as it was told"), replace(brief("a", "what is left"), revision=1), brief("a", "as it was told")]
    for one in told:
        board.brief(one)
    (card,) = board.cards()
    assert card.brief is not None
    assert card.brief.headline == "what is left"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_card_is_the_same_in_whatever_order_its_parts_come(order: tuple[int, ...]) -> None:
    board = Board()
    steps: list[Callable[[], None]] = [
        lambda: board.hotspot(hotspot("a")),
        lambda: board.alert(alert("a", 3)),
        lambda: board.brief(brief("a", "text")),
    ]
    for place in order:
        steps[place]()
        steps[place]()  # a repeat changes nothing
    (card,) = board.cards()
    assert (card.alerts, card.alerted_at[14:16], card.brief and card.brief.headline) == (1, "03", "text")


def test_merged_hotspots_leave_and_older_states_change_nothing() -> None:
    board = Board()
    board.hotspot(hotspot("young"))
    board.hotspot(hotspot("old", 5, merged=("young",)))
    board.hotspot(hotspot("old", 4, stage="fading"))
    assert [(card.hotspot.hotspot_id, card.hotspot.stage) for card in board.cards()] == [("old", "emerging")]


def test_everything_kept_is_bounded() -> None:
    board = Board()
    for number in range(HOTSPOTS + EVENTS + 50):
        board.hotspot(hotspot(str(number)))
    assert len(board.cards()) == HOTSPOTS
    with board.following((board.events.epoch, 1)) as queue:  # too long ago: every card, once, behind their number
        assert queue.qsize() == 1 + HOTSPOTS


def test_a_page_that_does_not_read_is_ended_and_too_many_are_refused() -> None:
    board = Board()
    with board.following(None) as slow:
        for number in range(WAITING + 1):
            board.hotspot(hotspot(str(number)))
        assert [slow.get_nowait() for _ in range(slow.qsize())][-1] is None
    contexts = [board.following(None) for _ in range(CLIENTS)]
    for context in contexts:
        context.__enter__()
    with pytest.raises(TooManyClients), board.following(None):
        pass
    for context in contexts:
        context.__exit__(None, None, None)
    with board.following(None):
        pass


async def test_open_pages_do_not_keep_a_worker_from_leaving() -> None:
    board = Board()

    listening = listen("127.0.0.1", 0)
    runner = await start_web(make_web(board, Readiness()), listening)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/events"
    async with aiohttp.ClientSession() as session, session.get(url) as response, asyncio.timeout(8):
        await response.content.readline()
        await runner.cleanup()


async def test_a_page_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.web.server.SLOW_S", 0.2)
    board = Board()
    listening = listen("127.0.0.1", 0)
    runner = await start_web(make_web(board, Readiness()), listening)
    server = runner.server
    assert server is not None
    with socket.socket() as page:
        page.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        page.connect(listening.getsockname())
        page.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            async with asyncio.timeout(20):
                while not board.events.followers:
                    await asyncio.sleep(0.01)
                for _ in range(50):
                    board.events.tell(b"x" * 1_000_000)
                while server.connections:
                    await asyncio.sleep(0.05)
        finally:
            await runner.cleanup()


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"127.0.0.1:{port}.*REDIAN_WEB_PORT"):
            listen("127.0.0.1", port)


def test_the_own_view_of_a_hotspot_has_its_course_its_alerts_and_what_it_took_in() -> None:
    board = Board()
    board.hotspot(hotspot("young"))
    board.hotspot(hotspot("old", 1))
    board.alert(alert("old", 1))
    board.hotspot(hotspot("old", 5, stage="rising", merged=("young",)))
    board.alert(alert("old", 5))
    board.alert(alert("old", 5))
    for asked in ("old", "young"):
        detail = board.detail(asked)
        assert detail is not None
        assert detail.card.hotspot.hotspot_id == "old"
        assert [moment.stage for moment in detail.moments] == ["emerging", "rising"]
        assert [told.alert_id for told in detail.alerts] == ["old-1", "old-5"]
        assert [one.hotspot_id for one in detail.absorbed] == ["young"]
    assert board.detail("never") is None


def test_hotspots_that_took_each_other_in_end_the_search() -> None:
    board = Board()
    board.hotspot(hotspot("a", 1, merged=("b",)))
    board.hotspot(hotspot("b", 2, merged=("a",)))
    assert board.detail("a") is not None


async def test_health_counts_what_the_worker_did() -> None:
    readiness = Readiness()
    before = look(readiness)
    metrics.POSTS_OUT.inc(7)
    metrics.POSTS_LATE.inc(2)
    metrics.ARRIVAL_TO_COUNTED_SECONDS.observe(0.5)
    metrics.LAG.labels(topic="posts", partition="0").set(11)
    after = look(readiness)
    metrics.LAG.clear()
    assert (after.posts - before.posts, after.late - before.late, after.lag) == (7, 2, 11)
    assert (after.counted - before.counted, after.counted_s - before.counted_s) == (1, 0.5)
    assert not after.ready
    assert set(after.checks) == set(CHECKS)


def test_health_has_what_an_operator_asks_first() -> None:
    before = look(Readiness())
    for status, number in (("active", 5), ("failing", 2)):
        metrics.SUBSCRIBERS.labels(status=status).set(number)
    metrics.DELIVERIES_WAITING.set(9)
    metrics.FALSE_ALERTS_LEFT.set(0.4)
    metrics.DATA_DIR_BYTES.set(1000)
    metrics.DATA_DIR_FREE_BYTES.set(50)
    after = look(Readiness(), pages=3)
    metrics.SUBSCRIBERS.clear()
    for gauge in (metrics.DELIVERIES_WAITING, metrics.FALSE_ALERTS_LEFT, metrics.DATA_DIR_BYTES):
        gauge.set(0)
    assert before.disk_free is None
    assert (after.failing, after.waiting, after.budget_left, after.disk_free) == (2, 9, 0.4, 0.05)
    assert (before.pages, after.pages) == (0, 3)


async def test_alerts_are_an_atom_feed_that_a_reader_reads() -> None:
    board = Board()
    board.hotspot(hotspot("a"))
    for told in (alert("a", 3), alert("a", 9), alert("b", 5)):
        board.alert(told)
    board.brief(brief("a", HOSTILE))
    async with serving(board, Readiness()) as (session, url):
        async with session.get(f"{url}/alerts.atom") as response:
            assert response.content_type == "application/atom+xml"
            feed = feedparser.parse(await response.read())
        assert not feed.bozo
        assert [entry.id for entry in feed.entries] == [f"urn:redian:alert:{name}" for name in ("a-9", "b-5", "a-3")]
        assert feed.entries[0].link.startswith(f"{url}/hotspots/")
        for query, number in (("stage=emerging", 3), ("stage=rising", 0), ("term=quake&min_rank=1", 3), ("x=y", 3)):
            async with session.get(f"{url}/alerts.atom?{query}") as response:
                assert len(feedparser.parse(await response.read()).entries) == number
        for query in ("stage=hot", "min_rank=much", "min_credibility=7"):
            async with session.get(f"{url}/alerts.atom?{query}") as response:
                assert response.status == 400
                assert response.content_type == "text/plain"
