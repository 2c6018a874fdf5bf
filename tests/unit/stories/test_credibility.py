"""What makes a story look like people: who they are, how old their accounts are, and whether they write by a clock."""

import random
from collections.abc import Sequence

import pytest

from streams.contracts.bursts import Evidence
from streams.stories.credibility import credibility
from streams.stories.regularity import clock_of

BEGIN_MS = 1_772_409_600_000
HOUR_MS = 3_600_000


def evidence(times_ms: Sequence[int], *, ages: Sequence[int] = (), accounts: int = 10**6) -> list[Evidence]:
    """Return a post for each time, each by an account of its own unless there are fewer."""
    return [
        Evidence(
            id=f"p{number}",
            partition=0,
            offset=number,
            index=0,
            author=1 + number % accounts,
            created_ms=BEGIN_MS + time,
            lang="en",
            platform="test",
            copy_key=0,
            sentiment=(),
            account_days=ages[number] if number < len(ages) else -1,
        )
        for number, time in enumerate(times_ms)
    ]


def people(chance: random.Random, posts: int) -> list[int]:
    """Return times as a crowd has them: most at once, some much later."""
    return [min(int(chance.expovariate(1 / 300) * 1000), HOUR_MS - 1) for _ in range(posts)]


def test_people_are_believed() -> None:
    value, reasons = credibility(evidence(people(random.Random(1), 32)), "word:flood")
    assert (value, reasons) == (1.0, ("32 accounts, 0% near-duplicates",))


@pytest.mark.parametrize(("period_s", "shake_s"), [(20, 0), (30, 2), (60, 4), (90, 8)])
def test_a_ring_that_writes_by_a_clock_is_half_believed(period_s: int, shake_s: int) -> None:
    chance = random.Random(period_s)
    times = [1000 * (period_s * n + chance.randint(-shake_s, shake_s)) + 1_234_567 for n in range(32)]
    value, (reason,) = credibility(evidence(times), "word:giveaway")
    assert 0.5 <= value < 0.65
    assert reason == f"posts come every {period_s} s as by a clock"


def test_a_sample_of_a_ring_shows_its_clock_too() -> None:
    times = random.Random(3).sample(range(7_000, HOUR_MS, 45_000), 32)
    found = clock_of(times)
    assert found is not None
    assert found[0] == pytest.approx(45, abs=0.1)


@pytest.mark.parametrize("shape", ["evenly", "at once", "at a goal", "more and more"])
def test_people_write_by_no_clock(shape: str) -> None:
    chance = random.Random(shape)
    draw = {
        "evenly": lambda: chance.randrange(HOUR_MS),
        "at once": lambda: people(chance, 1)[0],
        "at a goal": lambda: chance.choice([chance.randrange(HOUR_MS), 1_800_000 + chance.randrange(10_000)]),
        "more and more": lambda: max(chance.randrange(HOUR_MS) for _ in range(3)),
    }[shape]
    assert [clock_of([draw() for _ in range(32)]) for _ in range(200)] == [None] * 200


def test_dates_without_seconds_are_no_clock() -> None:
    chance = random.Random(5)
    assert clock_of([60_000 * chance.randrange(60) for _ in range(32)]) is None


@pytest.mark.parametrize("times", [[], [5], [5] * 40, list(range(5, 40_000, 1_000))])
def test_too_little_to_tell_is_no_clock(times: list[int]) -> None:
    assert clock_of(times) is None


def test_accounts_that_are_days_old_page_nobody() -> None:
    times = people(random.Random(2), 10)
    value, (reason,) = credibility(evidence(times, ages=[0, 1, 2, 3, 0, 6, 5, 4, 900, 2_000]), "word:coin")
    assert value == pytest.approx(0.4)
    assert reason == "80% of the accounts are younger than a week"


def test_an_age_counts_once_an_account_and_not_where_few_are_known() -> None:
    times = people(random.Random(2), 12)
    assert credibility(evidence(times, ages=[0, 0, 0, 0]), "word:coin")[0] == 1.0
    mixed = evidence(times, ages=[0, 400, 500, 600, 700, 800] * 2, accounts=6)
    assert all("week" not in reason for reason in credibility(mixed, "word:coin")[1])


def test_doubts_add_up_and_each_is_said() -> None:
    times = [30_000 * n + 1_500 for n in range(32)]
    value, reasons = credibility(evidence(times, ages=[1] * 20 + [900] * 12), "word:coin")
    assert value == pytest.approx(0.75 * 0.5)
    assert len(reasons) == 2
