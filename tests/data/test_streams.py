"""The engine on real streams, as `redian evaluate` judges it: the bars of docs/method.md, with room for a changed tie.

The encoder is off: nothing judged here depends on scores.
"""

import gzip
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from agents.backtest import run_backtest
from agents.settings import current_settings
from agents.startup import make_intake
from streams.contracts.times import to_ms
from streams.evaluation import DAY_MS, Evaluation, Told, Truth, evaluate

pytestmark = [pytest.mark.data, pytest.mark.timeout(1500)]


class Dated(msgspec.Struct):
    """When a line was written; its other fields do not matter."""

    created_at: datetime


def judged(stream: Path, truth: Truth) -> Evaluation:
    """Run the pipeline over a file and judge its alerts."""
    settings = current_settings({"encoder": "off"})
    alerts: list[Told] = []
    span_ms = 0
    for outputs, counts in run_backtest(
        [stream],
        settings=settings.pipeline(),
        intake=make_intake(settings),
        scorer=None,
        posts_per_message=settings.posts_per_message,
    ):
        alerts += [msgspec.convert(alert, Told, from_attributes=True) for alert in outputs.alerts]
        span_ms = (counts.last_ms or 0) - (counts.first_ms or 0)
    return evaluate(alerts, truth, span_ms / DAY_MS)


def truth_of(stream: Path) -> Truth:
    name = stream.name.removesuffix(".jsonl.gz") + ".truth.json.gz"
    return msgspec.json.decode(gzip.decompress(stream.with_name(name).read_bytes()), type=Truth)


def wrongly_told(result: Evaluation, names: Sequence[str]) -> list[str]:
    return [told.event for told in result.judged if told.event in names]


def test_crises_are_found_soon_and_told_once(crises: Path) -> None:
    truth = truth_of(crises)
    result = judged(crises, truth)
    assert result.count("found") >= 12
    assert result.false_a_day <= 1.0
    assert result.count("repeat") <= 0.7 * len(truth.must_find)
    assert result.median_delay_ms is not None
    assert result.median_delay_ms <= 35 * 60_000
    assert wrongly_told(result, [ignored.event for ignored in truth.must_ignore]) == []


def test_cascades_are_found_within_minutes_and_told_once(cascades: Path, tmp_path: Path) -> None:
    """Five days of the thirty: enough for ninety cascades, at a sixth of the time."""
    days = 5
    truth = truth_of(cascades)
    lines = gzip.decompress(cascades.read_bytes()).splitlines(keepends=True)
    begin = to_ms(msgspec.json.decode(lines[0], type=Dated).created_at)
    kept = [line for line in lines if to_ms(msgspec.json.decode(line, type=Dated).created_at) < begin + days * DAY_MS]
    stream = tmp_path / "cascades.jsonl"
    stream.write_bytes(b"".join(kept))
    end = msgspec.json.decode(kept[-1], type=Dated).created_at - timedelta(hours=2)
    due = [event for event in truth.must_find if event.start < end]
    result = judged(stream, msgspec.structs.replace(truth, must_find=due))
    assert result.count("found") >= 0.95 * len(due)  # three of the first two days are missed, of the thirty days five
    assert result.false_a_day <= 1.0
    assert result.count("repeat") <= 0.1 * len(due)
    assert result.median_delay_ms is not None
    assert result.median_delay_ms <= 5 * 60_000
