"""Every query of every dashboard, on a real Prometheus that scrapes a running demo: no panel without data."""

import time
from pathlib import Path

import pytest

from agents.demo import SIMULATED, Demo
from deploy.generate.dashboards import dashboards
from deploy.generate.dashboards.queries import Query, queries_of
from tests.ops.monitoring import Prometheus, prometheus

pytestmark = [pytest.mark.ops, pytest.mark.timeout(400)]

WITHIN_S = 240.0


def show(query: Query, server: Prometheus) -> bool:
    """Print what a query gives, and return whether it is data: a sample that is a number."""
    samples = server.query(query.expression)
    values = [float(sample["value"][1]) for sample in samples]
    shown = f"{values[0]:.4g}" if values else "no data"
    print(f"{query.dashboard:<11} {query.panel:<32} {query.legend:<24} {len(values):>3} series  {shown}")
    return any(value == value for value in values)  # noqa: PLR0124 - NaN is no data


def test_no_panel_is_without_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    with Demo(SIMULATED, 60, told.append) as demo:
        target = demo.page.removeprefix("http://").rstrip("/")
        with prometheus(tmp_path, [target]) as server:
            deadline = time.monotonic() + WITHIN_S
            queries = [query for name, built in dashboards().items() for query in queries_of(name, built)]
            missing = queries
            while missing and time.monotonic() < deadline:
                time.sleep(1)
                missing = [query for query in missing if not show(query, server)]
            assert not missing, demo.log_tail()
