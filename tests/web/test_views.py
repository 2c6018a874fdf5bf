"""Watchlists and profiles in a real browser: what they show, their addresses, what is saved, and hostile text."""

import csv
import io
import struct
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from playwright.sync_api import Page, expect

from agents.web.board import Board
from agents.web.evidence import EvidencePost, Shown
from agents.web.people import People
from streams.contracts.watchlists import AspectMood, Reason
from tests.web.conftest import OpenPage
from tests.web.peopled import AUTHORS, NAMES, StagedSuggestions, known_of, listed, peopled, reported, turned, watched
from tests.web.staged import Stage, StagedEvidence, filled, made
from tests.web.test_page import HOSTILE

pytestmark = pytest.mark.browser

STEPS = 100


@pytest.fixture
def living(stage: Stage) -> Stage:
    """The staged page, with watchlists and people."""
    stage.call(lambda board: watched(board, STEPS))
    peopled(stage.people)
    return stage


def inked(page: Page, selector: str) -> int:
    """Return how many points of a canvas are painted."""
    return int(
        page.locator(selector).first.evaluate(
            """canvas => {
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              return data.filter((value, place) => place % 4 === 3 && value > 0).length;
            }"""
        )
    )


def test_watchlists_show_volume_voice_mood_and_reasons_and_follow(living: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{living.url}/watchlists")
    expect(page.locator(".tile")).to_have_count(len(NAMES))
    tile = page.locator(".tile[data-name='aurora']")
    last = reported("aurora", STEPS - 1)
    expect(tile).to_contain_text(f"{last.posts} posts an hour")
    expect(tile).to_contain_text(f"usual {round(last.posts_before or 0)}")
    expect(tile).to_contain_text("too expensive")
    expect(tile.locator(".turned")).to_contain_text("mood worse")
    expect(page.locator(".shares li")).to_have_text(["aurora17%", "borealis33%", "星海50%"])
    expect(tile.locator("canvas")).to_have_count(1)
    assert inked(page, ".tile canvas") > 100
    living.call(lambda board: board.watches.report(reported("aurora", STEPS, posts=4321)))
    expect(tile).to_contain_text("4,321 posts an hour")
    living.call(lambda board: board.watches.drop("星海"))
    expect(page.locator(".tile")).to_have_count(len(NAMES) - 1)
    page.fill("#search", "bor")
    expect(page.locator(".tile")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{living.url}/watchlists/borealis")


def test_a_watchlist_has_an_address_its_day_its_group_and_its_turns(living: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{living.url}/watchlists")
    page.locator(".tile a", has_text="aurora").click()
    expect(page).to_have_url(f"{living.url}/watchlists/aurora")
    one = page.locator("#watchlists")
    expect(one.locator(".chart canvas")).to_have_count(3)
    for section in ("Volume", "Mood", "Share of voice", "Reasons people give", "By aspect", "When the mood turned"):
        expect(one.locator("h2", has_text=section).first).to_be_visible()
    expect(one.locator(".timeline li")).to_contain_text("worse: +0.11 to −0.42, 61 people")
    one.locator(".chart").first.hover()
    expect(one.locator(".pointed").first).to_contain_text("posts")
    living.call(lambda board: board.watches.alert(turned("aurora", STEPS + 9, direction="better", authors=77)))
    expect(one.locator(".timeline li")).to_have_count(2)
    with page.expect_download() as download:
        one.locator("button", has_text="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [int(row["posts"]) for row in rows] == [reported("aurora", step).posts for step in range(STEPS)]
    page.go_back()
    expect(page.locator(".tile")).to_have_count(len(NAMES))
    page.go_back()
    other = open_page(f"{living.url}/watchlists/{quote('星海')}")  # what a colleague opens
    expect(other.locator("#watchlists h1")).to_have_text("星海")
    gone = open_page(f"{living.url}/watchlists/never")
    expect(gone.locator("#watchlists")).to_contain_text("no such watchlist")


def test_a_watchlist_opened_while_nobody_answers_comes_when_somebody_does(living: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{living.url}/watchlists")
    expect(page.locator(".tile")).to_have_count(len(NAMES))
    living.down()
    expect(page.locator("#connection.lost")).to_have_count(1)
    page.locator(".tile a").first.click()
    expect(page.locator("#watchlists")).to_contain_text("does not answer")
    living.up()
    expect(page.locator("#watchlists .figures")).to_be_visible()


def test_profiles_are_found_shown_and_recommended_to(living: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{living.url}/profiles")
    expect(page.locator(".authors li")).to_have_count(len(AUTHORS))
    page.fill("#search", AUTHORS[2])
    expect(page.locator(".authors li")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{living.url}/profiles/{AUTHORS[2]}")
    one = page.locator("#profiles")
    for section in ("Interests", "What they pass on", "Active hours", "Mood", "Languages", "What may interest them"):
        expect(one.locator("h2", has_text=section)).to_be_visible()
    expect(one.locator(".weighed").first).to_contain_text("#harbour")
    expect(one).to_contain_text("en 75% · zh 25%")
    assert inked(page, "#profiles canvas") > 100
    page.click("#recommend")
    expect(one.locator(".suggested li")).to_have_count(2)
    expect(one.locator(".suggested")).to_contain_text("because you write about earthquake")
    one.locator(".suggested a").first.click()
    expect(page).to_have_url(f"{living.url}/hotspots/{made(0).hotspot_id}")
    expect(page.locator("#detail .facts")).to_be_visible()
    (said,) = living.feedback.said
    assert (said.verdict, said.recommendation, said.item) == ("clicked", "page-1", made(0).hotspot_id)
    page.go_back()
    expect(page.locator("#profiles h1")).to_have_text(AUTHORS[2])
    page.goto(f"{living.url}/profiles/{'f' * 16}")
    expect(one).to_contain_text("No profile is known")
    page.goto(f"{living.url}/profiles?q=xyz")
    expect(one).to_contain_text("A hash has 16 digits")


def test_the_author_of_a_post_leads_to_their_profile_where_there_is_one(open_page: OpenPage) -> None:
    board, people = Board(), People()
    filled(board, 1)
    peopled(people)
    began = "2026-03-01T00:00:00.000Z"
    posts = [
        EvidencePost(f"p{n}", "x", "en", began, "text", 0, n, 0, author) for n, author in enumerate((AUTHORS[0], ""))
    ]
    with Stage(board, StagedEvidence(lambda _: Shown(posts, 0)), people=people) as stage:
        page = open_page(f"{stage.url}/hotspots/{made(0).hotspot_id}")
        page.locator("#read").click()
        expect(page.locator(".posts li")).to_have_count(2)
        expect(page.locator(".posts a")).to_have_count(1)
        page.locator(".posts a").click()
        expect(page).to_have_url(f"{stage.url}/profiles/{AUTHORS[0]}")
        expect(page.locator("#profiles h1")).to_have_text(AUTHORS[0])


def test_views_are_reached_by_key_and_named_in_both_languages(living: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{living.url}/?lang=zh&show=all")
    page.keyboard.press("g")
    expect(page).to_have_url(f"{living.url}/watchlists")
    page.keyboard.press("g")
    expect(page).to_have_url(f"{living.url}/profiles")
    page.keyboard.press("l")
    expect(page.locator("#views [aria-current]")).to_have_text("画像")
    page.keyboard.press("3")
    expect(page.locator(".row")).to_have_count(24)
    page.goto(f"{living.url}/watchlists/aurora")
    expect(page.locator("#watchlists")).to_contain_text("人们给出的理由")
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert inked(page, "#watchlists canvas") > 100


def size_of(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_curves_and_the_board_are_saved_as_pictures(living: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{living.url}/?show=all")
    expect(page.locator(".row")).to_have_count(24)
    pictures = {}
    for path, button in (("", "#save-png"), (f"/hotspots/{3:016x}", "#picture"), ("/watchlists/aurora", "h2 button")):
        if path:
            page.goto(living.url + path)
            expect(page.locator(".chart canvas").first).to_be_visible()
        with page.expect_download() as download:
            page.locator(button).first.click()
        assert download.value.suggested_filename.endswith(".png")
        pictures[button] = Path(download.value.path()).read_bytes()
    sizes = {button: size_of(png) for button, png in pictures.items()}
    assert sizes["#save-png"][0] == 2400
    assert sizes["#save-png"][1] > 24 * 60 * 2
    assert all(width > 300 and height > 200 for width, height in sizes.values())
    assert all(len(png) > 5000 for png in pictures.values())


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 2560])
def test_no_view_sticks_out_at_any_width(width: int, living: Stage, open_page: OpenPage) -> None:
    living.call(lambda board: board.watches.watchlist(listed("W" * 80, query="W" * 900)))
    page = open_page(living.url, width=width)
    for path in (
        "/watchlists",
        "/watchlists/aurora",
        f"/watchlists/{'W' * 80}",
        "/profiles",
        f"/profiles/{AUTHORS[0]}",
    ):
        page.goto(living.url + path)
        expect(page.locator("#connection.live")).to_have_count(1)
        expect(page.locator(".tile, .figures, h1:not(.unseen), .authors").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_hostile_text_stays_text_in_every_view(open_page: OpenPage) -> None:
    board, people, suggestions = Board(), People(), StagedSuggestions()
    for number, text in enumerate(HOSTILE):
        name = text[:80]
        board.watches.watchlist(listed(name, query=text, group=text))
        reason = (Reason(text, 0.3, 0.1, (text, text)),)
        board.watches.report(
            reported(name, 9, negative=reason, positive=reason, aspects={text: AspectMood(3, 0.1)}, query=text)
        )
        board.watches.alert(turned(name, 9, reasons=reason, direction=text))
        author = f"{number:016x}"
        table = {f"word:{text}": 2.0}
        profile = known_of(author, platform=text, terms=table, spreads=table, languages={text: 1.0}, mood={text: 1.0})
        people.take(0, author, msgspec.json.encode(profile))
    item = suggestions.recommendation("").items[0]
    hostile = tuple(msgspec.structs.replace(item, title=t, because=t, lang=t, kind=t, id=t) for t in HOSTILE)
    suggestions.recommendation = lambda author: msgspec.structs.replace(  # type: ignore[method-assign]
        StagedSuggestions().recommendation(author), items=hostile
    )
    with Stage(board, people=people, suggestions=suggestions) as stage:
        page = open_page(f"{stage.url}/watchlists")
        expect(page.locator(".tile")).to_have_count(len(HOSTILE))
        assert_harmless(page)
        for text in HOSTILE:
            page.goto(f"{stage.url}/watchlists/{quote(text[:80], safe='')}")
            expect(page.locator("#watchlists .figures")).to_be_visible()
            assert_harmless(page)
        page.goto(f"{stage.url}/profiles")
        expect(page.locator(".authors li")).to_have_count(len(HOSTILE))
        assert_harmless(page)
        for number in range(len(HOSTILE)):
            page.goto(f"{stage.url}/profiles/{number:016x}")
            page.click("#recommend")
            expect(page.locator(".suggested li")).to_have_count(len(HOSTILE))
            assert_harmless(page)


def assert_harmless(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    assert page.locator("main script, main img, [onload], [onerror]").count() == 0
    assert not set("\u202e\u2066\u2069\u202c") & set(page.locator("body").inner_text())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "path",
    [
        "/watchlists/" + quote("<script>window.pwned=1</script>", safe=""),
        "/watchlists/%22%3E%3Cimg%20src=x%20onerror=window.pwned=1%3E?q=<img src=x onerror=window.pwned=1>",
        "/watchlists/%25E0%25A4%25A",
        "/watchlists/__proto__",
        "/watchlists/a%2Fb%3Fc%23d",
        "/profiles?q=<script>window.pwned=1</script>",
        "/profiles?q=javascript:window.pwned=1#<svg onload=window.pwned=1>",
    ],
)
def test_an_address_of_a_view_with_a_script_in_it_is_only_an_address(
    path: str, living: Stage, open_page: OpenPage
) -> None:
    page = open_page(living.url + path)
    expect(page.locator("#connection.live")).to_have_count(1)
    expect(page.locator("main:visible button, main:visible .nothing").first).to_be_visible()
    assert_harmless(page)


def test_an_hour_asleep_is_caught_up_with_watchlists_too(living: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{living.url}/watchlists")
    expect(page.locator(".tile")).to_have_count(len(NAMES))
    with page.expect_request(lambda request: "/events?after=" in request.url):
        page.context.set_offline(True)
        page.evaluate("window.dispatchEvent(new Event('online'))")

        def an_hour(board: Board) -> None:
            for step in range(STEPS, STEPS + 12):
                for name in NAMES[1:]:
                    board.watches.report(reported(name, step, posts=step))
                for number in range(60):
                    board.hotspot(made(number, 11 + step - STEPS))
            board.watches.drop(NAMES[0])

        living.call(an_hour)  # more than can be resumed from: the page begins anew
        page.context.set_offline(False)
    expect(page.locator(".tile")).to_have_count(len(NAMES) - 1)
    expect(page.locator(".tile").first).to_contain_text(f"{STEPS + 11} posts an hour")
