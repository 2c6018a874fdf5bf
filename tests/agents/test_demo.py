"""The demo over a file of the user's: its first day is history, then alerts come; and what it says of mistakes."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.test_worker import good_posts


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agents.cli.main", "demo", "--encoder", "off", "--set", "web_port=0", *arguments]
    env = {**os.environ, "COLUMNS": "160"}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=200, check=False)


def test_a_file_of_two_days_brings_its_alert_and_its_brief(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"\n".join(good_posts()) + b"\n")
    ran = demo("--source", str(file), "--speed", "0", "--for", "75")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "the first 25 hours of the file are loaded as history" in ran.stdout
    assert "turin" in ran.stdout.casefold()
    assert "simulated" not in ran.stdout


def test_a_stream_without_news_ends_with_status_1_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"\n".join(good_posts()[:300]) + b"\n")
    ran = demo("--source", str(file), "--speed", "0", "--for", "8")
    assert ran.returncode == 1
    assert "no alert and brief came out" in ran.stdout


def wait_for_page(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def test_a_demo_that_is_told_to_end_leaves_nothing_running(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"\n".join(good_posts()[:300]) + b"\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "agents.cli.main", "demo", "--encoder", "off", "--set", f"web_port={port}"]
    with subprocess.Popen([*command, "--source", str(file), "--speed", "0"], stdout=subprocess.DEVNULL) as running:
        try:
            wait_for_page(port)
            running.terminate()
            assert running.wait(60) == 143
        finally:
            running.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)


def test_a_missing_file_is_one_line() -> None:
    ran = demo("--source", "none.jsonl")
    assert ran.returncode == 2
    assert ran.stderr.strip().splitlines()[-1].startswith("redian: there is no file none.jsonl")
