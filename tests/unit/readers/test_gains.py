"""What learning gained, reckoned from what a reader was shown and what was thought of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.evaluation import DAY_MS
from streams.pipeline import PipelineSettings
from streams.privacy.rotations import NONE
from streams.readers import Gained, Interest, Trial, gained
from streams.readers.figures import area
from streams.readers.trial import Said, Shown

CHANGES_MS = 20 * DAY_MS


def trial(*shown: Shown, said: tuple[Said, ...] = (), muted: tuple[tuple[str, bool], ...] = ()) -> Trial:
    interest = Interest(name="all", wants=frozenset(), changes_ms=CHANGES_MS)
    made = Trial(PipelineSettings().heeding(NONE), interest, {})
    made.shown = {str(number): one for number, one in enumerate(shown)}
    made.said, made.muted = list(said), list(muted)
    return made


def figures(made: Trial, days: float = 4.0) -> Gained:
    found = gained(made, days)
    assert found is not None
    return found


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()), min_size=1, max_size=12))
def test_the_area_is_the_share_of_pairs_of_a_day_in_which_the_relevant_one_ranks_higher(
    shown: list[tuple[int, int, bool]],
) -> None:
    day, score, relevant = (np.array(column) for column in zip(*shown, strict=True))
    pairs = [
        (one_score > other_score) + (one_score == other_score) / 2
        for one_day, one_score, one in shown
        for other_day, other_score, other in shown
        if one and not other and one_day == other_day
    ]
    (found,) = area(day, score.astype(float), relevant.astype(float), np.ones((1, len(shown))))
    assert found == pytest.approx(sum(pairs) / len(pairs)) if pairs else np.isnan(found)


def test_a_weight_counts_a_hotspot_as_often() -> None:
    day, scores, relevant = np.zeros(3, int), np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0])
    assert area(day, scores, relevant, np.array([[1.0, 1.0, 1.0], [3.0, 1.0, 1.0]])) == pytest.approx([0.5, 0.75])


def test_probabilities_that_know_what_ranks_do_not_are_a_gain() -> None:
    shown = [
        Shown(at_ms=number % 4 * DAY_MS, rank=1.0, thought=0.9 if number % 3 else 0.2, relevant=bool(number % 3))
        for number in range(60)
    ]
    found = figures(trial(*shown))
    assert found.ranked is not None
    assert found.first_ten is not None
    assert (found.ranked.before, found.ranked.after) == (0.5, 1.0)
    assert found.ranked.low > 0
    assert found.first_ten.after == 1.0
    assert found.log_loss.before == pytest.approx(-np.log(2 / 3) * 2 / 3 - np.log(1 / 3) / 3)
    assert found.log_loss.high < 0
    assert found.brier.after < found.brier.before


def test_where_nothing_can_be_put_in_order_nothing_is_said_of_it() -> None:
    found = figures(trial(Shown(0, 1.0, 0.8, True), Shown(DAY_MS, 1.0, 0.8, False)))
    assert (found.ranked, found.first_ten, found.returned) == (None, None, None)
    assert gained(trial(), 1.0) is None


def test_what_was_muted_and_relevant_is_a_rate_with_its_interval() -> None:
    found = figures(trial(Shown(0, 1.0, 0.1, False), muted=(("a", False), ("b", True), ("b", True))))
    assert (found.muted, found.missed) == (3, 2)
    assert found.low * 4 == pytest.approx(0.242, abs=1e-3)
    assert found.high * 4 == pytest.approx(7.225, abs=1e-3)


@pytest.mark.parametrize(("errors", "back"), [([0.9] * 10 + [0.1] * 30, 29), ([0.9] * 40, None)])
def test_an_error_is_back_when_the_latest_twenty_are_as_good_as_before(errors: list[float], back: int | None) -> None:
    before = [Said(0, number, 0.1) for number in range(20)]
    after = [Said(CHANGES_MS, CHANGES_MS + number, error) for number, error in enumerate(errors)]
    made = trial(Shown(0, 1.0, 0.8, True), said=(*before, *after))
    made.anew_ms = [5, CHANGES_MS + 7]
    found = figures(made).returned
    assert found is not None
    assert found.error == pytest.approx(0.1)
    assert (found.anew, found.back) == (7, back)
