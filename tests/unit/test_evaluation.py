"""Alerts judged against the truth of a stream."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.contracts.times import to_ms
from streams.evaluation import BACKGROUND, MIXED, Event, Named, Told, Truth, evaluate, label_of, nothing_told

START = datetime(2026, 3, 1, tzinfo=UTC)
LABEL = {f"{event}{n}": event for event in ("fire", "flood", "small", "bots") for n in range(10)}
TRUTH = Truth(
    must_find=[Event("fire", START, peak_hour=START + timedelta(hours=2)), Event("flood", START)],
    must_ignore=[Named("bots")],
    label=LABEL,
)


def told(hotspot: str, minutes: int, evidence: list[str]) -> Told:
    return Told(hotspot, START + timedelta(minutes=minutes), ("word:a",), tuple(evidence))


def posts(event: str, number: int = 10) -> list[str]:
    return [f"{event}{n}" for n in range(number)]


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (posts("fire", 4), MIXED),
        (posts("fire", 5), "fire"),
        ([*posts("fire", 6), *posts("unknown", 4)], "fire"),
        ([*posts("fire", 5), *posts("unknown", 4)], MIXED),
        (posts("unknown"), BACKGROUND),
    ],
)
def test_the_majority_of_five_or_more_names_a_hotspot(evidence: list[str], expected: str) -> None:
    assert label_of(evidence, LABEL) == expected


def test_first_alert_finds_second_hotspot_repeats_the_rest_is_false_or_other() -> None:
    alerts = [
        told("h2", 90, posts("fire")),
        told("h1", 30, posts("fire")),
        told("h1", 40, posts("unknown")),  # a further alert of one hotspot is not judged
        told("h3", 10, posts("bots")),
        told("h4", 10, posts("small")),
        told("h5", 10, posts("unknown")),
    ]
    result = evaluate(alerts, TRUTH, days=2.0)
    verdicts = {judged.hotspot_id: judged.verdict for judged in result.judged}
    assert verdicts == {"h1": "found", "h2": "repeat", "h3": "false", "h4": "other", "h5": "false"}
    assert result.missed == ("flood",)
    assert result.events == 2
    assert result.false_a_day == 1.0
    assert result.median_delay_ms == 30 * 60_000
    assert result.before_peak == 1


def test_no_alerts_find_nothing() -> None:
    result = evaluate([], TRUTH, days=1.0)
    assert result.missed == ("fire", "flood")
    assert result.median_delay_ms is None


@pytest.mark.parametrize(("alerts", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)])
def test_the_rate_of_false_alerts_has_its_exact_interval(alerts: int, low: float, high: float) -> None:
    found = nothing_told([told(f"{n}", 90 + n, []) for n in range(alerts)], to_ms(START), 30.0)
    assert (found.alerts, found.a_day) == (alerts, alerts / 30)
    assert (found.low * 30, found.high * 30) == pytest.approx((low, high), rel=1e-3)


def test_what_is_told_of_nothing_is_counted_every_time_and_by_when() -> None:
    minutes = (59, 60, 1439, 1440)
    found = nothing_told([told("one", minute, []) for minute in minutes], to_ms(START), 2.0)
    assert (found.alerts, found.first_hour, found.first_day) == (4, 1, 3)
