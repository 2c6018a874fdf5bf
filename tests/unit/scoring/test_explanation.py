"""An explanation adds up to the score, exactly, and its words to the text. A model with every head, made by code."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.adapters.onnx import load_scorer
from streams.scoring import KNOWN, CannotExplain, Scorer
from streams.scoring.explanation import explainable, words_of
from tests.made_models import MAX_TOKENS, WORDS, head, write


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return load(write(tmp_path_factory.mktemp("models") / "made"))


def load(folder: Path) -> Scorer:
    return load_scorer(folder, provider="cpu", threads=1, token_budget=1024, cache_size=0)


@pytest.mark.parametrize("name", KNOWN)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=MAX_TOKENS - 2))
def test_bias_frame_and_words_are_the_logit_and_the_logit_is_the_score(made: Scorer, name: str, words) -> None:
    text = " ".join(words)
    found = made.explain(text, name)
    summed = np.array(found.bias) + found.frame + np.sum([word.adds for word in found.words], axis=0)
    assert summed == pytest.approx(found.logits, abs=1e-4)
    of = next(one for one in made.heads if one.name == name)
    assert of.squashed(np.array([found.logits], np.float32))[0] == pytest.approx(found.probabilities, abs=1e-4)
    (score,) = made.score([text])
    assert list(score.of(name).values()) == pytest.approx(found.probabilities, abs=1e-3)


@given(st.text(max_size=60))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_make_up_the_text_that_was_read(loaded: Scorer, text: str) -> None:
    _, places, shown = loaded.tokenizer.placed(text)
    inside = [(place, np.zeros(1)) for place in places if place is not None]
    joined = "".join(word.text for word in words_of(shown, inside))
    assert shown.startswith(joined)
    assert not shown[len(joined) :].strip() or "\ufffd" in shown or joined == shown[: len(joined)]


def test_a_word_of_several_pieces_is_one_and_chinese_is_not_run_together(loaded: Scorer) -> None:
    _, places, shown = loaded.tokenizer.placed("I'm unbelievably happy 太难过了，怎么会")
    words = [word.text for word in words_of(shown, [(place, np.zeros(1)) for place in places if place is not None])]
    assert "unbelievably " in words
    assert "happy " in words
    assert len(words) > 8
    assert "".join(words) == "I'm unbelievably happy 太难过了，怎么会"


def test_the_word_that_makes_the_mood_adds_most(made: Scorer) -> None:
    found = made.explain("a cat meets happy glad", "sentiment")
    assert found.labels[found.likeliest] == "positive"
    adds = found.toward(found.likeliest)
    assert found.words[int(np.argmax(adds))].text.strip() in ("happy", "glad")
    assert made.explain("scum", "hate").toward(0)[0] > 0


def test_a_text_beyond_the_limit_is_explained_as_far_as_it_was_read(made: Scorer) -> None:
    found = made.explain("happy " * 100, "sentiment")
    assert found.truncated
    assert 0 < len(found.words) < 100


@pytest.mark.parametrize("text", ["😂😂", "\u202eabc\u202c", "مرحبا", "\ud800 x", "a" * 30_000, "?"])
def test_odd_texts_are_explained(made: Scorer, text: str) -> None:
    found = made.explain(text, "emotion")
    assert np.isfinite(found.logits).all()


def test_what_can_not_be_explained_is_told(made: Scorer, tmp_path: Path) -> None:
    with pytest.raises(CannotExplain, match="those that can: sentiment, emotion"):
        made.explain("happy", "topic")
    with pytest.raises(CannotExplain, match="nothing to read"):
        made.explain(" \u200f")
    heads = {"sentiment": KNOWN["sentiment"]}
    bare = write(tmp_path / "bare", heads)
    manifest = json.loads((bare / "manifest.json").read_text("utf-8"))
    manifest["heads"] = [head("sentiment", KNOWN["sentiment"], contributions=None)]
    (bare / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    scorer = load(bare)
    assert explainable(scorer.heads) == []
    with pytest.raises(CannotExplain, match="does not tell what tokens add"):
        scorer.explain("happy")
