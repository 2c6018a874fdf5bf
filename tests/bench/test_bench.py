"""Benchmarks run, on what they say, and compare like with like; how fast anything is, is never tested."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from agents.bench.paired import measure
from streams.simulation import live


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    posts = live(seed=3, begin_ms=1_772_409_600_000)
    path = tmp_path / "posts.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(next(posts)) + b"\n" for _ in range(120)))
    return path


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agents.cli.main", "bench", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ})


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
    ran = bench("pipeline", str(stream), *arguments)
    assert ran.returncode == 0, ran.stderr
    printed = json.loads(ran.stdout)
    assert [case["name"] for case in printed["measured"]] == ["json.loads", "intake", "counting", "pipeline"]
    assert printed["machine"]["python"]
    ran = bench("scoring", str(stream), *arguments)
    assert ran.returncode == 0, ran.stderr
    assert [case["name"] for case in json.loads(ran.stdout)["measured"]] == ["bare session", "scoring stage"]


def test_an_empty_stream_is_one_line(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    ran = bench("pipeline", str(empty), "--set", f"data_dir={tmp_path}")
    assert ran.returncode == 2
    assert "has no posts to measure with" in ran.stderr
