"""Figures of a head, against what is computed by hand or by definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.scoring import KNOWN, LABELS, Head
from streams.scoring.figures import (
    NOT,
    UnknownLabel,
    calibration_error,
    choice,
    figures,
    interval,
    judge,
    neighbours_kept,
)
from streams.scoring.held_out import SHARE, is_held_out


def head(name: str) -> Head:
    labels = KNOWN[name]
    return Head(name=name, kind="softmax" if len(labels) > 1 else "sigmoid", labels=labels, probabilities=name)


def rows(*values: tuple[float, ...]) -> np.ndarray:
    return np.array(values, np.float32)


def test_macro_recall_and_confusion_are_those_by_hand() -> None:
    probabilities = rows((0.8, 0.1, 0.1), (0.2, 0.7, 0.1), (0.1, 0.2, 0.7), (0.6, 0.3, 0.1))
    found = judge("sentiment-en", head("sentiment"), probabilities, ["negative", "negative", "positive", "neutral"])
    assert found.figure == "macro recall"
    assert found.value == pytest.approx((0.5 + 0 + 1) / 3)
    assert found.labels == LABELS
    assert found.confusion == ((1, 1, 0), (1, 0, 0), (0, 0, 1))
    assert found.texts == 4


def test_a_data_set_with_fewer_labels_is_judged_among_those_it_knows() -> None:
    probabilities = rows((0.1, 0.7, 0.2), (0.3, 0.6, 0.1))
    found = judge("sentiment-zh", head("sentiment"), probabilities, ["positive", "negative"])
    assert (found.figure, found.value) == ("accuracy", 1.0)
    assert found.labels == ("negative", "positive")
    assert choice(head("sentiment"), probabilities, ("negative", "positive")).sum(axis=1) == pytest.approx(1)


def test_a_head_with_one_label_also_says_not() -> None:
    found = judge("irony-en", head("irony"), rows((0.9,), (0.2,), (0.6,), (0.4,)), ["irony", NOT, NOT, "irony"])
    assert found.figure == "F1 of irony"
    assert found.value == pytest.approx(0.5)
    found = judge("hate-en", head("hate"), rows((0.9,), (0.2,)), ["hate", NOT])
    assert (found.figure, found.value) == ("macro F1", 1.0)


def test_a_label_that_the_head_has_not_is_named() -> None:
    with pytest.raises(UnknownLabel, match=r"negative, neutral, positive, not mixed"):
        judge("sentiment-en", head("sentiment"), rows((0.8, 0.1, 0.1)), ["mixed"])


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_macro_f1_is_the_mean_of_the_labels_own(pairs: list[tuple[int, int]]) -> None:
    confusion = np.zeros((3, 3), np.int64)
    for true, told in pairs:
        confusion[true, told] += 1
    own = []
    for label in range(3):
        right = sum(true == told == label for true, told in pairs)
        seen = sum(true == label for true, _ in pairs) + sum(told == label for _, told in pairs)
        if seen:
            own.append(2 * right / seen)
    assert figures(confusion[None], "macro F1")[0] == pytest.approx(sum(own) / len(own))


@given(st.lists(st.integers(0, 60), min_size=4, max_size=4).filter(any))
def test_an_interval_holds_what_it_is_about_and_is_the_same_again(counts: list[int]) -> None:
    confusion = np.array(counts, np.int64).reshape(2, 2)
    low, high = interval(confusion, "accuracy")
    assert low - 1e-9 <= figures(confusion[None], "accuracy")[0] <= high + 1e-9
    assert interval(confusion, "accuracy") == (low, high)


def test_an_interval_is_as_wide_as_a_binomial_one() -> None:
    low, high = interval(np.array([[80, 20], [20, 80]], np.int64), "accuracy")
    assert high - low == pytest.approx(2 * 1.96 * (0.8 * 0.2 / 200) ** 0.5, rel=0.15)


def test_confidence_that_is_right_as_often_as_it_says_has_no_error() -> None:
    confidence = np.full(10, 0.8)
    assert calibration_error(confidence, np.arange(10) < 8) == pytest.approx(0)
    assert calibration_error(confidence, np.arange(10) < 4) == pytest.approx(0.4)
    assert calibration_error(np.array([]), np.array([], bool)) == 0


def test_neighbours_of_the_same_space_are_all_kept_and_of_chance_are_few() -> None:
    chance = np.random.default_rng(1)
    vectors = chance.normal(size=(200, 16)).astype(np.float32)
    turn = np.linalg.qr(chance.normal(size=(16, 16)))[0].astype(np.float32)
    assert neighbours_kept(vectors, vectors @ turn) == 1
    assert neighbours_kept(vectors, chance.normal(size=(200, 16)).astype(np.float32)) < 0.2


def test_a_tenth_is_held_out_and_always_the_same() -> None:
    texts = [f"text {number}" for number in range(5000)]
    held_out = [is_held_out(text) for text in texts]
    assert sum(held_out) / len(texts) == pytest.approx(SHARE, abs=0.015)
    assert [is_held_out(text) for text in texts] == held_out
    assert is_held_out("lone \ud800 surrogate") in (True, False)
