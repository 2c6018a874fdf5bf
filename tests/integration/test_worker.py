"""One worker on a real broker, good posts among bad ones: dead letters, scores, and alerts as `backtest` says."""

import json
import random
import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.adapters.admin import lag_of
from agents.settings import Settings
from streams.contracts.topics import POSTS
from tests.integration.program import environment, redian, start_worker, values_of

pytestmark = pytest.mark.integration

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 2
WORDS = [
    "coffee",
    "train",
    "office",
    "garden",
    "music",
    "dinner",
    "game",
    "movie",
    "river",
    "market",
    "school",
    "phone",
]
QUAKE = "strong earthquake shakes the harbour of Turin, houses damaged near {place}"
SETTLE_S = 240
ROUNDS = 6
"""More than topics follow one another from a post to a brief."""


def wire(number: int, minute: float, author: int, text: str, **fields: object) -> bytes:
    created = (BEGIN + timedelta(minutes=minute)).isoformat()
    post = {"id": f"p{number}", "platform": "test", "author": f"a{author}", "created_at": created, "text": text}
    return json.dumps({**post, **fields}, ensure_ascii=False).encode()


def good_posts() -> list[bytes]:
    """Return two days of everyday posts, then an earthquake told by fifty people in twelve minutes."""
    chance = random.Random(5)
    end = DAYS * 24 * 60
    lines = [wire(n, n * 1.5, chance.randrange(800), " ".join(chance.sample(WORDS, 5))) for n in range(int(end / 1.5))]
    quake = [
        wire(
            10_000 + n, end + n / 4, 5_000 + n, QUAKE.format(place=chance.choice(WORDS)), mood="unknown fields are fine"
        )
        for n in range(50)
    ]
    return lines + quake


def bad_posts() -> dict[bytes, str | None]:
    """Return lines that cannot be used, with the reason that must be given; None: never reaches the intake."""
    return {
        b'{"id":"cut","platform":': "not_json",
        b'{"id":"u","text":"\xff\xfe"}': "not_utf8",
        wire(90_001, 5, 1, "SURROGATE").replace(b"SURROGATE", b"\\ud800"): "lone_surrogate",
        b"[" * 100_000: "too_deep",
        wire(90_002, 5, 1, "x" * 10_000_000): "too_large",
        wire(90_003, 5, 1, "wrong", lang=7): "wrong_type",
        wire(90_004, 5, 1, "none").replace(b'"id"', b'"no"'): "missing_field",
        wire(90_005, 5, 1, "old").replace(b"2026-03-01", b"1970-01-01"): "too_old",
        wire(90_006, 5, 1, "new").replace(b"2026-03-01", b"2099-01-01"): "in_future",
    }


def wait_until_read(bootstrap: str, worker: subprocess.Popen[bytes], log: Path) -> None:
    """Return when what stands on the topics is committed, then what came of that, and so on along the way of a post.

    The marks of silent partitions never end, so there may be no moment at which everything is committed.
    """
    deadline = time.monotonic() + SETTLE_S
    rounds = 0
    ends: dict[tuple[str, int], int] = {}
    while rounds < ROUNDS:
        time.sleep(0.5)
        assert worker.poll() is None, log.read_text("utf-8")
        lags = lag_of(Settings(bootstrap=bootstrap))
        assert time.monotonic() < deadline, f"{lags}\n{log.read_text('utf-8')}"
        began = any(lag.end for lag in lags if lag.topic == "bursts")
        if not began or any(max(lag.committed, 0) < ends.get((lag.topic, lag.partition), 0) for lag in lags):
            continue
        rounds += 1
        ends = {(lag.topic, lag.partition): lag.end for lag in lags}


def decoded(bootstrap: str, topic: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for values in values_of(bootstrap, topic).values():
        for value in values:
            content = json.loads(value)
            found += content if isinstance(content, list) else [content]
    return found


def test_a_worker_reads_everything_and_says_what_backtest_says(own_broker: str, tmp_path: Path) -> None:
    env = environment(own_broker, tmp_path, snapshot_s="2")
    good, bad = good_posts(), bad_posts()
    lines = list(good)
    places = random.Random(6).sample(range(100, len(good) - 100), len(bad))
    for place, line in sorted(zip(places, bad, strict=True), reverse=True):
        lines.insert(place, line)
    lines.append(good[-1])  # the same post once more
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")

    assert redian(env, "topics", "create").returncode == 0
    log = tmp_path / "worker.log"
    worker = start_worker(env, log)
    try:
        replayed = redian(env, "replay", str(file))
        assert replayed.returncode == 0, replayed.stderr
        wait_until_read(own_broker, worker, log)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(15) == 0, log.read_text("utf-8")
    finally:
        worker.kill()
        worker.wait()

    told = log.read_text("utf-8")
    assert all(json.loads(line)["event"] for line in told.splitlines()), "one event a line"
    for words in ("earthquake", "harbour", "SURROGATE", "coffee", "unknown fields are fine", "x" * 40):
        assert words not in told, "what posts say is no matter of the log at level info, refused ones included"

    dead = decoded(own_broker, "posts.dead")
    assert Counter(letter["reason"] for letter in dead) == Counter(bad.values())
    scored = [post["id"] for post in decoded(own_broker, "posts.scored")]
    assert Counter(scored) == Counter([*(json.loads(line)["id"] for line in good), json.loads(good[-1])["id"]])

    out = tmp_path / "out"
    assert redian(env, "backtest", str(file), "--out", str(out)).returncode == 0
    summary = json.loads((out / "summary.json").read_bytes())
    assert summary["lines"] == len(lines)
    assert summary["scored"] + sum(summary["dead"].values()) == len(lines)

    def judged(alert: dict[str, object]) -> dict[str, object]:
        # A line too large for a message has an offset in backtest only, so places may differ after it, nothing else.
        return {name: value for name, value in alert.items() if name != "sources"}

    alerts = decoded(own_broker, "alerts")
    expected = [json.loads(line) for line in (out / "alerts.jsonl").read_bytes().splitlines()]
    assert [judged(alert) for alert in alerts] == [judged(alert) for alert in expected]
    assert any("turin" in term for alert in alerts for term in alert["terms"])  # type: ignore[attr-defined]
    briefs = decoded(own_broker, "briefs")
    expected = [json.loads(line) for line in (out / "briefs.jsonl").read_bytes().splitlines()]
    assert briefs == expected
    assert {brief["hotspot_id"] for brief in briefs} >= {alert["hotspot_id"] for alert in alerts}
    assert any(brief["changes"] for brief in briefs)
    shown = redian(env, "brief", "show", str(alerts[0]["hotspot_id"]))
    assert shown.returncode == 0, shown.stderr
    assert str(briefs[-1]["stage"]).upper() in shown.stdout or briefs[0]["headline"][:20] in shown.stdout
    assert sum(len(values) for values in values_of(own_broker, POSTS.name).values()) < len(lines)
