"""A topic as a Parquet file, read again with DuckDB."""

from pathlib import Path

import duckdb
import msgspec
import pytest
from kafka import KafkaProducer

from agents.adapters.admin import create_topics
from agents.settings import Settings
from streams.contracts.posts import ScoredPost
from tests.integration.program import environment, redian
from tests.unit.contracts.test_promises import ALERT

pytestmark = pytest.mark.integration

POST = ScoredPost(
    id="p1",
    platform="x",
    author="0" * 16,
    created_at="2026-03-01T00:00:00.000Z",
    lang="en",
    terms=("word:quake",),
    partition=0,
    offset=1,
    index=0,
    sentiment={"negative": 0.5, "neutral": 0.3, "positive": 0.2},
)


def test_a_topic_becomes_a_table(bootstrap: str, tmp_path: Path) -> None:
    create_topics(Settings(bootstrap=bootstrap))
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for number in range(3):
        alert = msgspec.structs.replace(ALERT, alert_id=f"a{number}", stage="rising" if number else "emerging")
        producer.send("alerts", msgspec.json.encode(alert))
    producer.send("alerts", b"no alert")
    producer.send("posts.scored", msgspec.json.encode([POST, msgspec.structs.replace(POST, id="p2", sentiment=None)]))
    producer.close()

    env = environment(bootstrap, tmp_path)
    for topic in ("alerts", "posts.scored"):
        done = redian(env, "export", topic, "--out", str(tmp_path / f"{topic}.parquet"))
        assert done.returncode == 0, done.stderr
    with duckdb.connect() as database:
        alerts = f"'{tmp_path}/alerts.parquet'"
        stages = database.sql(f"SELECT stage, count(*) FROM {alerts} GROUP BY stage ORDER BY stage").fetchall()
        assert [(stage, count) for stage, count in stages if count] == [("emerging", 1), ("rising", 2)]
        (row,) = database.sql(
            f"SELECT year(emitted_at), why.observed, why.languages['en'] FROM {alerts} WHERE alert_id = 'a0'"
        ).fetchall()
        assert row == (2026, 9, 1.0)
        scored = f"'{tmp_path}/posts.scored.parquet'"
        moods = database.sql(f"SELECT id, sentiment['negative'] FROM {scored} ORDER BY id").fetchall()
        assert moods == [("p1", 0.5), ("p2", None)]


def test_what_cannot_be_exported_is_one_clear_line(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path)
    done = redian(env, "export", "terms", "--out", str(tmp_path / "x.parquet"))
    assert done.returncode == 2
    assert "terms cannot be exported; these can: alerts" in done.stderr
    done = redian(env, "export", "alerts", "--out", str(tmp_path / "x.parquet"))
    assert done.returncode == 2
    assert "no topic alerts" in done.stderr.replace("\n", " ")
