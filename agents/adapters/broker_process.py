"""A broker as a child process on loopback, with a folder of its own."""

import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from agents.errors import BrokerUnavailable, PortInUse

HOST = "127.0.0.1"
START_S = 60.0
STOP_S = 15.0


class BrokerProcess:
    """Base of the brokers that Redian can start; says how, subclasses say what.

    Args:
        folder: for its data and its log, made when absent.
        port: on loopback, 0 for any that is free.

    Raises:
        PortInUse: something else listens there.
    """

    name = "the broker"

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.log = folder / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients find it."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Number of the process while it runs."""
        return self._process.pid if self._process is not None else None

    def prepare(self) -> None:
        """Write what the process reads when it starts."""

    def command(self) -> list[str]:
        """Return the command line."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and return once it answers.

        Raises:
            PortInUse: something else listens on its port.
            BrokerUnavailable: it ended, or did not answer within a minute; the text has the end of its log.
        """
        if listens(self.port):
            raise PortInUse(
                f"port {self.port} is in use: {self.name} cannot listen there; choose another, or stop that"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prepare()
        self._output = self.log.open("ab")
        self._process = subprocess.Popen(
            self.command(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C in the terminal is for the program, which then stops the broker in order
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if listens(self.port) and answers(self.bootstrap):
                return
            time.sleep(0.02)
        self.kill()
        last = self.log.read_text("utf-8", "replace").strip().splitlines()[-3:]
        raise BrokerUnavailable(
            f"{self.name} did not start at {self.bootstrap}: {' / '.join(last) or 'it said nothing'}"
        )

    def stop(self) -> None:
        """End it in order; its data stay."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self.kill()

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._output is not None:
            self._output.close()
            self._output = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def free_port() -> int:
    """Return a port of loopback that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Return whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def answers(bootstrap: str) -> bool:
    """Return whether a Kafka broker answers there."""
    try:
        client = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=3000, bootstrap_timeout_ms=3000)
    except (KafkaError, OSError):
        return False
    try:
        client.list_topics()
    except (KafkaError, OSError):
        return False
    finally:
        client.close()
    return True
