"""Measures the live page in Chromium: `python -m tests.web.measuring`. Says what it is like here, asserts nothing.

A page with so many live hotspots, each alerted and with a brief, and so many updates a second: how soon it is there on
loopback, and how many frames come while somebody scrolls. A frame that comes late is one that the page's own work, the
browser's painting (in software, without a graphics card) or another program on this machine held up; so the same is
measured without updates, and without scrolling.
"""

import argparse
import os
import platform
import shutil
import statistics
import threading
import time
from typing import Any

import msgspec
from playwright.sync_api import Browser, sync_playwright

from agents.web.board import Board
from tests.web.peopled import watched
from tests.web.staged import Stage, filled, made

COUNTING = """({ scroll, last_ms }) => new Promise((done) => {
  const found = { frames: [], long: [] };
  const watcher = new PerformanceObserver((list) => found.long.push(...list.getEntries().map((one) => one.duration)));
  watcher.observe({ type: 'longtask' });
  const began = performance.now();
  let last = began;
  let way = 12;
  const tick = (now) => {
    found.frames.push(now - last);
    last = now;
    if (scroll) {
      if (scrollY + innerHeight >= document.documentElement.scrollHeight - 2) way = -12;
      else if (scrollY <= 0) way = 12;
      scrollBy(0, way);
    }
    if (now - began < last_ms) requestAnimationFrame(tick);
    else { watcher.disconnect(); done(found); }
  };
  requestAnimationFrame(tick);
})"""


class Figures(msgspec.Struct):
    """Frames of one course of measurement: intervals in milliseconds, and tasks of the page of more than 50 ms."""

    frames_a_second: float
    median_ms: float
    p95_ms: float
    p99_ms: float
    long_tasks: int
    longest_ms: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--hotspots", type=int, default=200)
    parser.add_argument("--updates", type=float, default=10.0, help="a second")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each course")
    parser.add_argument("--opened", type=int, default=7, help="how often the page is opened for its first view")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    board = Board()
    filled(board, asked.hotspots, told_every=1)
    watched(board)
    with Stage(board) as stage, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        first_ms = [first_view(browser, stage.url, asked.hotspots) for _ in range(asked.opened)]
        found = {
            f"{'scrolling' if scroll else 'still'}, {updates:g} updates/s": measured(
                browser, stage, asked.hotspots, updates, asked.seconds, scroll=scroll
            )
            for scroll, updates in ((False, 0.0), (True, 0.0), (False, asked.updates), (True, asked.updates))
        }
        browser.close()
    if asked.json:
        print(msgspec.json.encode({"first_view_ms": first_ms, "courses": found}).decode())
        return
    load = os.getloadavg()[0]
    print(f"{asked.hotspots} hotspots; {os.cpu_count()} cores of {platform.machine()}, load {load:.1f}")
    middle, most = statistics.median(first_ms), max(first_ms)
    print(f"first rows after {middle:.0f} ms (median of {len(first_ms)}, {most:.0f} at most)")
    for name, figures in found.items():
        print(
            f"{name:>26}: {figures.frames_a_second:3.0f} frames/s, {figures.median_ms:.1f} ms median, "
            f"{figures.p95_ms:.0f} ms p95, {figures.p99_ms:.0f} ms p99; "
            f"{figures.long_tasks} tasks over 50 ms, {figures.longest_ms:.0f} ms at most"
        )


def first_view(browser: Browser, url: str, hotspots: int) -> float:
    """Return the milliseconds from the beginning of loading to the first rows, nothing cached."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("n => document.querySelectorAll('.row').length === n", arg=hotspots)
    first = float(page.evaluate("performance.getEntriesByName('first-rows')[0].startTime"))
    context.close()
    return first


def measured(browser: Browser, stage: Stage, hotspots: int, updates: float, seconds: float, *, scroll: bool) -> Figures:
    """Return the figures of one course."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.goto(stage.url)
    page.wait_for_function("n => document.querySelectorAll('.row').length === n", arg=hotspots)
    over = threading.Event()
    changing = threading.Thread(target=change, args=(stage, hotspots, updates, over))
    changing.start()
    try:
        time.sleep(1.0)
        found: dict[str, Any] = page.evaluate(COUNTING, {"scroll": scroll, "last_ms": seconds * 1000})
    finally:
        over.set()
        changing.join()
    context.close()
    frames, long = sorted(found["frames"]), found["long"]
    return Figures(
        frames_a_second=len(frames) / seconds,
        median_ms=statistics.median(frames),
        p95_ms=frames[len(frames) * 95 // 100],
        p99_ms=frames[len(frames) * 99 // 100],
        long_tasks=len(long),
        longest_ms=max(long, default=0.0),
    )


def change(stage: Stage, hotspots: int, updates: float, over: threading.Event) -> None:
    """Change one hotspot after another, so many times a second, until it is over."""
    number = 0
    while updates and not over.wait(1 / updates):
        hotspot = made(number % hotspots, 11 + number // hotspots)
        stage.call(lambda board, hotspot=hotspot: board.hotspot(hotspot))  # type: ignore[misc]
        number += 1


if __name__ == "__main__":
    main()
