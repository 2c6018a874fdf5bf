"""A browser for the tests of the page: Debian's Chromium, one for all of them, a new context for each."""

import os
import shutil
from collections.abc import Callable, Iterator

import hypothesis  # noqa: F401 - loaded late, its compilation fails on the stacks that Playwright leaves (Python 3.11)
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from agents.web.board import Board
from tests.web.peopled import StagedSuggestions
from tests.web.staged import Stage, filled

WAIT_MS = 60_000
"""How long a page may take, on a machine that is busy with something else, to show what is waited for."""
expect.set_options(timeout=WAIT_MS)
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, where `CHROMIUM` or Debian has it."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("the tests of the page need Chromium; on Debian: apt install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Return what opens a page in a context of its own; at the end nothing may have failed in any of them."""
    contexts, faults = [], []

    def open_it(url: str, *, width: int = 1440, height: int = 900, **options: object) -> Page:
        settings = {"locale": "en-GB", "timezone_id": "UTC", "color_scheme": "light", "reduced_motion": "reduce"}
        context = browser.new_context(viewport={"width": width, "height": height}, **{**settings, **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        origin = "/".join(url.split("/")[:3])

        def judge(request_url: str) -> None:
            if not request_url.startswith((origin, "data:", "blob:", "http://127.0.0.1:", "about:")):
                faults.append(f"a request to the outside: {request_url}")

        page.on("request", lambda request: judge(request.url))
        page.on("pageerror", lambda error: faults.append(f"a fault in the page: {error}"))
        page.on("dialog", lambda dialog: (faults.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "console",
            lambda message: (
                faults.append(f"the console: {message.text}")
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        page.goto(url)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A page with 24 hotspots, every second one alerted; it recommends to whom it knows."""
    board = Board()
    filled(board, 24)
    with Stage(board, suggestions=StagedSuggestions()) as running:
        yield running
