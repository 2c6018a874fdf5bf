"""Drift of the model's confidence."""

import random

from streams.scoring import EMPTY, Score
from streams.scoring.drift import ConfidenceDrift


def score(confidence: float, *flags: str) -> Score:
    rest = (1 - confidence) / 2
    return Score(sentiment={"negative": rest, "neutral": confidence, "positive": rest}, flags=flags)


def drifts(drift: ConfidenceDrift, lang: str, mean: float, posts: int, seed: int) -> set[str | None]:
    chance = random.Random(seed)
    return {drift.update(lang, score(chance.gauss(mean, 0.05))) for _ in range(posts)} - {None}


def test_steady_scores_do_not_drift() -> None:
    assert drifts(ConfidenceDrift(), "en", 0.7, 5000, 1) == set()


def test_a_model_that_becomes_unsure_is_noticed_in_its_language_alone() -> None:
    drift = ConfidenceDrift()
    assert drifts(drift, "en", 0.7, 2000, 2) == drifts(drift, "zh", 0.7, 2000, 3) == set()
    assert drifts(drift, "zh", 0.5, 500, 4) == {"zh"}
    assert drifts(drift, "en", 0.7, 500, 5) == set()
    mean = drift.mean("zh")
    assert mean is not None
    assert abs(mean - 0.5) < 0.05


def test_other_languages_share_a_window_and_empty_posts_say_nothing() -> None:
    drift = ConfidenceDrift()
    assert drift.update("tr", score(0.9, EMPTY)) is None
    assert drift.mean("other") is None
    drift.update("tr", score(0.9))
    assert drift.mean("other") == 0.9
