"""Benchmarks run, on what they say, and compare like with like; how fast anything is, is never tested."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from agents.bench.dating import at_rate
from agents.bench.engine import Load, exact, loss
from agents.bench.paired import measure
from agents.cli.bench import _chosen
from streams.counting.parts import decode_part, encode_part
from streams.simulation import live


def written(path: Path, number: int) -> Path:
    posts = live(seed=3, begin_ms=1_772_409_600_000)
    path.write_bytes(b"".join(msgspec.json.encode(next(posts)) + b"\n" for _ in range(number)))
    return path


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    return written(tmp_path / "posts.jsonl", 120)


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agents.cli.main", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env={**os.environ})


def test_cases_run_in_turns_and_each_round_is_a_pair() -> None:
    ran: list[str] = []

    def work(name: str) -> None:
        ran.append(name)
        sum(range(20_000))

    cases = {"reference": lambda: work("reference"), "ours": lambda: work("ours")}
    found = measure("reference", cases, posts=100, repeats=3)
    assert ran == ["reference", "ours"] * 4  # the first round is not measured
    assert [case.name for case in found] == ["reference", "ours"]
    assert found[0].ratios == (1.0, 1.0, 1.0)
    assert len(found[1].posts_per_second) == len(found[1].ratios) == 3


def test_the_stages_are_measured_beside_their_reference(stream: Path, tmp_path: Path) -> None:
    arguments = ("--posts", "100", "--repeats", "1", "--json", "--set", f"data_dir={tmp_path}")
    picture = tmp_path / "bench.svg"
    ran = bench("intake", str(stream), *arguments, "--picture", str(picture))
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    assert picture.read_text("utf-8").count("<rect") == 1 + len(printed["measured"])
    assert [case["name"] for case in printed["measured"]] == ["json.loads", "intake", "counting", "pipeline"]
    assert printed["machine"]["python"]
    ran = bench("scoring", str(stream), *arguments)
    assert ran.returncode == 0, ran.stderr
    assert [case["name"] for case in json.loads(ran.stdout)["measured"]] == ["bare session", "scoring stage"]
    history = [json.loads(line) for line in (tmp_path / "bench.jsonl").read_text("utf-8").splitlines()]
    assert [report["bench"] for report in history] == ["intake", "scoring"]


def test_a_worker_that_is_measured_has_a_key_of_no_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIAN_AUTHOR_KEY", "the key of a deployment, kept secret")
    assert _chosen("off")["author_key"] == "of no deployment, for measuring"


def test_posts_dated_anew_come_at_the_rate_asked_for() -> None:
    lines = [b'{"id":"%d","created_at":"2020-01-01T00:00:00Z"}' % number for number in range(5)]
    dated = [json.loads(line) for line in at_rate(lines, 4, 2.0, 1_772_409_600_000)]
    assert [post["created_at"][17:] for post in dated] == ["00.000Z", "00.500Z", "01.000Z", "01.500Z"]
    assert at_rate(lines, 4, 0, 1_772_409_600_000) == lines[:4]


def test_the_load_of_the_engine_is_what_a_shard_accepts_and_the_sets_count_the_same() -> None:
    load = Load(posts=9_000, minutes=6, vocabulary=300, authors=2_000)
    parts = [decode_part(encode_part(part)) for part in load.parts()]
    assert sum(part.posts for part in parts) == 9_000
    assert loss(load), "a stream that begins has terms to report"
    assert max(loss(load)) < 0.5
    assert sum(len(terms) for terms in exact(parts).values()) > 300


def test_growth_is_measured_beside_the_usual_deployment(stream: Path, tmp_path: Path) -> None:
    ran = bench("growth", str(stream), "--posts", "40", "--repeats", "1", "--json", "--set", f"data_dir={tmp_path}")
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    assert printed["reference"] == printed["measured"][0]["name"] == "4 partitions, 8 shards"
    assert [figure["name"] for figure in printed["figures"]] == ["CPU a post, 64 partitions ÷ 1 partition"]


@pytest.mark.integration
def test_a_worker_is_measured_beside_bare_readers_of_its_topic(tmp_path: Path) -> None:
    stream = written(tmp_path / "posts.jsonl", 3_000)
    ran = bench("pipeline", str(stream), "--repeats", "1", "--json", "--set", f"data_dir={tmp_path}")
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    assert [case["name"] for case in printed["measured"]] == ["bare Faust agent", "bare getmany", "worker"]
    assert all(rate > 0 for case in printed["measured"] for rate in case["posts_per_second"])
    assert printed["on"]["broker"] in {"Apache Kafka", "the embedded broker"}


def test_an_empty_stream_is_one_line(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    ran = bench("intake", str(empty), "--set", f"data_dir={tmp_path}")
    assert ran.returncode == 2
    assert "has no posts to measure with" in ran.stderr
