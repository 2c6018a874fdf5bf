"""A worker that fails, or is told to stop, ends: whatever it is short of, and whatever hangs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents.runtime import FATAL_EXIT

ROOT = Path(__file__).resolve().parents[2]
DIE = """
import gc, logging, resource, sys
from agents import logs, runtime
logs.configure("json")
if sys.argv[1] == "memory":
    resource.setrlimit(resource.RLIMIT_AS, (0, resource.RLIM_INFINITY))
    hoard = []
    for size in (2**20, 2**12, 2**6):
        try:
            while True:
                hoard.append(bytearray(size))
        except MemoryError as error:
            reason = error
    runtime.die(reason)
try:
    runtime.die(ValueError("a fault"))
finally:
    print("it lives on")
"""

LEAVE = """
import asyncio, os, signal
import faust, mode
from agents import serving
serving.LEAVE_S = 0.5

class Hangs(mode.Service):
    async def on_start(self):
        os.kill(os.getpid(), signal.SIGTERM)
    async def on_stop(self):
        await asyncio.Event().wait()

app = faust.App("leaving", store="memory://")
process = serving.Process(app, Hangs(), loglevel="INFO", quiet=True, redirect_stdouts=False)
process.execute_from_commandline()
"""


def died(short_of: str, stderr: int) -> subprocess.CompletedProcess[str]:
    """Have a process die that is short of something."""
    return subprocess.run(
        [sys.executable, "-c", DIE, short_of],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_worker_whose_log_is_on_a_full_disk_ends() -> None:
    with Path("/dev/full").open("wb") as full:
        ran = died("disk", full.fileno())
    assert (ran.returncode, ran.stdout) == (FATAL_EXIT, "")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the limit is not kept")
def test_a_worker_without_memory_says_so_in_a_line_and_ends() -> None:
    ran = died("memory", subprocess.PIPE)
    assert ran.returncode == FATAL_EXIT
    (line,) = ran.stderr.splitlines()
    assert "no more memory" in line


def test_a_worker_that_is_told_to_stop_is_gone_although_something_hangs(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", LEAVE]
    ran = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0
    assert "leaving took longer" in ran.stderr
