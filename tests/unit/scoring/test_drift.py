"""Drift of what the model says: its confidence, the share of each mood, how far texts are from the first ones."""

import random

import numpy as np
import pytest

from streams.scoring import EMPTY, Score
from streams.scoring.drift import CONFIDENCE, DISTANCE, MIDDLE_OF, SHARE, ScoreDrift


def score(confidence: float, *flags: str, label: str = "neutral", embedding=None) -> Score:
    rest = (1 - confidence) / 2
    moods = {name: confidence if name == label else rest for name in ("negative", "neutral", "positive")}
    return Score(sentiment=moods, flags=flags, embedding=embedding)


def drifts(drift: ScoreDrift, lang: str, mean: float, posts: int, seed: int) -> set[str]:
    chance = random.Random(seed)
    return {signal for _ in range(posts) for signal in drift.update(lang, score(chance.gauss(mean, 0.05)))[1]}


def test_steady_scores_do_not_drift() -> None:
    assert drifts(ScoreDrift(), "en", 0.7, 5000, 1) == set()


def test_a_model_that_becomes_unsure_is_noticed_in_its_language_alone() -> None:
    drift = ScoreDrift()
    assert drifts(drift, "en", 0.7, 2000, 2) == drifts(drift, "zh", 0.7, 2000, 3) == set()
    assert drifts(drift, "zh", 0.5, 500, 4) == {CONFIDENCE}
    assert drifts(drift, "en", 0.7, 500, 5) == set()
    assert drift.confidence("zh") == pytest.approx(0.5, abs=0.05)


def test_other_languages_share_a_window_and_empty_posts_say_nothing() -> None:
    drift = ScoreDrift()
    assert drift.update("tr", score(0.9, EMPTY)) == ("other", [])
    assert drift.confidence("other") is None
    drift.update("tr", score(0.9))
    assert drift.confidence("other") == 0.9


def test_moods_in_other_shares_are_noticed_though_each_is_as_sure() -> None:
    drift, chance = ScoreDrift(), random.Random(6)

    def posts(number: int, negative: float) -> set[str]:
        labels = ["negative" if chance.random() < negative else "neutral" for _ in range(number)]
        return {signal for label in labels for signal in drift.update("en", score(0.8, label=label))[1]}

    assert posts(3000, 0.2) == set()
    assert posts(800, 0.6) == {SHARE}
    assert drift.share("en", "negative") == pytest.approx(0.6, abs=0.1)
    assert drift.share("en", "positive") == 0


def test_texts_about_something_else_are_noticed_though_the_mood_stays() -> None:
    drift, chance = ScoreDrift(), np.random.default_rng(7)
    subjects = np.eye(32)

    def posts(number: int, subject: int) -> set[str]:
        found = set()
        for _ in range(number):
            vector = subjects[subject] + chance.normal(size=32) * 0.05
            embedding = (vector / np.linalg.norm(vector)).astype(np.float16)
            found |= set(drift.update("zh", score(0.8, embedding=embedding))[1])
        return found

    assert posts(MIDDLE_OF, 0) == set()
    assert drift.distance("zh") is None
    assert posts(1500, 0) == set()
    assert posts(500, 1) == {DISTANCE}
    assert drift.distance("zh") > 0.8
