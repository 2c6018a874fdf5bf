"""Logs of the program: one event a line, for people on a terminal, as JSON elsewhere, repeats held back.

What is logged is about posts, never what they say: texts stay at level debug.
"""

import json
import logging
import logging.config
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO, Any, Final, Literal

from agents.adapters import metrics

Form = Literal["auto", "text", "json"]

NOISY: Final = ("aiokafka", "faust", "kafka", "mode")
"""Libraries that tell of every rebalance; from these only warnings are wanted."""

BURST: Final = 5
"""How many events of one kind are told within WINDOW_S; the next one told says how many were held back."""
WINDOW_S: Final = 60.0
KINDS: Final = 1_000

_COLOURS: Final = {"debug": "2", "info": "36", "warning": "33", "error": "31", "critical": "1;31"}
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "held_back"}
_NEWLINES: Final = str.maketrans({"\n": "⏎", "\r": "", "\x1b": "�"})


def configure(form: Form = "auto", level: str = "INFO", stream: IO[str] | None = None) -> dict[str, Any]:
    """Set up the logging of this process; return the same as a configuration for `logging.config`.

    Args:
        form: "auto" is text on a terminal and JSON otherwise.
        level: the least severity that is shown.
        stream: standard error when not given.
    """
    out = sys.stderr if stream is None else stream
    as_text = form == "text" or (form == "auto" and out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(TextFormatter(_has_colours(out)) if as_text else JsonFormatter())
    handler.addFilter(Repeats(time.monotonic))
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"own": {"()": lambda: handler}},
        "root": {"level": level.upper(), "handlers": ["own"]},
        "loggers": {name: {"level": "WARNING"} for name in NOISY},
    }
    logging.config.dictConfig(config)
    return config


def _has_colours(stream: IO[str]) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


class JsonFormatter(logging.Formatter):
    """An event as one JSON object: `time`, `level`, `logger`, `event`, `exception` and what the event brings along."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        event: dict[str, Any] = {
            "time": _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        event |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if held_back := getattr(record, "held_back", 0):
            event["held_back"] = held_back
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """An event as a line for a person, the traceback of a defect below it.

    Args:
        colours: whether the terminal shows them.
    """

    def __init__(self, colours: bool) -> None:
        super().__init__()
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        level = record.levelname.lower()
        more = "".join(f" {name}={value}" for name, value in vars(record).items() if name not in _OWN)
        if held_back := getattr(record, "held_back", 0):
            more += f" (and {held_back} like it, held back)"
        text = (record.getMessage() + more).translate(_NEWLINES)
        moment = f"{_moment(record).astimezone():%H:%M:%S}"
        line = f"{self._dim(moment)} {self._colour(level)} {text} {self._dim(record.name)}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def _colour(self, level: str) -> str:
        return f"\x1b[{_COLOURS.get(level, '0')}m{level:<8}\x1b[0m" if self._colours else f"{level:<8}"

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._colours else text


class Repeats(logging.Filter):
    """Holds back what is told again and again: a broker that is away would fill a disk.

    Events are of one kind when the same line of code tells them. What ends a worker always passes.

    Args:
        clock: returns seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, int], list[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the event is told; note on it how many like it were not."""
        metrics.LOG_LINES.labels(level=record.levelname.lower()).inc()
        if record.levelno >= logging.CRITICAL:
            return True
        now, kind = self._clock(), (record.pathname, record.lineno)
        began, told, held_back = self._kinds.get(kind, (now, 0, 0))
        if now - began >= WINDOW_S:
            record.held_back = held_back
            began, told, held_back = now, 0, 0
        passes = told < BURST
        self._kinds[kind] = [began, told + 1, held_back] if passes else [began, told, held_back + 1]
        if len(self._kinds) > KINDS:
            del self._kinds[next(iter(self._kinds))]
        return passes


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
