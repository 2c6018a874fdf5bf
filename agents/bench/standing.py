"""A broker and a worker of their own for a measurement, and what the system says of a process: time and memory."""

import os
import signal
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from agents.adapters import kafka_process
from agents.adapters.admin import create_topics, lag_of
from agents.adapters.broker_process import BrokerProcess, free_port
from agents.adapters.embedded_broker import EmbeddedBroker
from agents.demo import ProgramProcess
from agents.errors import RedianError
from agents.settings import Settings, current_settings

READY_S: Final = 120.0
DONE_S: Final = 600.0
_STEP_S: Final = 0.25


class Stand:
    """A broker with topics, and the settings by which workers and clients reach it.

    Args:
        broker: runs already.
        folder: for the worker's log and data.
        chosen: settings by field name, as they would stand in the environment.
    """

    def __init__(self, broker: BrokerProcess, folder: Path, chosen: Mapping[str, str]) -> None:
        self.broker = broker
        self.folder = folder
        self.chosen = {
            **chosen,
            "bootstrap": broker.bootstrap,
            "data_dir": str(folder / "data"),
            "web_port": str(free_port()),
            "web_host": "127.0.0.1",
        }
        self.settings: Settings = current_settings(self.chosen)
        self._process: ProgramProcess | None = None
        create_topics(self.settings)

    @contextmanager
    def worker(self) -> Iterator[int]:
        """Run a worker; give its process number once it is ready.

        Raises:
            RedianError: it is not ready within two minutes, or ended; the text has the end of its log.
        """
        with ProgramProcess("worker", ["worker"], self.chosen, self.folder) as process:
            deadline = time.monotonic() + READY_S
            while not self._ready():
                self._must_run(process)
                if time.monotonic() > deadline:
                    raise RedianError(f"the worker was not ready within {READY_S:.0f} s:\n{process.tail()}")
                time.sleep(0.02)
            self._process = process
            yield process.pid

    def wait_until_done(self) -> None:
        """Return when everything that was written is read, counted, snapshotted and committed.

        Raises:
            RedianError: that took more than ten minutes, or the worker ended; the text has the end of its log.
        """
        deadline = time.monotonic() + DONE_S
        while sum(found.lag for found in lag_of(self.settings)):
            if self._process is not None:
                self._must_run(self._process)
            if time.monotonic() > deadline:
                raise RedianError(f"the worker was not done within {DONE_S:.0f} s; {self.folder} has its log")
            time.sleep(_STEP_S)

    @staticmethod
    def _must_run(process: ProgramProcess) -> None:
        if process.ended:
            raise RedianError(f"the worker ended:\n{process.tail()}")

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.settings.web_port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def stand(folder: Path, chosen: Mapping[str, str]) -> Iterator[Stand]:
    """Run Apache Kafka if `make kafka` fetched it, else the embedded broker, on loopback, with the topics."""
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else a broker and a worker would be left behind
    kind = EmbeddedBroker if kafka_process.missing() else kafka_process.KafkaProcess
    with kind(folder / "broker") as broker:
        yield Stand(broker, folder, chosen)


def cpu_s(pid: int) -> float:
    """Return the processor seconds that a process has used, those of its threads included.

    Raises:
        RedianError: the system does not tell.
    """
    fields = _proc(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Return the memory that a process holds.

    Raises:
        RedianError: the system does not tell.
    """
    line = next(line for line in _proc(pid, "status").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _proc(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text("utf-8")
    except OSError:
        raise RedianError(f"process {pid} is gone, or this system has no /proc: this benchmark needs Linux") from None
