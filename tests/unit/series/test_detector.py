"""Alarms on made series: a burst is told once, everyday life never, and nothing odd in the input breaks it."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.series import Alarm, Series, SeriesSettings, alarms_of
from streams.series.reading import MOST

STEP_MS = 300_000
A_DAY = 288
HOUR = 12


def series(counts: Sequence[float], step_ms: int = STEP_MS, missing: Sequence[int] = ()) -> Series:
    kept = [number for number in range(len(counts)) if number not in set(missing)]
    return Series(tuple(number * step_ms for number in kept), tuple(float(counts[n]) for n in kept), step_ms)


def alarms(counts: Sequence[float], budget: float = 1.0, missing: Sequence[int] = ()) -> list[Alarm]:
    return list(alarms_of(series(counts, missing=missing), SeriesSettings(budget=budget)))


def everyday(days: int, level: float = 40.0, seed: int = 1) -> list[int]:
    """Counts with a daily rhythm and 30 % overdispersion."""
    chance = np.random.default_rng(seed)
    means = level * (1 - 0.7 * np.cos(np.arange(days * A_DAY) / A_DAY * 2 * math.pi))
    return [int(count) for count in chance.negative_binomial(1 / 0.3, 1 / (1 + 0.3 * means))]


def test_a_burst_is_told_once_when_it_begins() -> None:
    counts = everyday(10)
    begin = 8 * A_DAY + 100
    for row in range(begin, begin + 2 * HOUR):
        counts[row] += 1500
    told = [alarm for alarm in alarms(counts) if alarm.time_ms >= begin * STEP_MS]
    assert told[0].time_ms == begin * STEP_MS
    assert told[0].observed >= 1500
    assert len([alarm for alarm in told if alarm.time_ms < (begin + 2 * HOUR) * STEP_MS]) == 1


def test_a_day_as_every_day_is_within_the_budget() -> None:
    assert sum(len(alarms(everyday(20, seed=seed))) for seed in range(3)) <= 1.5 * 60


def test_the_first_day_alarms_nobody() -> None:
    counts = everyday(1)
    counts[200:210] = [5000] * 10
    assert alarms(counts) == []


def test_a_lower_budget_tells_less() -> None:
    counts = everyday(20)
    assert len(alarms(counts, 0.05)) <= len(alarms(counts, 1.0)) <= len(alarms(counts, 20.0))


def test_a_gap_is_neither_a_burst_nor_what_is_usual_afterwards() -> None:
    gap = range(9 * A_DAY, 10 * A_DAY + 30)
    counts = everyday(14)
    told = alarms(counts, missing=gap)
    after = [alarm for alarm in told if gap[-1] < alarm.time_ms // STEP_MS < gap[-1] + HOUR]
    assert after == []
    begin = 12 * A_DAY
    counts[begin] = 3000
    assert begin * STEP_MS in {alarm.time_ms for alarm in alarms(counts, missing=gap)}


@pytest.mark.parametrize("count", [0, 1, 100, MOST])
def test_a_constant_series_has_no_alarm(count: float) -> None:
    assert alarms([count] * (5 * A_DAY)) == []


@pytest.mark.parametrize("counts", [[], [7]])
def test_a_series_of_nothing_or_of_one_count_has_no_alarm(counts: list[float]) -> None:
    assert alarms(counts) == []


@pytest.mark.parametrize("step_ms", [1000 * 60, 3_600_000, 40 * 3_600_000])
def test_other_distances_of_counts_work(step_ms: int) -> None:
    counts = [50.0 + number % 7 for number in range(3000)]
    counts[2900] = 100_000.0
    told = list(alarms_of(series(counts, step_ms), SeriesSettings(budget=0.01)))
    assert [alarm.time_ms for alarm in told if alarm.time_ms >= 2800 * step_ms] == [2900 * step_ms]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, MOST), max_size=400), st.sets(st.integers(0, 399)))
def test_the_same_counts_give_the_same_alarms_whatever_they_are(counts: list[float], missing: set[int]) -> None:
    told = alarms(counts, missing=sorted(missing))
    assert told == alarms(counts, missing=sorted(missing))
    assert all(math.isfinite(alarm.surprise) and alarm.observed >= 1 for alarm in told)


def test_what_comes_later_changes_no_alarm_of_before() -> None:
    counts = everyday(12)
    whole = alarms(counts)
    part = alarms(counts[: 8 * A_DAY])
    assert [alarm for alarm in whole if alarm.time_ms < 8 * A_DAY * STEP_MS] == part
