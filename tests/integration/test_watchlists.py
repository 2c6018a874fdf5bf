"""Watchlists on a real broker: what workers report, one of them replaced on the way, is what the files say."""

import json
import os
import random
import signal
import time
from pathlib import Path

import msgspec
import pytest

from agents.settings import Settings
from agents.watching_files import watch_files
from streams.contracts.topics import MENTIONS, WATCH_REPORTS
from streams.contracts.watchlists import Watchlist
from streams.intake import Intake, IntakeSettings
from tests.integration.program import KEY, environment, redian, start_worker, values_of
from tests.integration.test_worker import wait_until_read, wire

pytestmark = pytest.mark.integration

SINCE = "2026-01-01T00:00:00Z"
TALK = ["the new kettle is great", "coffee and music", "that kettle broke again", "a walk in the garden", "水壶真便宜"]


def figures(report: dict[str, object]) -> tuple[object, ...]:
    return tuple(json.dumps(report[name]) for name in ("posts", "authors", "series", "aspects"))


def test_reports_are_exact_though_a_worker_is_replaced(own_broker: str, tmp_path: Path) -> None:
    env = environment(own_broker, tmp_path, snapshot_s="1", posts_per_message="8", slice_s="0.2")
    chance = random.Random(3)
    file = tmp_path / "posts.jsonl"
    lines = [wire(n, n * 0.1, chance.randrange(60), chance.choice(TALK)) for n in range(1200)]
    file.write_bytes(b"\n".join(lines) + b"\n")
    assert redian(env, "topics", "create").returncode == 0
    added = redian(env, "watch", "add", "kettle", "kettle OR 水壶", "--since", SINCE)
    assert added.returncode == 0, added.stderr
    refused = redian(env, "watch", "add", "bad", "NOT kettle")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    log = tmp_path / "worker.log"

    worker = start_worker(env, log)
    try:
        assert redian(env, "replay", str(file)).returncode == 0
        deadline = time.monotonic() + 120
        while not any(values_of(own_broker, MENTIONS.name).values()):
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.1)
        # The embedded broker does not let a group go on soon after one of it was killed.
        worker.send_signal(signal.SIGKILL if os.environ.get("BROKER") == "kafka" else signal.SIGTERM)
        worker.wait(20)
        worker = start_worker(env, log)
        wait_until_read(own_broker, worker, log)
    finally:
        worker.kill()
        worker.wait()
    found = [json.loads(value) for values in values_of(own_broker, WATCH_REPORTS.name).values() for value in values]
    by_time = {str(report["emitted_at"]): figures(report) for report in found}
    listed = [Watchlist(name="kettle", query="kettle OR 水壶", since=SINCE)]
    settings = Settings(posts_per_message=8)
    intake = Intake(IntakeSettings(author_key=KEY.encode()))
    expected = watch_files([file], listed, settings=settings, intake=intake, scorer=None)
    assert len(by_time) == len(expected.reports) > 20
    for report in expected.reports:
        told = json.loads(msgspec.json.encode(report))
        assert by_time[report.emitted_at] == figures(told)
    shown = redian(env, "watch", "show", "kettle")
    assert shown.returncode == 0, shown.stderr
    assert "people" in shown.stdout
