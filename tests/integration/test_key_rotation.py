"""The key of author hashes is rotated between two workers: the second goes on, and nobody is counted as two."""

import json
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from agents.adapters.admin import create_topics
from agents.author_keys import with_rotation
from agents.backtest import run_backtest
from agents.settings import Settings
from streams.contracts.bursts import BucketRecord
from streams.contracts.times import bucket_of
from streams.contracts.topics import BURSTS
from streams.intake import Intake, IntakeSettings
from streams.pipeline import PipelineSettings
from tests.integration.program import KEY, environment, redian, start_worker, values_of
from tests.integration.test_worker import wait_until_read

pytestmark = pytest.mark.integration

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = 40
ROTATED = 22


def posts(minutes: range) -> bytes:
    """Return what twelve people write of one thing, each every other minute."""
    lines = []
    for minute in minutes:
        for person in range(minute % 2, PEOPLE, 2):
            created = (BEGIN + timedelta(minutes=minute, seconds=person)).isoformat()
            text = f"strong earthquake shakes the harbour of Turin, house {person} is damaged"
            wire = {"id": f"p{minute}-{person}", "platform": "x", "author": f"a{person}", "created_at": created}
            lines.append(json.dumps({**wire, "text": text}).encode())
    return b"\n".join(lines)


@contextmanager
def working(env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    worker = start_worker(env, log)
    try:
        yield worker
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0, log.read_text("utf-8")
    finally:
        worker.kill()
        worker.wait()


def test_a_key_rotated_between_two_workers_counts_nobody_twice(own_broker: str, tmp_path: Path) -> None:
    own = {"posts_partitions": "1", "terms_partitions": "1", "shards": "1", "budget": "1000"}
    secret = with_rotation(KEY, bucket_of(int(BEGIN.timestamp() * 1000)) + ROTATED, "the next key of these tests")
    before = environment(own_broker, tmp_path, **own)
    after = environment(own_broker, tmp_path, author_key=secret, **own)
    create_topics(Settings(bootstrap=own_broker, posts_partitions=1, terms_partitions=1))
    files = [tmp_path / "before.jsonl", tmp_path / "after.jsonl"]
    for env, file, minutes in zip((before, after), files, (range(20), range(24, 44)), strict=True):
        file.write_bytes(posts(minutes))
        with working(env, tmp_path / "worker.log") as worker:
            assert redian(env, "replay", str(file)).returncode == 0
            wait_until_read(own_broker, worker, tmp_path / "worker.log")

    records = [msgspec.msgpack.decode(value, type=BucketRecord) for value in values_of(own_broker, BURSTS.name)[0]]
    settings = PipelineSettings(partitions=1, shards=1, budget=1000.0)
    unrotated = Intake(IntakeSettings(author_key=KEY.encode()))
    runs = run_backtest(files, settings=settings, intake=unrotated, scorer=None, posts_per_message=64)
    expected = figures(record for outputs, _ in runs for record in outputs.records)
    assert figures(records) == expected
    assert max(burst.authors[-1] for record in records for burst in record.bursts) == PEOPLE
    assert len({post.author for record in records for burst in record.bursts for post in burst.sample}) > PEOPLE


def figures(records: Iterable[BucketRecord]) -> dict[tuple[int, str], object]:
    """Return what is counted and found of each term and bucket; places of evidence go by how a file was cut."""
    return {
        (record.bucket, burst.term): (burst.authors, burst.log10_p, burst.expected, burst.significant, burst.series)
        for record in records
        for burst in record.bursts
    }
