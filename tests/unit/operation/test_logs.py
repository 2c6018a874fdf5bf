"""A log line: one event each, for people or for machines, repeats held back."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from agents.logs import BURST, WINDOW_S, JsonFormatter, Repeats, TextFormatter, configure

HOSTILE = "a post\n2026-01-01 CRITICAL forged\x1b[31m"


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, as it was afterwards."""
    found = logging.getLogger()
    handlers, level = list(found.handlers), found.level
    yield found
    found.handlers[:] = handlers
    found.setLevel(level)


def test_elsewhere_than_on_a_terminal_a_line_is_json(root: logging.Logger) -> None:
    out = io.StringIO()
    configure("auto", "info", out)
    logging.getLogger("agents.test").warning("%d offsets of %s", 3, HOSTILE, extra={"partition": 7})
    logging.getLogger("agents.test").debug("not at this level")
    logging.getLogger("aiokafka").info("a library's chatter")
    (line,) = out.getvalue().splitlines()
    event = json.loads(line)
    assert event["event"] == f"3 offsets of {HOSTILE}"
    assert (event["level"], event["logger"], event["partition"]) == ("warning", "agents.test", 7)
    assert event["time"].endswith("Z")


def test_a_defect_brings_its_traceback_in_the_same_line() -> None:
    try:
        raise ValueError("what happened")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "failed", None, (type(error), error, None))
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert "ValueError: what happened" in json.loads(line)["exception"]


@pytest.mark.parametrize("colours", [True, False])
def test_a_line_for_people_is_one_line_whatever_it_tells(colours: bool) -> None:
    record = logging.LogRecord("x", logging.WARNING, "f.py", 1, "lost %s", (HOSTILE,), None)
    line = TextFormatter(colours).format(record)
    assert "\n" not in line
    assert "\x1b[31m" not in line.replace("\x1b[33m", "")
    assert ("\x1b[33mwarning" in line) is colours


def told(filter_: Repeats, line: int = 1, level: int = logging.WARNING) -> logging.LogRecord | None:
    record = logging.LogRecord("x", level, "f.py", line, "again", None, None)
    return record if filter_.filter(record) else None


def test_repeats_are_held_back_and_told_of_later() -> None:
    now = [0.0]
    filter_ = Repeats(lambda: now[0])
    passed = [told(filter_) for _ in range(100)]
    assert [record is not None for record in passed] == [True] * BURST + [False] * (100 - BURST)
    assert told(filter_, line=2) is not None, "another line of code is another kind"
    assert told(filter_, level=logging.CRITICAL) is not None, "what ends a worker always passes"
    now[0] = WINDOW_S
    later = told(filter_)
    assert later is not None
    assert vars(later)["held_back"] == 100 - BURST
    assert f"{100 - BURST} like it" in TextFormatter(False).format(later)
    assert json.loads(JsonFormatter().format(later))["held_back"] == 100 - BURST
