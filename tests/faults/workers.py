"""Worker processes that a test starts, kills without mercy and starts again."""

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

TOLD_S: Final = 5.0
OF_INTEREST: Final = ("agents/", "group_coordinator", "recovery", "sender")
"""Where a task stands that is of interest once nothing goes on any more."""


class Worker:
    """One `redian worker` process with a folder and a log of its own.

    `ends` tells of each time it ended by itself; `supervise` starts it again, as whatever runs workers does.
    `full_disk` says whether the files that it writes, its log among them, may not grow.
    """

    def __init__(self, number: int, folder: Path, environment: dict[str, str]) -> None:
        self.number = number
        self.log = folder / f"worker-{number}.log"
        self.data = folder / f"worker-{number}"
        self.ends: list[str] = []
        self.full_disk = False
        self._wanted = False
        self._environment = {**os.environ, **environment, "REDIAN_DATA_DIR": str(self.data)}
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def start(self) -> None:
        """Start the process, adding to its log."""
        self._wanted = True
        self._output = self.log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "agents.cli.main", "worker"],
            env=self._environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self.fill_disk(self.full_disk)

    def fill_disk(self, full: bool) -> None:
        """Let its files grow no more, or again; so it stays through restarts."""
        self.full_disk = full
        self.limit(resource.RLIMIT_FSIZE, 0 if full else resource.RLIM_INFINITY)

    def limit(self, what: int, most: int) -> None:
        """Set a soft limit of the process that runs."""
        with suppress(ProcessLookupError):
            resource.prlimit(self.pid or 0, what, (most, resource.prlimit(self.pid or 0, what)[1]))

    def size(self) -> int:
        """Return the bytes of its address space."""
        pages = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[0]
        return int(pages) * resource.getpagesize()

    @property
    def ended(self) -> int:
        """How often it ended by itself."""
        return len(self.ends)

    @property
    def pid(self) -> int | None:
        """Number of the process."""
        return self._process.pid if self._process is not None else None

    def signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        assert self._process is not None
        self._process.send_signal(number)

    def freeze(self) -> None:
        """Stop it where it stands; it does not know."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had been."""
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it with -9; nothing of it runs on."""
        self.signal(signal.SIGKILL)
        self.close()

    def leave(self) -> None:
        """Tell it to stop, and wait until it has."""
        assert self._process is not None
        self._wanted = False
        self.signal(signal.SIGTERM)
        self._process.wait(60)
        self.close()

    def supervise(self) -> None:
        """Start it again if it ended by itself."""
        if self._wanted and not self.alive():
            assert self._process is not None
            self.ends.append(f"worker {self.number} ended with status {self._process.returncode}\n{self.tail()}")
            self.close()
            self.start()

    def alive(self) -> bool:
        """Return whether it runs."""
        return self._process is not None and self._process.poll() is None

    def close(self) -> None:
        """End it, if it still runs, and close its log."""
        self._wanted = False
        if self._process is not None and self.alive():
            self.signal(signal.SIGKILL)
            self._process.wait(30)
        if self._output is not None:
            self._output.close()
            self._output = None

    def text(self) -> str:
        """Return its log."""
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def tail(self, lines: int = 30) -> str:
        """Return the end of its log."""
        return "\n".join(self.text().splitlines()[-lines:])

    def waits(self) -> list[str]:
        """Return where each of its tasks that is not merely asleep stands, as its shim tells; none if it does not."""
        told = self.data.with_suffix(".tasks")
        told.unlink(missing_ok=True)
        if not self.alive():
            return []
        self.signal(signal.SIGRTMIN)
        deadline = time.monotonic() + TOLD_S
        while not told.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        if not told.exists():  # its loop stands still: its threads say in the log where
            self.signal(signal.SIGRTMIN + 1)
            time.sleep(1.0)
            return []
        lines = told.read_text("utf-8").splitlines()
        return [line for line in lines if " > " in line and any(place in line for place in OF_INTEREST)]
