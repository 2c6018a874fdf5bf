"""Workers killed with -9 while a stream is replayed: what is published equals `backtest` of the same log.

Runs against the broker of the test run; its topics and group have names of their own only where the broker is new, so
this lane starts a broker of its own (see conftest).
"""

import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from tests.faults.comparison import expected_of, published_on
from tests.faults.workers import STEP_S, Killer, Worker, progress_of

KEY = "a key that only this test uses"
PARTITIONS = 4
LATENESS_MS = 60_000
SETTLE_S = 420


def shuffled(lines: list[bytes], seed: int) -> list[bytes]:
    """Return the lines in the order in which posts could arrive: each up to the lateness after a later one."""
    chance = random.Random(seed)

    def arrival(line: bytes) -> float:
        created = datetime.fromisoformat(json.loads(line)["created_at"])
        return created.timestamp() * 1000 + chance.uniform(0, LATENESS_MS - 1)

    return sorted(lines, key=arrival)


@contextmanager
def running(workers: list[Worker]) -> Iterator[None]:
    """Run workers and leave none behind; a failure shows the end of their logs."""
    try:
        for worker in workers:
            worker.start()
        yield
    except BaseException:
        for worker in workers:
            print(f"--- worker {worker.number}\n{worker.tail()}")
        raise
    finally:
        for worker in workers:
            worker.close()


def redian(environment: dict[str, str], *arguments: str) -> None:
    """Run a command of the program and expect it to succeed."""
    subprocess.run([sys.executable, "-m", "agents.cli.main", *arguments], env=environment, check=True, timeout=300)


def run_with_kills(
    folder: Path, bootstrap: str, stream: Path, *, encoder: str, kills: int, total: int, seed: int
) -> list[str]:
    """Replay a stream into two workers with kills on the way, wait until all is committed, return the script."""
    settings = {
        "REDIAN_BOOTSTRAP": bootstrap,
        "REDIAN_ENCODER": encoder,
        "REDIAN_AUTHOR_KEY": KEY,
        "REDIAN_SNAPSHOT_S": "2",
        "REDIAN_SESSION_TIMEOUT_S": "6",
        "REDIAN_WEB_PORT": "0",
        "REDIAN_POSTS_PARTITIONS": str(PARTITIONS),
    }
    environment = {**os.environ, **settings}
    redian(environment, "topics", "create")
    workers = [Worker(number, folder, settings) for number in range(2)]
    with running(workers):
        replay = subprocess.Popen([sys.executable, "-m", "agents.cli.main", "replay", str(stream)], env=environment)
        killer = Killer(workers, kills=kills, total=total, seed=seed)
        deadline = time.monotonic() + SETTLE_S
        settled = 0
        while settled < 8:
            time.sleep(STEP_S)
            published, lag = progress_of(bootstrap)
            killer.step(published)
            for worker in workers:
                if not worker.alive():
                    pytest.fail(f"worker {worker.number} ended by itself")
            if time.monotonic() > deadline:
                pytest.fail(f"not settled in {SETTLE_S} s: lag {lag}, {published:,} of {total:,} records")
            settled = settled + 1 if killer.done and replay.poll() is not None and lag == 0 else 0
        assert replay.returncode == 0
    return killer.script


@pytest.mark.faults
@pytest.mark.timeout(1500)
def test_killed_workers_publish_what_backtest_says(tmp_path: Path, fresh_kafka: str, crises: Path) -> None:
    lines = gzip.decompress(crises.read_bytes()).splitlines()
    stream = tmp_path / "shuffled.jsonl"
    stream.write_bytes(b"\n".join(shuffled(lines, seed=7)) + b"\n")
    expected = expected_of([stream], partitions=PARTITIONS, author_key=KEY.encode())
    total = len(expected.counts)
    script = run_with_kills(tmp_path, fresh_kafka, stream, encoder="off", kills=3, total=total, seed=11)
    found = published_on(fresh_kafka, scores=False)
    print(
        f"\n{'; '.join(script)}\n{len(found.scored):,} posts, {len(found.counts):,} bucket records, "
        f"{len(found.hotspots):,} hotspot states, {len(found.alerts):,} alerts"
    )
    assert len(expected.alerts) > 5
    assert len(expected.scored) == len(lines)
    assert found.differences(expected) == {}
