"""What the scorer promises about any text, with the real model."""

import numpy as np
import pytest

from streams.scoring import EMPTY, FAILED, LABELS, TRUNCATED, Encoded

GLAD = "What a wonderful evening, thank you all so much!"
ANGRY = "Worst service ever, I am so angry and disappointed."
GLAD_ZH = "今天真的太开心了，谢谢大家！"
SAD_ZH = "太难过了，怎么会这样，心都碎了"
LONG = "Flood warnings for the whole valley. " * 60


class Watched:
    """The real encoder, with the shapes of what it was given."""

    def __init__(self, encoder) -> None:
        self.encoder = encoder
        self.shapes: list[tuple[int, int]] = []

    provider = "cpu"

    @property
    def heads(self):
        return self.encoder.heads

    def encode(self, ids, mask) -> Encoded:
        self.shapes.append(ids.shape)
        return self.encoder.encode(ids, mask)


@pytest.fixture
def watched(loaded) -> Watched:
    return Watched(loaded.encoder)


def test_mood_is_told_in_both_languages(make_scorer) -> None:
    scores = make_scorer().score([GLAD, ANGRY, GLAD_ZH, SAD_ZH])
    moods = [max(score.sentiment, key=score.sentiment.get) for score in scores]
    assert moods == ["positive", "negative", "positive", "negative"]


def test_a_score_has_the_labels_probabilities_and_an_embedding_of_length_one(make_scorer) -> None:
    (score,) = make_scorer().score([GLAD])
    assert tuple(score.sentiment) == LABELS
    assert sum(score.sentiment.values()) == pytest.approx(1, abs=2e-4)
    assert all(value == round(value, 4) for value in score.sentiment.values())
    assert score.embedding.dtype == np.float16
    assert score.embedding.shape == (384,)
    assert np.linalg.norm(score.embedding.astype(np.float32)) == pytest.approx(1, abs=1e-2)
    assert score.flags == ()


def test_the_order_of_texts_is_kept(make_scorer) -> None:
    scorer = make_scorer()
    texts = [LONG, GLAD, SAD_ZH, "ok", ANGRY, GLAD]
    together = scorer.score(texts)
    for text, score in zip(texts, together, strict=True):
        (alone,) = scorer.score([text])
        assert score.sentiment == pytest.approx(alone.sentiment, abs=1e-3)
        assert score.flags == alone.flags


def test_a_score_does_not_depend_on_its_neighbours(make_scorer) -> None:
    scorer = make_scorer(token_budget=100_000)
    (alone,) = scorer.score([ANGRY])
    beside = scorer.score([LONG, ANGRY, "HA " * 40, GLAD_ZH * 9])[1]
    assert beside.sentiment == pytest.approx(alone.sentiment, abs=1e-3)
    distance = 1 - float(beside.embedding.astype(np.float32) @ alone.embedding.astype(np.float32))
    assert distance < 5e-3


def test_related_texts_are_nearer_than_unrelated_ones(make_scorer) -> None:
    texts = ["Strong earthquake hits Turin", "都灵发生强烈地震", "My cat sleeps on the keyboard all day"]
    quake, quake_zh, cat = (score.embedding.astype(np.float32) for score in make_scorer().score(texts))
    assert quake @ quake_zh > quake @ cat


def test_the_same_text_is_encoded_once_in_a_call(make_scorer, watched) -> None:
    scores = make_scorer(encoder=watched).score([GLAD, ANGRY, GLAD, GLAD])
    assert sum(rows for rows, _ in watched.shapes) == 2
    assert scores[0].sentiment == scores[2].sentiment == scores[3].sentiment


def test_a_remembered_text_is_not_encoded_again(make_scorer, watched) -> None:
    scorer = make_scorer(cache_size=2, encoder=watched)
    scorer.score([GLAD])
    scorer.score([GLAD])
    assert scorer.counted.fresh == 1


