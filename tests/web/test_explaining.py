"""Why a post was scored as it was, on the page: the shipped model's own words, and nothing that may not be shown."""

from collections.abc import Iterator

import aiohttp
import pytest
from playwright.sync_api import expect

from agents.adapters.onnx import ScoringThread, load_scorer
from agents.web.board import Board
from agents.web.evidence import EvidencePost, Shown
from tests.shipped import FOLDER
from tests.web.conftest import OpenPage
from tests.web.staged import Stage, StagedEvidence, filled, made

TEXTS = (
    "What a wonderful evening by the harbour, thank you all so much!",
    "三号线又停了，气死我了，怎么会这样",
    "   ",
)
POSTS = Shown(
    [
        EvidencePost(f"p{n}", "t", lang, "2026-03-01T00:00:00.000Z", text, 0, n, 0)
        for n, (lang, text) in enumerate(zip(("en", "zh", "en"), TEXTS, strict=True))
    ],
    0,
)
HOTSPOT = made(0).hotspot_id
WHY = f"/api/hotspots/{HOTSPOT}/posts/{{}}/why"


@pytest.fixture(scope="module")
def scoring() -> Iterator[ScoringThread]:
    thread = ScoringThread(load_scorer(FOLDER, provider="cpu", threads=1, token_budget=1024, cache_size=0))
    yield thread
    thread.close()


def staged(scoring: ScoringThread | None) -> Stage:
    board = Board()
    filled(board, 1)
    return Stage(board, StagedEvidence(lambda _: POSTS), explain=scoring.explain if scoring else None)


async def answer(url: str) -> tuple[int, object]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await (response.json() if response.ok else response.text())


async def test_the_words_make_up_the_text_and_the_score(scoring: ScoringThread) -> None:
    with staged(scoring) as stage:
        for head, labels in ((None, 3), ("emotion", 7), ("irony", 1)):
            asked = WHY.format("0-0-0") + (f"?head={head}" if head else "")
            status, found = await answer(stage.url + asked)
            assert status == 200
            assert "".join(text for text, _ in found["words"]) == TEXTS[0]
            for label in range(labels):
                summed = found["bias"][label] + found["frame"][label] + sum(adds[label] for _, adds in found["words"])
                assert summed == pytest.approx(found["logits"][label], abs=1e-3)


@pytest.mark.parametrize(
    ("place", "status", "says"),
    [
        ("0-9-0", 404, "no post that may be shown"),
        ("1-0-0", 404, "no post that may be shown"),
        ("0-0", 404, ""),
        ("0-2-0", 400, "nothing to read"),
        ("0-0-0?head=weather", 400, "head weather cannot be explained"),
        ("0-0-0?head=%3Cscript%3E", 400, "no name of a head"),
    ],
)
async def test_what_cannot_be_explained_is_one_line(scoring: ScoringThread, place: str, status: int, says: str) -> None:
    path, _, query = place.partition("?")
    with staged(scoring) as stage:
        told = await answer(stage.url + WHY.format(path) + (f"?{query}" if query else ""))
    assert told[0] == status
    assert says in told[1]
    assert told[1].count("\n") <= 1


async def test_without_an_encoder_nothing_is_explained() -> None:
    with staged(None) as stage:
        assert await answer(stage.url + WHY.format("0-0-0")) == (
            404,
            "the encoder is off, so nothing was scored\n",
        )


@pytest.mark.browser
def test_a_reader_asks_why(open_page: OpenPage, scoring: ScoringThread) -> None:
    with staged(scoring) as stage:
        page = open_page(f"{stage.url}/hotspots/{HOTSPOT}")
        page.locator("#read").click()
        posts = page.locator(".posts li")
        expect(posts).to_have_count(len(TEXTS))
        for number, mood in ((0, "positive"), (1, "negative")):
            posts.nth(number).get_by_role("button", name="Why this mood?").click()
            expect(posts.nth(number).locator("b")).to_contain_text(mood)
            expect(posts.nth(number).locator(".shaded")).to_have_text(TEXTS[number])
        expect(posts.nth(0).locator(".for-4")).to_contain_text(["wonderful"])
        posts.nth(2).get_by_role("button").click()
        expect(posts.nth(2)).to_contain_text("cannot be explained")
