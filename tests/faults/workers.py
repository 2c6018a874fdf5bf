"""Worker processes that a test starts, kills without mercy and starts again."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from agents.adapters.admin import lag_of
from agents.settings import Settings
from streams.contracts.topics import BURSTS, TERMS

STEP_S = 0.25


class Worker:
    """One `redian worker` process with a folder and a log of its own."""

    def __init__(self, number: int, folder: Path, environment: dict[str, str]) -> None:
        self.number = number
        self.log = folder / f"worker-{number}.log"
        self._environment = {**os.environ, **environment, "REDIAN_DATA_DIR": str(folder / f"worker-{number}")}
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def start(self) -> None:
        """Start the process, adding to its log."""
        self._output = self.log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agents.cli.main", "worker"],
            env=self._environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def signal(self, number: int) -> int:
        """Send a signal and return the exit status, waiting for it."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(30)

    def kill(self) -> None:
        """Kill it with -9; nothing of it runs on."""
        self.signal(signal.SIGKILL)
        self.close()

    def alive(self) -> bool:
        """Return whether it runs."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """End it, if it still runs, and close its log."""
        if self.alive():
            self.signal(signal.SIGKILL)
        if self._output is not None:
            self._output.close()
            self._output = None

    def tail(self, lines: int = 30) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


class Killer:
    """Kills a random worker each time the work has come so far, and starts it again; the script comes from a seed.

    Args:
        workers: to choose from.
        kills: how many, in all, spread at random over the middle nine tenths of the work.
        total: bucket records that the whole work brings out.
        seed: of the script.
    """

    def __init__(self, workers: list[Worker], *, kills: int, total: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._workers = workers
        width = 0.9 * total / max(kills, 1)
        self._due = [int(0.05 * total + width * (k + self._random.uniform(0.1, 0.9))) for k in range(kills)]
        self.script: list[str] = []

    @property
    def done(self) -> bool:
        """Whether the script is over."""
        return not self._due

    def step(self, progress: int) -> None:
        """Kill someone if it is time to.

        Args:
            progress: bucket records published so far.
        """
        if self._due and progress >= self._due[0]:
            del self._due[0]
            victim = self._random.choice(self._workers)
            victim.kill()
            victim.start()
            self.script.append(f"kill -9 worker {victim.number} at {progress:,} bucket records")


def progress_of(bootstrap: str) -> tuple[int, int | None]:
    """Return how many bucket records were published, and the lag of the workers' group, None before it worked."""
    lags = lag_of(Settings(bootstrap=bootstrap))
    published = sum(lag.end for lag in lags if lag.topic == BURSTS.name)
    began = any(lag.end for lag in lags if lag.topic == TERMS.name)
    return published, sum(lag.lag for lag in lags) if began else None
