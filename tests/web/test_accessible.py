"""The page for everyone: axe-core finds nothing serious, contrast included, in any view, theme or language."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.conftest import OpenPage
from tests.web.peopled import AUTHORS, peopled, watched
from tests.web.staged import Stage

pytestmark = pytest.mark.browser

VIEWS = {
    "/watchlists": ".tile .leaning",
    "/watchlists/aurora": "#watchlists .chart canvas",
    "/watchlists/never": "#watchlists button",
    "/profiles": ".authors li",
    f"/profiles/{'f' * 16}": ".nothing",
    f"/profiles/{AUTHORS[0]}": "#profiles .chart canvas",
}


def serious(page: Page) -> list[str]:
    found: dict[str, Any] = Axe().run(page).response
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical", "moderate")
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_no_serious_finding(scheme: str, width: int, locale: str, stage: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{stage.url}/?show=all", width=width, color_scheme=scheme, locale=locale)
    expect(page.locator(".row")).to_have_count(24)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert serious(page) == []
    page.goto(f"{stage.url}/hotspots/{3:016x}")
    expect(page.locator("#detail .facts")).to_be_visible()
    assert serious(page) == []
    watched(stage.board)
    peopled(stage.people)
    for path, seen in VIEWS.items():
        page.goto(stage.url + path)
        expect(page.locator(seen).first).to_be_visible()
        assert serious(page) == [], path
    page.click("#recommend")
    expect(page.locator(".suggested li")).to_have_count(2)
    assert serious(page) == []


def test_no_serious_finding_in_the_keys_and_in_an_empty_list(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(f"{stage.url}/?q=nothing+says+this")
    expect(page.locator("#empty")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    assert serious(page) == []
