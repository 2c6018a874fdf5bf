"""The benchmark's rules: known values, and what may never change a score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.series import Scored, Window, score, total

TIMES = tuple(range(0, 2000 * 300_000, 300_000))
WINDOWS = [Window(TIMES[500], TIMES[599]), Window(TIMES[1000], TIMES[1199])]
FIRST_JUDGED = 300
"""15 % of 2,000."""


def judged(*rows: int) -> Scored:
    return score(TIMES, [TIMES[row] for row in rows], WINDOWS)


def test_no_alarm_is_nought_and_one_at_each_beginning_a_hundred() -> None:
    assert total([judged()]) == 0.0
    assert total([judged(500, 1000)]) == pytest.approx(100.0, abs=0.1)
    assert judged().score == -2.0


def test_the_last_count_of_a_window_earns_little_and_the_first_nearly_all() -> None:
    # 2 / (1 + e^(5 x)) - 1 at x = -100/100, -50/100 and -1/100, over its value at -1.
    for row, points in ((500, 1.0), (550, 0.85979), (599, 0.025333)):
        assert judged(row).score == pytest.approx(points - 1.0, abs=1e-4)


def test_of_several_alarms_in_a_window_the_earliest_counts_once() -> None:
    assert judged(520, 530, 598) == judged(520)


def test_a_false_alarm_costs_eleven_hundredths_but_little_just_after_a_window() -> None:
    assert judged(400).score == pytest.approx(-2.11)
    assert -2.01 < judged(600).score < -2.0
    assert judged(900).score == pytest.approx(-2.11)
    assert judged(400).false == 1


def test_nothing_is_judged_before_a_sixth_or_so_of_the_series() -> None:
    assert judged(*range(FIRST_JUDGED)) == judged()
    assert judged(FIRST_JUDGED).false == 1


def test_the_part_for_learning_is_750_counts_at_most() -> None:
    times = tuple(range(20_000))
    assert score(times, range(750), []).false == 0
    assert score(times, [750], []).false == 1


def test_a_window_that_lies_in_the_part_for_learning_does_not_matter() -> None:
    assert score(TIMES, [], [Window(TIMES[10], TIMES[20]), *WINDOWS]) == judged()


def test_windows_need_not_end_at_a_count() -> None:
    loose = [Window(window.begin_ms - 1, window.end_ms + 1) for window in WINDOWS]
    assert score(TIMES, [TIMES[520]], loose) == judged(520)


def test_windows_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        score(TIMES, [], [Window(0, 10), Window(10, 20)])


@pytest.mark.parametrize("times", [(), (0,)])
def test_a_series_of_nothing_or_one_count_has_no_score(times: tuple[int, ...]) -> None:
    assert total([score(times, [], WINDOWS)]) is None


@given(st.sets(st.integers(0, len(TIMES) - 1)), st.integers(0, len(TIMES) - 1))
def test_one_more_alarm_outside_never_helps_and_one_inside_never_hurts(rows: set[int], row: int) -> None:
    more = judged(*rows, row).score
    if any(window.begin_ms <= TIMES[row] <= window.end_ms for window in WINDOWS):
        assert more >= judged(*rows).score
    elif row not in rows and row >= FIRST_JUDGED:
        assert more < judged(*rows).score
