"""Worker processes that a test starts, kills without mercy and starts again."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from streams.contracts.topics import ALERTS, BURSTS, POSTS, TERMS

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
    """Kills a random worker after random pauses and starts it again, from a seed.

    Args:
        workers: to choose from.
        kills: how many, in all.
        seed: of the script.
    """

    def __init__(self, workers: list[Worker], kills: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._workers = workers
        self._left = kills
        self._next = time.monotonic() + self._random.uniform(2.0, 6.0)
        self.script: list[str] = []

    @property
    def done(self) -> bool:
        """Whether the script is over."""
        return self._left == 0

    def step(self) -> None:
        """Kill someone if it is time to."""
        if self._left and time.monotonic() >= self._next:
            victim = self._random.choice(self._workers)
            victim.kill()
            victim.start()
            self._left -= 1
            self._next = time.monotonic() + self._random.uniform(4.0, 10.0)
            self.script.append(f"kill -9 worker {victim.number}")


def lag_of(bootstrap: str, group: str) -> int | None:
    """Return how many records the group has not committed on the topics it reads, None while it has committed nothing."""
    from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        topics = (POSTS.name, TERMS.name, BURSTS.name, ALERTS.name)
        partitions = [TopicPartition(t, n) for t in topics for n in sorted(consumer.partitions_for_topic(t) or ())]
        ends = consumer.end_offsets(partitions)
        committed = admin.list_group_offsets({group: partitions})[group]
        if not any(ends[tp] for tp in partitions if tp.topic == TERMS.name):
            return None
        return sum(ends[tp] - max(committed[tp].offset if tp in committed else 0, 0) for tp in partitions)
    finally:
        admin.close()
        consumer.close()
