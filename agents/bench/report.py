"""What a benchmark found: cases that ran in pairs, other figures with their bars, and on what; one line of JSON."""

import statistics
from pathlib import Path
from typing import Final

import msgspec

from agents.bench.machine import machine
from agents.bench.paired import Measured
from agents.errors import RedianError

HISTORY: Final = "bench.jsonl"
"""Name of the history in the data folder: one report a line, the newest last."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity in each round. `bar` is what it should reach, in words; empty where nobody set one."""

    name: str
    unit: str
    values: tuple[float, ...]
    bar: str = ""

    @property
    def middle(self) -> float:
        """Median of the rounds."""
        return statistics.median(self.values)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one benchmark. `reference` names the case that the others are compared with; `on` what it ran on."""

    bench: str
    posts: int
    reference: str = ""
    measured: tuple[Measured, ...] = ()
    figures: tuple[Figure, ...] = ()
    on: dict[str, str] = {}
    machine: dict[str, str] = msgspec.field(default_factory=machine)


def keep(report: Report, at: str, path: Path) -> None:
    """Add a report to a history, with the time `at` (RFC 3339).

    Raises:
        RedianError: it cannot be written.
    """
    line = msgspec.json.encode({"at": at, **msgspec.to_builtins(report)}) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as history:
            history.write(line)
    except OSError as error:
        raise RedianError(f"the history {path} cannot be written ({error.strerror})") from None
