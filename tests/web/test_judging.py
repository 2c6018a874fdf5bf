"""Verdicts on hotspots: taken from the page alone, kept on their topic, shown to everyone."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from playwright.sync_api import expect

from agents.adapters.admin import create_topics
from agents.settings import Settings
from agents.web.board import JUDGED, Board
from agents.web.guarding import Rate, guard
from agents.web.judging import TopicFeedback
from agents.web.readiness import Readiness
from agents.web.server import listen, make_web, start_web
from streams.contracts.feedback import Feedback
from streams.contracts.topics import FEEDBACK
from tests.web.conftest import OpenPage
from tests.web.staged import KeptFeedback, Stage, filled, made

TOKEN = "a token of these tests"
HOTSPOT = made(0).hotspot_id
PATH = f"/api/hotspots/{HOTSPOT}/feedback"
JSON = {"Content-Type": "application/json"}
RELEVANT = b'{"verdict":"relevant"}'


@asynccontextmanager
async def serving(kept: KeptFeedback | None, token: str | None = None) -> AsyncIterator[tuple[Board, str, int]]:
    board = Board()
    board.hotspot(made(0))
    app = make_web(board, Readiness(), None, kept)
    app.middlewares.append(guard(token, Rate(0)))
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    runner = await start_web(app, listening)
    try:
        yield board, f"http://127.0.0.1:{port}", port
    finally:
        await runner.cleanup()


async def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url + PATH, data=body, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_a_verdict_is_kept_with_what_was_judged_and_shown_to_all() -> None:
    kept = KeptFeedback()
    async with serving(kept) as (board, url, _):
        body = json.dumps({"verdict": "not-relevant", "note": "a game\x00, ask me@example.com"}).encode()
        assert (await post(url, body, {**JSON, "Origin": url}))[0] == 200
        (said,) = kept.said
        assert (said.hotspot_id, said.verdict, said.stage) == (HOTSPOT, "not-relevant", made(0).stage)
        assert said.judged_at == made(0).emitted_at
        assert "example.com" not in said.note
        assert "\x00" not in said.note
        detail = board.detail(HOTSPOT)
        assert detail is not None
        assert detail.feedback == [said]
        assert detail.card.verdict == "not-relevant"
        board.feedback(said)  # it comes back from the log
        assert len(board.detail(HOTSPOT).feedback) == 1  # type: ignore[union-attr]


async def test_another_site_cannot_judge_in_the_readers_name() -> None:
    kept = KeptFeedback()
    async with serving(kept) as (_, url, port):
        for headers in (
            {**JSON, "Origin": "https://evil.example"},
            {**JSON, "Origin": "null"},
            {**JSON, "Origin": f"http://127.0.0.1:{port + 1}"},
            {**JSON, "Origin": url, "Sec-Fetch-Site": "cross-site"},
            {"Content-Type": "text/plain", "Origin": url},  # what a form can send without asking first
            {"Content-Type": "application/x-www-form-urlencoded"},
            {**JSON, "Host": f"evil.example:{port}", "Origin": f"http://evil.example:{port}"},  # DNS rebinding
        ):
            status, _ = await post(url, RELEVANT, headers)
            assert status == 403, headers
        assert not kept.said
        assert (await post(url, RELEVANT, JSON))[0] == 200  # a program of the operator's own


async def test_behind_a_token_only_who_has_it_judges_under_the_name_given() -> None:
    kept = KeptFeedback()
    async with serving(kept, TOKEN) as (_, url, _):
        assert (await post(url, RELEVANT, {**JSON, "Origin": url}))[0] == 401
        named = {"Host": "redian.example", "Origin": "https://redian.example"}
        auth = aiohttp.BasicAuth("Mei", TOKEN).encode()
        assert (await post(url, RELEVANT, {**JSON, **named, "Authorization": auth}))[0] == 200
        assert [said.by for said in kept.said] == ["Mei"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff", b'{"verdict":"hot"}', b'{"verdict":1}', b'{"verdict":"relevant","note":7}',
     b'{"verdict":"relevant","by":"you"}', json.dumps({"verdict": "real", "note": "x" * 501}).encode(), b"[" * 4000],
)  # fmt: skip
async def test_what_is_no_verdict_is_told_so(body: bytes) -> None:
    kept = KeptFeedback()
    async with serving(kept) as (_, url, _):
        status, text = await post(url, body, JSON)
        assert status == 400, text
        assert "Traceback" not in text
        assert not kept.said
        assert (await post(url, b"x" * 5000, JSON))[0] == 413


async def test_without_a_log_nothing_is_pretended() -> None:
    kept = KeptFeedback()
    kept.away = True
    async with serving(kept) as (board, url, _):
        assert (await post(url, RELEVANT, JSON))[0] == 503
        assert board.detail(HOTSPOT).feedback == []  # type: ignore[union-attr]
    async with serving(None) as (_, url, _):
        assert (await post(url, RELEVANT, JSON))[0] == 404


def test_verdicts_of_a_hotspot_are_bounded_and_may_come_first() -> None:
    board = Board()
    for number in range(JUDGED + 5):
        board.feedback(
            Feedback(hotspot_id=HOTSPOT, verdict="relevant", at=f"{number:03d}", stage="rising", judged_at="")
        )
    board.hotspot(made(0))
    detail = board.detail(HOTSPOT)
    assert detail is not None
    assert len(detail.feedback) == JUDGED
    assert detail.card.verdict == "relevant"


@pytest.mark.integration
async def test_a_verdict_stands_on_its_topic(own_broker: str, tmp_path: Path) -> None:
    create_topics(Settings(bootstrap=own_broker, data_dir=tmp_path))
    producer = AIOKafkaProducer(bootstrap_servers=own_broker, enable_idempotence=True, acks="all")
    await producer.start()

    async def give() -> AIOKafkaProducer:
        return producer

    said = Feedback(hotspot_id=HOTSPOT, verdict="relevant", at="a", stage="rising", judged_at="b", note="本地确认")
    await TopicFeedback(give).write(said)
    await producer.stop()
    consumer = AIOKafkaConsumer(FEEDBACK.name, bootstrap_servers=own_broker, auto_offset_reset="earliest")
    await consumer.start()
    record = await consumer.getone()
    await consumer.stop()
    assert record.key == HOTSPOT.encode()
    assert msgspec.json.decode(record.value, type=Feedback) == said


@pytest.mark.browser
def test_buttons_of_a_hotspot(open_page: OpenPage) -> None:
    board = Board()
    filled(board, 4)
    with Stage(board) as stage:
        page = open_page(f"{stage.url}/hotspots/{HOTSPOT}")
        page.fill("#note", "jj ? <b>seen</b> by the fire brigade")  # letters that are keys elsewhere
        expect(page.locator("#note")).to_be_focused()
        for minute in (11, 12, 13):  # the hotspot moves under the hand that writes
            stage.call(lambda board, m=minute: board.hotspot(made(0, m)))  # type: ignore[misc]
        expect(page.locator("#note")).to_have_value("jj ? <b>seen</b> by the fire brigade")
        page.click("[data-verdict=relevant]")
        expect(page.locator("#kept")).to_have_text("Kept, thank you.")
        expect(page.locator(".said li")).to_contain_text("<b>seen</b> by the fire brigade")
        expect(page.locator("[data-verdict=relevant]")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#note")).to_have_value("")
        expect(page.locator(f".row[data-id='{HOTSPOT}']")).to_contain_text("judged: Relevant")
        other = open_page(f"{stage.url}/hotspots/{HOTSPOT}")
        expect(other.locator(".said li")).to_have_count(1)
        stage.feedback.away = True
        page.click("[data-verdict=not-relevant]")
        expect(page.locator("#kept")).to_contain_text("could not be kept")
        assert [said.verdict for said in stage.feedback.said] == ["relevant"]
