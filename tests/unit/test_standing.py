"""A partition stands still when its log goes on and nothing of it is committed, and for no other reason."""

from faust.types import TP

from agents.standing import STILL_S, Standing

POSTS_0, POSTS_1 = TP("posts", 0), TP("posts", 1)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_partition_that_is_not_read_on_is_told_after_a_while() -> None:
    standing = Standing(clock := Clock())
    ends = {POSTS_0: 10, POSTS_1: 10}
    assert standing.look({POSTS_0: 4, POSTS_1: 4}, ends) == []
    clock.now += STILL_S - 1
    assert standing.look({POSTS_0: 4, POSTS_1: 5}, ends) == []
    clock.now += 1
    assert standing.look({POSTS_0: 4, POSTS_1: 5}, ends) == [POSTS_0]
    standing.begin_anew(POSTS_0)
    assert standing.look({POSTS_0: 4, POSTS_1: 5}, ends) == []


def test_what_is_read_to_its_end_may_rest() -> None:
    standing = Standing(clock := Clock())
    for end in (10, 10, 11):
        assert standing.look({POSTS_0: 10}, {POSTS_0: end}) == []
        clock.now += STILL_S
    assert standing.look({POSTS_0: 10}, {POSTS_0: 11}) == [POSTS_0]


def test_a_broker_that_was_away_and_partitions_that_were_elsewhere_are_reasons() -> None:
    standing = Standing(clock := Clock())
    standing.look({POSTS_0: 4, POSTS_1: 4}, {POSTS_0: 10, POSTS_1: 10})
    clock.now += STILL_S
    standing.look({POSTS_0: 5}, {POSTS_0: 10})
    clock.now += 1
    assert standing.look({POSTS_0: 5, POSTS_1: 4}, {POSTS_0: 10, POSTS_1: 10}) == []
    clock.now += STILL_S
    standing.forget()
    assert standing.look({POSTS_0: 5, POSTS_1: 4}, {POSTS_0: 10, POSTS_1: 10}) == []


def test_a_rebalance_lasts_from_when_partitions_were_last_held() -> None:
    standing = Standing(clock := Clock())
    standing.look({POSTS_0: 4}, {POSTS_0: 10})
    clock.now += 20
    assert standing.rejoins_for() == 20
    standing.look({POSTS_0: 4}, {POSTS_0: 10})
    assert standing.rejoins_for() == 0
