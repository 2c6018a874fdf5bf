"""Every query of every dashboard, on a real Prometheus that scrapes a running demo: no panel without data.

Two subscribers follow the demo: one is told, one cannot be reached. Two sources run beside it, one of
which is interrupted.
"""

import asyncio
import json
import time
from pathlib import Path

import pytest

from agents.demo import SIMULATED, Demo
from agents.subscribers import editing
from deploy.generate.dashboards import dashboards
from deploy.generate.dashboards.queries import Query, queries_of
from streams.contracts.subscriptions import Rule
from tests.ops.deployment import publish_alert
from tests.ops.monitoring import WAIT_S, Prometheus, prometheus, serving, wait_for
from tests.ops.sourcing import Targets, sources

pytestmark = [pytest.mark.ops, pytest.mark.timeout(1800)]


def show(query: Query, server: Prometheus) -> bool:
    """Print what a query gives, and return whether it is data: a sample that is a number."""
    samples = server.query(query.expression)
    values = [float(sample["value"][1]) for sample in samples]
    shown = f"{values[0]:.4g}" if values else "no data"
    print(f"{query.dashboard:<11} {query.panel:<32} {query.legend:<24} {len(values):>3} series  {shown}")
    return any(value == value for value in values)  # noqa: PLR0124 - NaN is no data


def test_no_panel_is_without_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIAN_OUTBOUND_ALLOW", "127.0.0.0/8")
    said: list[str] = []
    told: list[bytes] = []

    def receive(path: str, body: bytes) -> tuple[int, bytes]:
        if path == "/told":
            told.append(body)
        return (200 if path == "/told" else 500), b""

    listed = Targets(tmp_path / "sources.json")
    with (
        serving(receive) as url,
        Demo(SIMULATED, 60, said.append) as demo,
        sources(tmp_path / "sources") as (_, platforms, read, answering),
    ):
        for name in ("told", "failing"):
            asyncio.run(editing.add(demo.settings, name, "webhook", f"{url}/{name}", Rule(simulated=True)))
        target = demo.page.removeprefix("http://").rstrip("/")
        listed.are(read.target, answering.target)
        with prometheus(tmp_path, [target], sources=listed.path) as server:
            wait_for("both sources read", lambda: server.value("sum(redian_source_connected)") == 2)
            platforms.post()
            platforms.spoil()
            platforms.go_away()
            platforms.come_back()
            platforms.post()
            wait_for("the subscribers are known", lambda: server.value("sum(redian_subscribers)") == 2, 2 * WAIT_S)
            publish_alert(demo.settings.bootstrap)
            queries = [query for name, built in dashboards().items() for query in queries_of(name, built)]
            missing = queries
            deadline = time.monotonic() + 3 * WAIT_S
            while missing and time.monotonic() < deadline:
                time.sleep(1)
                missing = [query for query in missing if not show(query, server)]
            assert not missing, demo.log_tail()
            wait_for("a subscriber is told", lambda: bool(told))
            assert json.loads(told[0])["data"]["alert"]["why"]["term"]
