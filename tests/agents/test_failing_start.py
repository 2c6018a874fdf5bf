"""A worker that cannot start says why and ends, whatever its model is still doing."""

import subprocess
import sys
from pathlib import Path

import pytest

from agents.adapters.broker_process import free_port
from agents.errors import RedianError
from agents.settings import Settings
from agents.startup import begin_to_load

SLOW = """
import time
from agents import startup
from agents.cli.main import run

startup.make_scorer = lambda settings: time.sleep(600)
run()
"""


def test_a_worker_without_a_broker_does_not_wait_for_its_model() -> None:
    command = [sys.executable, "-c", SLOW, "worker", "--bootstrap", f"127.0.0.1:{free_port()}"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 2, ran.stderr
    assert "no Kafka broker answers" in ran.stderr


def test_a_model_that_is_not_there_is_told_by_who_waits_for_it(tmp_path: Path) -> None:
    loading = begin_to_load(Settings(encoder="nosuch", data_dir=tmp_path))
    with pytest.raises(RedianError, match="nosuch"):
        loading.result()
