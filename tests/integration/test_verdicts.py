"""Verdicts on a real broker: said by the command, learnt where stories are decided, and what backtest says of them."""

import json
import random
import signal
import time
from pathlib import Path

import pytest

from streams.contracts.topics import BURSTS
from streams.relevance.lessons import is_lesson
from tests.integration.program import environment, redian, start_worker, values_of
from tests.integration.test_worker import WORDS, decoded, wait_until_read, wire

pytestmark = pytest.mark.integration

LIMIT_S = 60.0
EVENING = 25 * 60
"""When it begins, in minutes: baselines have known a day for an hour."""
QUAKE = "strong earthquake shakes the harbour of Turin, houses damaged near {place}"
FLOOD = "the river floods the lower town, bridges closed near {place}"


def everyday(begin: int, end: int) -> list[bytes]:
    chance = random.Random(begin)
    times = range(begin, end, 3)
    return [wire(minute, minute, chance.randrange(800), " ".join(chance.sample(WORDS, 5))) for minute in times]


def crowd(text: str, begin: int) -> list[bytes]:
    """Return what fifty people say within twelve minutes."""
    chance = random.Random(begin)
    return [
        wire(100 * begin + n, begin + n / 4, 100 * begin + n, text.format(place=chance.choice(WORDS)))
        for n in range(50)
    ]


def test_a_verdict_is_learnt_once_and_backtest_learns_the_same(own_broker: str, tmp_path: Path) -> None:
    env = environment(own_broker, tmp_path, snapshot_s="1", slice_s="0.2", idle_s="2", shards="2", terms_partitions="2")
    first, second, saved = tmp_path / "first.jsonl", tmp_path / "second.jsonl", tmp_path / "verdicts.jsonl"
    first.write_bytes(b"\n".join(everyday(0, EVENING) + crowd(QUAKE, EVENING)) + b"\n")
    second.write_bytes(b"\n".join(everyday(EVENING + 30, EVENING + 120) + crowd(FLOOD, EVENING + 120)) + b"\n")
    assert redian(env, "topics", "create").returncode == 0
    log = tmp_path / "worker.log"

    worker = start_worker(env, log)
    try:
        assert redian(env, "replay", str(first)).returncode == 0
        wait_until_read(own_broker, worker, log)
        (told,) = {alert["hotspot_id"] for alert in decoded(own_broker, "alerts")}
        refused = redian(env, "feedback", str(told), "hot")
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        unknown = redian(env, "feedback", "0123456789abcdef", "relevant")
        assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
        said = redian(env, "feedback", str(told), "not-relevant", "--by", "ada", "--note", "call 13800138000")
        assert said.returncode == 0, said.stderr
        deadline = time.monotonic() + LIMIT_S
        while not lessons(own_broker):
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.2)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0, log.read_text("utf-8")
        worker = start_worker(env, log)  # says it again, and it is known
        assert redian(env, "replay", str(second)).returncode == 0
        wait_until_read(own_broker, worker, log)
    finally:
        worker.kill()
        worker.wait()
    alerts = decoded(own_broker, "alerts")
    learnt = [alert["relevance"] for alert in alerts if alert["relevance"] is not None]
    assert learnt
    assert all(relevance["verdicts"] == 1 for relevance in learnt)  # type: ignore[index]
    assert redian(env, "feedback", "--save", str(saved)).returncode == 0
    assert b"13800138000" not in saved.read_bytes()
    out = tmp_path / "out"
    again = redian(env, "backtest", str(first), str(second), "--out", str(out), "--feedback", str(saved))
    assert again.returncode == 0, again.stderr
    assert "1 verdicts would have muted 0 hotspots" in again.stdout
    expected = [json.loads(line) for line in (out / "alerts.jsonl").read_bytes().splitlines()]
    places = ("sources",)  # the second file begins a message of its own
    assert [without(alert, places) for alert in alerts] == [without(alert, places) for alert in expected]
    shown = redian(env, "feedback")
    assert shown.returncode == 0, shown.stderr
    assert "not-relevant" in shown.stdout
    assert "ada" in shown.stdout


def lessons(bootstrap: str) -> list[bytes]:
    return [value for values in values_of(bootstrap, BURSTS.name).values() for value in values if is_lesson(value)]


def without(alert: dict[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: value for name, value in alert.items() if name not in names}
