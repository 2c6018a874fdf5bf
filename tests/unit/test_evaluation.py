"""Alerts judged against the truth of a stream."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.evaluation import BACKGROUND, MIXED, Event, Named, Told, Truth, evaluate, label_of

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
