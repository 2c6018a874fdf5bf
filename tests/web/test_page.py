"""The live page in a real browser: what an analyst does with it all day, and what the world does to it."""

import csv
import io
import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.web import server
from agents.web.board import Board
from agents.web.evidence import EvidencePost, Shown
from streams.contracts.outputs import Doubt, Sentence, Source, Voice
from streams.contracts.posts import Described
from tests.web.conftest import OpenPage
from tests.web.staged import Stage, StagedEvidence, filled, made, told, written

pytestmark = pytest.mark.browser


def ids(page: Page) -> list[str]:
    return page.eval_on_selector_all(".row", "rows => rows.map(row => row.dataset.id)")


def live(page: Page) -> None:
    expect(page.locator("#connection.live")).to_have_count(1)


def test_alerted_hotspots_come_by_rank_with_their_figures(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(stage.url)
    expect(page.locator(".row")).to_have_count(12)
    by_rank = sorted((made(number, 10) for number in range(0, 24, 2)), key=lambda hotspot: -hotspot.rank)
    expected = [hotspot.hotspot_id for hotspot in by_rank if hotspot.stage != "closed"]
    assert ids(page)[: len(expected)] == expected
    first = page.locator(".row").first
    hotspot = by_rank[0]
    expect(first.locator(".people")).to_contain_text(f"{hotspot.why.observed:,} people in {hotspot.why.scale_min} min")
    expect(first.locator(".credible")).to_contain_text(f"{hotspot.credibility:.0%}")
    expect(first.locator(".stage")).to_have_text(hotspot.stage)
    assert "usual about" in (first.locator(".spark").get_attribute("aria-label") or "")
    expect(page.locator("#health")).to_contain_text("ready")
    page.click("#show-all")
    expect(page.locator(".row")).to_have_count(24)
    page.click("#show-live")
    expect(page.locator(".row .stage", has_text="closed")).to_have_count(0)


def test_filters_and_search_stand_in_the_address(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(stage.url)
    page.click("#show-all")
    page.select_option("#lang", "zh")
    page.select_option("#stage", "rising")
    page.fill("#search", "地铁")
    expect(page.locator(".row").first).to_contain_text("地铁")
    wanted = {
        hotspot.hotspot_id
        for hotspot in (made(number, 10) for number in range(24))
        if hotspot.stage == "rising" and "zh" in hotspot.why.languages and any("地铁" in t for t in hotspot.terms)
    }
    expect(page.locator(".row")).to_have_count(len(wanted))
    assert set(ids(page)) == wanted
    assert "stage=rising" in page.url
    page.reload()
    expect(page.locator(".row")).to_have_count(len(wanted))
    expect(page.locator("#search")).to_have_value("地铁")
    page.click("#clear")
    expect(page.locator(".row")).to_have_count(24)
    page.fill("#search", "nothing says this")
    expect(page.locator("#empty")).to_contain_text("No hotspot matches")


def test_a_hotspot_has_an_address_of_its_own(open_page: OpenPage) -> None:
    board = Board()
    filled(board, 6)
    texts = "call [number] now"

    def answer(sources: Sequence[Source]) -> Shown:
        began = "2026-03-01T00:30:00.000Z"
        posts = [
            EvidencePost(s.id, "x", "en", began, f"{texts} {s.id}", s.partition, s.offset, s.index)
            for s in sources[:-1]
        ]
        return Shown(posts, 1)

    with Stage(board, StagedEvidence(answer)) as stage:
        page = open_page(stage.url)
        expect(page.locator(".row")).to_have_count(3)  # the first row is the first once all are there
        row = page.locator(".row").first
        hotspot_id = row.get_attribute("data-id")
        headline = row.locator("h2").inner_text()
        row.locator("a").click()
        expect(page).to_have_url(f"{stage.url}/hotspots/{hotspot_id}")
        detail = page.locator("#detail")
        expect(detail.locator("h2")).to_have_text(headline)
        for section in ("What posts say", "Why it was flagged", "Credibility", "Timeline", "Its life", "Related"):
            expect(detail.locator("h3", has_text=section).first).to_be_visible()
        hour = detail.locator(".chart").first
        expect(hour.locator("canvas")).to_have_count(1)
        hour.hover()
        expect(detail.locator(".pointed").first).to_contain_text("people")
        detail.locator("#read").click()
        expect(detail.locator(".posts li")).to_have_count(7)
        expect(detail).to_contain_text("1 post has left the log")
        expect(detail.locator(".posts")).to_contain_text(texts)
        page.go_back()
        expect(detail).to_be_hidden()
        other = open_page(f"{stage.url}/hotspots/{hotspot_id}")  # what a colleague opens
        expect(other.locator("#detail h2")).to_have_text(headline)
        gone = open_page(f"{stage.url}/hotspots/{'f' * 16}")
        expect(gone.locator("#detail")).to_contain_text("not known here")


def test_behind_a_token_the_page_works_as_without(open_page: OpenPage) -> None:
    board = Board()
    filled(board, 24)
    with Stage(board, token="a token of sixteen") as stage:
        known = {"username": "anyone", "password": "a token of sixteen"}
        page = open_page(stage.url, http_credentials=known)
        expect(page.locator(".row")).to_have_count(12)
        live(page)
        page.locator(".row a").first.click()
        expect(page.locator("#detail .facts")).to_be_visible()


def test_a_merged_hotspot_leads_to_the_one_that_took_it_in(stage: Stage, open_page: OpenPage) -> None:
    young, old = made(2, 10), made(4, 20, merged=(made(2).hotspot_id,))
    page = open_page(f"{stage.url}/hotspots/{young.hotspot_id}")
    expect(page.locator("#detail .facts")).to_be_visible()
    stage.call(lambda board: board.hotspot(old))
    expect(page.locator("#detail")).to_contain_text("part of the one below")
    expect(page.locator("#detail .timeline")).to_contain_text("took in")
    expect(page.locator(f".row[data-id='{young.hotspot_id}']")).to_have_count(0)


def test_keys_do_what_the_help_says(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(stage.url)
    expect(page.locator(".row")).to_have_count(12)
    order = ids(page)

    def focused() -> str:
        return str(page.evaluate("document.activeElement.closest('[data-id]')?.dataset.id || ''"))

    page.keyboard.press("j")
    assert focused() == order[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert focused() == order[1]
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).to_be_visible()
    page.keyboard.press("j")
    expect(page).to_have_url(f"{stage.url}/hotspots/{order[2]}")
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("j?")
    expect(page.locator("#search")).to_have_value("j?")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")
    page.keyboard.press("3")
    expect(page.locator(".row")).to_have_count(24)
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_contain_text("next, previous hotspot")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    expect(page.locator("#show-alerted")).to_have_text("已告警")
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()  # both are remembered
    expect(page.locator("#show-alerted")).to_have_text("已告警")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_rows_move_with_the_rank_and_focus_stays(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(stage.url)
    expect(page.locator(".row")).to_have_count(12)
    rising = [row for row in ids(page) if made(int(row, 16) - 1, 10).stage != "closed"]
    last = rising[-1]
    page.locator(f".row[data-id='{last}'] a").focus()
    stage.call(lambda board: board.hotspot(made(int(last, 16) - 1, 11, rank=99.0, stage="rising")))
    expect(page.locator(".row").first).to_have_attribute("data-id", last)
    assert page.evaluate("document.activeElement.closest('[data-id]').dataset.id") == last


def test_a_new_alert_is_said_to_who_cannot_see_it(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(stage.url)
    live(page)
    expect(page.locator(".row")).to_have_count(12)
    hotspot = made(30, 10)

    def come(board: Board) -> None:
        board.hotspot(hotspot)
        board.brief(written(hotspot, 30))
        board.alert(told(hotspot))

    stage.call(come)
    expect(page.locator("#news")).to_contain_text("New alert: ")
    expect(page.locator(".row")).to_have_count(13)


def test_a_worker_that_goes_and_another_that_comes(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{stage.url}/?show=all")
    expect(page.locator(".row")).to_have_count(24)
    stage.down()
    expect(page.locator("#connection.lost")).to_have_count(1)
    expect(page.locator(".row")).to_have_count(24)  # what is known stays
    other = Board()
    filled(other, 7)
    stage.up(other)
    live(page)
    expect(page.locator(".row")).to_have_count(7)  # what the new one does not know is gone


def test_a_hotspot_opened_while_nobody_answers_comes_when_somebody_does(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{stage.url}/?show=all")
    expect(page.locator(".row")).to_have_count(24)
    stage.down()
    expect(page.locator("#connection.lost")).to_have_count(1)
    page.locator(".row a").first.click()
    expect(page.locator("#detail")).to_contain_text("does not answer")
    stage.up()
    expect(page.locator("#detail .facts")).to_be_visible()


def test_a_page_that_was_away_gets_what_it_missed_alone(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{stage.url}/?show=all")
    expect(page.locator(".row")).to_have_count(24)
    with page.expect_request(lambda request: "/events?after=" in request.url) as again:
        page.context.set_offline(True)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        stage.call(lambda board: board.hotspot(made(40, 10)))
        page.context.set_offline(False)
    assert stage.board.events.epoch in again.value.url
    expect(page.locator(".row")).to_have_count(25)


def test_a_browser_that_sleeps_lets_go_and_comes_back(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    page.clock.install()
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.asleep === true})")
    page.goto(f"{stage.url}/?show=all")
    page.clock.run_for(1000)
    expect(page.locator(".row")).to_have_count(24)
    page.evaluate("window.asleep = true; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.fast_forward("01:00:00")
    deadline = time.monotonic() + 15
    while stage.board.events.followers and time.monotonic() < deadline:
        time.sleep(0.05)
    assert stage.board.events.followers == 0  # an hour asleep costs the worker nothing
    stage.call(lambda board: board.hotspot(made(41, 10)))
    page.evaluate("window.asleep = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(2000)
    live(page)
    page.clock.run_for(2000)
    expect(page.locator(".row")).to_have_count(25)


def test_a_connection_that_only_looks_open_is_replaced(
    stage: Stage, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEALTH_S", 3600.0)  # the server falls silent, as one that a router forgot
    page = open_page("about:blank")
    page.clock.install()
    page.goto(f"{stage.url}/?show=all")
    page.clock.run_for(1000)
    expect(page.locator(".row")).to_have_count(24)
    with page.expect_request(lambda request: "/events?after=" in request.url):
        page.clock.run_for(20_000)


HOSTILE = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "\u202eevil\u202c \u2066text\u2069",
    "[click](javascript:window.pwned=1) **bold** <b>b</b> `code`",
    "{{7*7}} ${7*7} </title><svg onload=window.pwned=1>",
    "=HYPERLINK(1)",
    "W" * 400,
)


def test_hostile_text_stays_text(open_page: OpenPage, tmp_path: Path) -> None:
    board = Board()
    for number, text in enumerate(HOSTILE):
        base = made(number, 10, stage="rising")
        why = type(base.why)(
            **{
                **{name: getattr(base.why, name) for name in base.why.__struct_fields__},
                "term": text,
                "platforms": {text: 1.0},
                "languages": {text: 1.0},
                "places": {text: 1.0},
            }
        )
        hotspot = made(
            number, 10, stage="rising", terms=(f"tag:{text}", f"word:{text}"), why=why, credibility_reasons=(text,)
        )
        board.hotspot(hotspot)
        board.alert(told(hotspot))
        board.brief(
            written(
                hotspot,
                number,
                headline=text,
                sentences=(Sentence(text, (text, text)),),
                lang='en" onload="x',
                who=(Sentence(text, (text,)),),
                voices=(Voice(text, 0.5, text, (text,)),),
                unconfirmed=(Doubt(text, text, (text,)),),
                changes=(text,),
            )
        )
    shown = Shown(
        [
            EvidencePost(t, t, t, "2026-03-01T00:00:00.000Z", t, 0, 0, 0, described=(Described(kind=t, text=t, by=t),))
            for t in HOSTILE
        ],
        0,
    )
    with Stage(board, StagedEvidence(lambda _: shown)) as stage:
        page = open_page(stage.url)
        expect(page.locator(".row")).to_have_count(len(HOSTILE))
        for number in range(len(HOSTILE)):
            page.goto(f"{stage.url}/hotspots/{number + 1:016x}")
            page.locator("#read").click()
            expect(page.locator(".posts li")).to_have_count(len(HOSTILE))
            assert page.evaluate("window.pwned") is None
            assert (
                page.locator("#detail script, #detail img, #list script, #list img, [onload], [onerror]").count() == 0
            )
            inside = page.locator("#detail").inner_text()
            assert not set("\u202e\u2066\u2069\u202c") & set(inside)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator(".row")).to_have_count(len(HOSTILE))
        expect(page.locator(".row", has_text=HOSTILE[0])).to_have_count(1)
        with page.expect_download() as download:
            page.click("#save-csv")
        rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
        assert {row["headline"] for row in rows} >= {"'=HYPERLINK(1)", HOSTILE[1]}
        assert not any(value.startswith(("=", "+", "@")) for row in rows for value in row.values())


@pytest.mark.parametrize(
    "path",
    [
        "/?q=<script>window.pwned=1</script>&stage=<img src=x onerror=window.pwned=1>&sort=constructor&show=__proto__",
        '/?platform="><script>window.pwned=1</script>&lang=javascript:window.pwned=1&mood=toString',
        "/#<img src=x onerror=window.pwned=1>",
    ],
)
def test_an_address_with_a_script_in_it_is_only_an_address(path: str, stage: Stage, open_page: OpenPage) -> None:
    page = open_page(stage.url + path)
    live(page)
    expect(page.locator("#count")).to_contain_text("hotspots")
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, main script, section script").count() == 0


def test_an_unknown_address_is_told_so_in_plain_text(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(stage.url)
    for path in ("/hotspots/<script>alert(1)</script>", "/hotspots/..%2f..%2fetc", "/hotspots/F00", "/api/hotspots/x"):
        answer = page.request.get(stage.url + path)
        assert answer.status == 404
        assert answer.headers["content-type"].startswith("text/plain")
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_what_is_shown_can_be_saved(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{stage.url}/?lang=zh")
    known = [made(number, 10) for number in range(0, 24, 2)]
    expect(page.locator(".row")).to_have_count(sum("zh" in hotspot.why.languages for hotspot in known))
    shown = ids(page)
    with page.expect_download() as download:
        page.click("#save-json")
    saved = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert [card["hotspot"]["hotspot_id"] for card in saved] == shown
    with page.expect_download() as download:
        page.click("#save-csv")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [row["hotspot_id"] for row in rows] == shown
    assert all(row["languages"].startswith("zh") for row in rows)
    assert download.value.suggested_filename.endswith(".csv")


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440, 2560])
def test_nothing_sticks_out_at_any_width(width: int, stage: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{stage.url}/?show=all", width=width)
    expect(page.locator(".row")).to_have_count(24)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{stage.url}/hotspots/{3:016x}")
    expect(page.locator("#detail .facts")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#language")
    expect(page.locator("#detail")).to_contain_text("为什么被标记")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_worker_that_is_not_ready_says_why(stage: Stage, open_page: OpenPage) -> None:
    stage.readiness.set("broker", False, "127.0.0.1:9092 does not answer")
    page = open_page(stage.url)
    expect(page.locator("#health")).to_contain_text("not ready")
    expect(page.locator("#health")).to_contain_text("broker: 127.0.0.1:9092 does not answer")
    expect(page.locator("#health")).to_contain_text("pages open 1")


def test_two_hundred_hotspots_and_ten_updates_a_second(open_page: OpenPage, capsys: pytest.CaptureFixture[str]) -> None:
    board = Board()
    filled(board, 200, told_every=1)
    with Stage(board) as stage:
        page = open_page(stage.url)
        expect(page.locator(".row")).to_have_count(200)
        first_ms = page.evaluate("performance.getEntriesByName('first-rows')[0].startTime")
        updates = 0
        counting = page.evaluate_handle(
            """() => {
              const found = { frames: [], began: performance.now() };
              let last = found.began;
              const tick = (now) => {
                found.frames.push(now - last);
                last = now;
                scrollBy(0, 12);
                requestAnimationFrame(tick);
              };
              requestAnimationFrame(tick);
              return found;
            }"""
        )
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            number = updates % 200
            stage.call(lambda board, n=number, m=updates: board.hotspot(made(n, 11 + m // 200)))  # type: ignore[misc]
            updates += 1
            time.sleep(0.1)
        frames = sorted(page.evaluate("found => found.frames", counting))
        expect(page.locator(".row")).to_have_count(200)
        live(page)
        with capsys.disabled():
            p95 = frames[len(frames) * 95 // 100]
            print(
                f"\n200 hotspots, {updates / 5:.0f} updates/s, scrolling: first rows after {first_ms:.0f} ms, "
                f"{len(frames) / 5:.0f} frames/s, 95 % of them within {p95:.0f} ms"
            )
