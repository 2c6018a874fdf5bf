"""How many workers, threads and tokens a machine is told to use, by what was measured on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.capacity.tuning import (
    GOOD_ENOUGH,
    LEFT_BYTES,
    TOKEN_BUDGETS,
    WORKER_BYTES,
    Arrangement,
    Measured,
    arrangements,
    batches,
    chosen,
)

MUCH = 1 << 40


def measured(workers: int, threads: int, *rates: float, budget: int = 4096) -> Measured:
    return Measured(Arrangement(workers, threads, budget), rates)


@pytest.mark.parametrize(
    ("cores", "found"),
    [
        (1, [(1, 1)]),
        (2, [(1, 2), (2, 1)]),
        (6, [(1, 4), (1, 6), (3, 2), (6, 1)]),
        (8, [(1, 8), (2, 4), (4, 2), (8, 1)]),
    ],
)
def test_all_cores_are_shared_out_in_every_way(cores: int, found: list[tuple[int, int]]) -> None:
    assert [(one.workers, one.threads) for one in arrangements(cores, MUCH, 4096)] == found


@given(st.integers(1, 256), st.integers(0, 1 << 40))
def test_never_more_workers_than_memory_has_room_for_and_never_none(cores: int, memory: int) -> None:
    found = arrangements(cores, memory, 4096)
    assert found
    assert all(one.workers == 1 or one.workers * WORKER_BYTES + LEFT_BYTES <= memory for one in found)
    assert all(one.workers * one.threads <= cores for one in found)


def test_a_gpu_is_shared_by_few() -> None:
    assert [(one.workers, one.threads) for one in arrangements(16, MUCH, 4096, gpu=True)] == [(1, 0), (2, 0)]


def test_the_fastest_by_its_median_is_chosen_and_the_next_is_named() -> None:
    choice = chosen([measured(1, 2, 100, 100, 900), measured(2, 1, 150, 160, 20)])
    assert choice.best.arrangement == (2, 1, 4096)
    assert choice.reason == "1.50 times the next (1 worker, 2 threads, batches of 4,096 tokens)"


def test_another_worker_must_be_worth_it() -> None:
    choice = chosen([measured(1, 2, 97), measured(2, 1, 100)])
    assert choice.best.arrangement.workers == 1
    assert choice.reason == "97% of the fastest (2 workers, 1 thread, batches of 4,096 tokens), with less"


def test_of_batches_that_are_as_good_the_smallest_is_chosen() -> None:
    every = [Measured(one, (100.0 + n,)) for n, one in enumerate(batches(Arrangement(2, 1, 4096)))]
    assert chosen(every).best.arrangement.token_budget == TOKEN_BUDGETS[0]


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=8))
def test_what_is_chosen_is_never_far_from_the_fastest(rates: list[float]) -> None:
    choice = chosen([measured(number + 1, 1, rate) for number, rate in enumerate(rates)])
    assert choice.best.median >= GOOD_ENOUGH * max(rates)
