"""When it is enough: dead letters in a row, and as a share of what came lately."""

import pytest

from streams.contracts.posts import DeadLetter
from streams.intake.budget import WINDOW, DeadBudget


def letters(number: int, reason: str = "not_json") -> list[DeadLetter]:
    letter = DeadLetter(
        topic="posts", partition=0, offset=0, index=-1, stage="intake", reason=reason, detail="-", original=b"",
        size=0, sha256="",
    )  # fmt: skip
    return [letter] * number


def test_a_run_of_bad_items_is_enough_one_beyond_the_limit() -> None:
    budget = DeadBudget(1.0, 100)
    assert budget.spend(0, letters(60)) is None
    assert budget.spend(0, letters(40)) is None
    assert budget.spend(0, letters(1)) == "101 items in a row could not be used, mostly not_json; at most 100 may"


def test_one_good_item_ends_a_run() -> None:
    budget = DeadBudget(1.0, 100)
    for _ in range(50):
        assert budget.spend(0, letters(90)) is None
        assert budget.spend(1, []) is None


def test_a_share_is_judged_when_there_is_enough_to_judge() -> None:
    budget = DeadBudget(0.5, 0)
    for _ in range(WINDOW // 10 - 1):
        assert budget.spend(3, letters(7, "too_old")) is None
    told = budget.spend(3, letters(7, "too_old"))
    assert told == "1,400 of the latest 2,000 items could not be used, mostly too_old; at most 50% may"


def test_a_bad_hour_long_ago_is_forgotten() -> None:
    budget = DeadBudget(0.5, 0)
    for _ in range(90):
        assert budget.spend(10, letters(9)) is None
    for _ in range(2 * WINDOW):
        assert budget.spend(1, []) is None
    for _ in range(90):
        assert budget.spend(0, letters(10)) is None
    assert budget.spend(0, letters(110)) is not None


@pytest.mark.parametrize(("share", "run"), [(1.0, 0)])
def test_without_limits_nothing_is_ever_enough(share: float, run: int) -> None:
    budget = DeadBudget(share, run)
    assert all(budget.spend(0, letters(1000)) is None for _ in range(10))


def test_heartbeats_neither_spend_nor_end_a_run() -> None:
    budget = DeadBudget(1.0, 1)
    assert budget.spend(0, letters(1)) is None
    assert budget.spend(0, []) is None
    assert budget.spend(0, letters(1)) is not None
