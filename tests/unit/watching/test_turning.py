"""The mood test: keeps its budget of false alerts where nothing turns, and sees what turns."""

import random

from streams.watching.turning import STEP, TESTS_A_DAY, WINDOW, Turning, Window, window_of

BUDGET = 1.0


def voted(chance: random.Random, authors: int, mood: float) -> Window:
    """Return a window of authors whose moods lie about `mood`, as a model gives them: mostly at the ends."""
    values = [chance.choice((-0.8, -0.4, 0.0, 0.4, 0.8)) + mood for _ in range(authors)]
    found = window_of({n: round(1000 * max(-1.0, min(1.0, value))) for n, value in enumerate(values)})
    assert found is not None
    return found


def run(seed: int, days: int, lists: int, wander: float, turn: float = 0.0) -> list[tuple[int, str]]:
    """Return alerts (bucket since the turn, direction) of one list; its mood wanders from window to window."""
    chance = random.Random(seed)
    turning, told = Turning(), []
    end = days * 1440
    drift = 0.0
    for bucket in range(STEP - 1, end, STEP):
        if bucket % WINDOW == STEP - 1:
            drift = 0.7 * drift + chance.gauss(0.0, wander)
        after = turn and bucket >= end - 240
        window = voted(chance, chance.choice((12, 20, 40, 120)), drift + (turn if after else 0.0))
        looked = turning.look(window, BUDGET / TESTS_A_DAY / lists, bucket)
        if looked.told:
            told.append((bucket - (end - 240), looked.told))
        if bucket % WINDOW == WINDOW - 1:
            turning.learn(window)
    return told


def test_false_alerts_stay_within_the_budget() -> None:
    days, lists = 10, 12
    for wander in (0.0, 0.08):
        alerts = sum(len(run(seed, days, lists, wander)) for seed in range(lists))
        assert alerts <= BUDGET * days


def test_a_turn_is_told_once_and_soon() -> None:
    found = [run(seed, 3, 12, 0.05, turn=-0.6) for seed in range(20)]
    hits = [told for told in found if any(0 <= after <= 60 and way == "worse" for after, way in told)]
    assert len(hits) >= 17
    assert all(sum(after >= 0 for after, _ in told) <= 1 for told in found)


def test_nothing_is_told_while_what_is_usual_is_unknown() -> None:
    turning = Turning()
    chance = random.Random(1)
    assert turning.look(voted(chance, 100, 0.0), 1.0, 29).p_value is None
    assert turning.learning == 0.0


def test_few_authors_tell_nothing() -> None:
    assert run(3, 1, 1, 0.0) is not None
    assert window_of({}) is None
    assert Turning(windows=99).look(Window(5, -1.0, 0.0), 1.0, 29).told == ""