def test_memory_is_bounded_and_forgets_the_longest_unused(make_scorer, watched) -> None:
    scorer = make_scorer(cache_size=2, encoder=watched)
    for text in (GLAD, ANGRY, GLAD, SAD_ZH):
        scorer.score([text])
    assert scorer.counted.fresh == 3
    scorer.score([GLAD])
    assert scorer.counted.fresh == 3
    scorer.score([ANGRY])
    assert scorer.counted.fresh == 4


def test_batches_stay_under_the_token_budget(make_scorer, watched) -> None:
    texts = [f"{'word ' * (i % 17)}{i}" for i in range(80)]
    make_scorer(token_budget=200, encoder=watched).score(texts)
    assert sum(rows for rows, _ in watched.shapes) == len(texts)
    assert all(rows * width <= 200 for rows, width in watched.shapes)


def test_a_text_above_the_budget_goes_alone(make_scorer, watched) -> None:
    make_scorer(token_budget=20, encoder=watched).score([LONG, GLAD])
    assert len(watched.shapes) > 1
    assert all(rows == 1 for rows, _ in watched.shapes)


def test_a_text_on_which_the_model_fails_spoils_no_other(make_scorer, loaded) -> None:
    class Failing(Watched):
        """Breaks one row, as an overflow would."""

        provider = "cpu"

        def encode(self, ids, mask) -> Encoded:
            encoded = super().encode(ids, mask)
            shortest = mask.sum(1).argmin()
            encoded.heads["sentiment"][shortest] = np.nan
            return encoded

    scorer = make_scorer(encoder=Failing(loaded.encoder), cache_size=10)
    failed, fine = scorer.score(["ok", ANGRY])
    assert failed.sentiment is None
    assert failed.embedding is None
    assert failed.flags == (FAILED,)
    assert max(fine.sentiment, key=fine.sentiment.get) == "negative"
    assert scorer.counted.fresh == 2
    scorer.score(["ok"])
    assert scorer.counted.fresh == 3, "a failure must not be remembered"


@pytest.mark.parametrize(
    "text", ["", "   \n", "\u200f\u202e\u2066", "\u200b\ufeff"], ids=["empty", "blank", "rtl", "zero"]
)
def test_nothing_to_read_is_neutral_and_says_so(make_scorer, watched, text) -> None:
    (score,) = make_scorer(encoder=watched).score([text])
    assert score.sentiment == {"negative": 0.0, "neutral": 1.0, "positive": 0.0}
    assert score.embedding is None
    assert score.flags == (EMPTY,)
    assert watched.shapes == []


@pytest.mark.parametrize(
    "text",
    [
        "😂😂😂",
        "👨‍👩‍👧‍👦❤️",
        "\u202eabc\u202c שלום",
        "مرحبا بالعالم",
        "\ud800 broken",
        "\x00\x01",
        "a\u0301" * 500,
        "𝔘𝔫𝔦",
    ],
    ids=["emoji", "joined", "rtl", "arabic", "surrogate", "controls", "marks", "letters"],
)
def test_odd_texts_are_scored_or_empty(make_scorer, text) -> None:
    (score,) = make_scorer().score([text])
    assert sum(score.sentiment.values()) == pytest.approx(1, abs=2e-4)


@pytest.mark.parametrize("text", ["a" * 30_000, "字" * 30_000, "😂" * 30_000, "word " * 6_000, " " * 29_999 + "x"])
def test_thirty_thousand_characters_are_cut_and_flagged(make_scorer, watched, text) -> None:
    (score,) = make_scorer(encoder=watched).score([text])
    assert TRUNCATED in score.flags
    assert score.truncated
    assert all(width <= 128 for _, width in watched.shapes)


def test_no_texts_give_no_scores(make_scorer) -> None:
    assert make_scorer().score([]) == []


@pytest.mark.parametrize(("token_budget", "cache_size"), [(0, 1), (-1, 1), (10, -1)])
def test_impossible_limits_are_refused(make_scorer, token_budget, cache_size) -> None:
    with pytest.raises(ValueError, match="token_budget"):
        make_scorer(token_budget=token_budget, cache_size=cache_size)
