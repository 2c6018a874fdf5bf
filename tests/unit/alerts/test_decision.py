"""The purse keeps the budget whatever is asked of it; what is new with its story needs no knowledge of the day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.alerts.decision import Purse, chance_a_day, grown, held_back_for_warming

DAY = 1440
COSTS = st.floats(0.0, 20.0, allow_nan=False)


@given(st.floats(0.01, 20.0), st.lists(st.tuples(st.integers(0, 3 * DAY), COSTS), max_size=60))
def test_what_is_spent_is_never_more_than_a_day_saved_and_the_budget_of_the_days(
    budget: float, asked: list[tuple[int, float]]
) -> None:
    purse = Purse(budget)
    bucket, spent = 0, 0.0
    for step, cost in asked:
        bucket += step
        purse.refill(bucket, budget)
        if purse.spend(cost):
            spent += cost
        assert purse.left >= 0.0
    assert spent <= budget * (1 + bucket / DAY) * (1 + 1e-9)


@given(st.floats(0.01, 20.0), COSTS)
def test_what_costs_too_much_takes_nothing(budget: float, cost: float) -> None:
    purse = Purse(budget)
    paid = purse.spend(cost)
    assert paid == (cost <= budget)
    assert purse.left == (budget - cost if paid else budget)


def test_a_purse_fills_within_a_day_and_no_further() -> None:
    purse = Purse(2.0)
    purse.refill(0, 2.0)
    assert purse.spend(2.0)
    purse.refill(DAY // 2, 2.0)
    assert purse.left == pytest.approx(1.0)
    purse.refill(10 * DAY, 2.0)
    assert purse.left == 2.0


@given(st.floats(-300.0, 0.0), st.floats(1.0, 1e9))
def test_chance_is_a_share_and_falls_with_surprise(log10_p: float, tests: float) -> None:
    assert 0.0 <= chance_a_day(log10_p, tests) <= 1.0
    assert chance_a_day(log10_p - 1.0, tests) <= chance_a_day(log10_p, tests)


@pytest.mark.parametrize(("term", "waits"), [("word:rain", True), ("tag:monday", True), ("post:1", False)])
def test_words_wait_for_a_day_to_be_known_and_what_is_passed_on_does_not(term: str, waits: bool) -> None:
    assert held_back_for_warming(0.5, term) is waits
    assert held_back_for_warming(1.0, term) is False


def test_an_escalation_is_a_multiple_of_those_alerted() -> None:
    assert grown(40, 10, 4.0)
    assert not grown(39, 10, 4.0)
