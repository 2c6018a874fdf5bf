"""Leads over Weibo's own list as a deployment finds them: the list and the posts come in, a worker compares.

The traffic is that of `test_leads_found.py`, so what must come out is known to half an hour.
"""

import json
import time
from pathlib import Path

import pytest

from tests.data.test_leads_found import APART_MS, CASCADES, HALF_HOUR_MS, hot_list, titles_of, traffic
from tests.integration.program import environment, redian, start_worker

pytestmark = [pytest.mark.data, pytest.mark.timeout(900)]

__all__ = ["hot_list"]
LIMIT_S = 300.0


def test_a_worker_finds_the_planted_leads_over_the_list(
    cascades: Path, hot_list: Path, bootstrap: str, tmp_path: Path
) -> None:
    titles = titles_of(hot_list)
    posts, log = tmp_path / "posts.jsonl", tmp_path / "worker.log"
    posts.write_text("".join(json.dumps(line) + "\n" for line in traffic(cascades, titles)), "utf-8")
    env = environment(bootstrap, tmp_path, shards="2", terms_partitions="2", posts_partitions="2", idle_s="2")
    assert redian(env, "topics", "create").returncode == 0
    worker = start_worker(env, log)
    try:
        followed = redian(env, "ingest", "hot-list", "weibo", "--file", str(hot_list))
        assert followed.returncode == 0, followed.stderr
        replayed = redian(env, "replay", str(posts))
        assert replayed.returncode == 0, replayed.stderr
        place = {listed.title: number for number, listed in enumerate(titles)}
        deadline = time.monotonic() + LIMIT_S
        while True:
            found = json.loads(redian(env, "leads", "--json").stdout)
            planted = [lead for lead in found if lead["title"] in place]
            if len({lead["title"] for lead in planted}) >= 0.8 * CASCADES:
                break
            assert worker.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, (found, log.read_text("utf-8"))
            time.sleep(1.0)
    finally:
        worker.kill()
        worker.wait()
    assert len(planted) >= 0.9 * len(found)
    for lead in planted:
        planted_ms = -APART_MS if place[lead["title"]] % 2 else APART_MS
        assert planted_ms - HALF_HOUR_MS <= lead["lead_s"] * 1000 <= planted_ms
