"""A command of `redian` as a process that a test can kill and start again."""

import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import IO, Self


class Process(ABC):
    """Runs one command at a time, its output in one log.

    Args:
        log: is added to.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self._output: IO[bytes] = log.open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def start(self) -> None:
        """Start it."""

    def _run(self, env: dict[str, str], *command: str) -> None:
        program = [sys.executable, "-m", "agents.cli.main", *command]
        self._process = subprocess.Popen(program, env=env, stdout=self._output, stderr=subprocess.STDOUT)

    def runs(self) -> bool:
        """Return that it has not ended; fail if it has."""
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text("utf-8")[-2000:]
        return True

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._output.close()
