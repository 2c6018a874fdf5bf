"""What an encoder can do wrong, and long texts: the posts that it concerns bear it, no others."""

import numpy as np
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, RuntimeException

from agents.adapters.onnx import OnnxEncoder, load_scorer
from streams.scoring import FAILED, TRUNCATED, Encoded, OutOfMemory, Scorer
from tests.made_models import MAX_TOKENS, write


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return load_scorer(write(tmp_path_factory.mktemp("models") / "made"), "cpu", 1, 1024, 0, windows=4)


class Troubled:
    """A real encoder whose answers a test may spoil."""

    provider = "cpu"

    def __init__(self, encoder, spoil) -> None:
        self.encoder, self.heads, self.spoil = encoder, encoder.heads, spoil
        self.shapes: list[tuple[int, int]] = []

    def encode(self, ids, mask) -> Encoded:
        self.shapes.append(ids.shape)
        return self.spoil(ids, self.encoder.encode(ids, mask))


def troubled(made: Scorer, spoil, **limits: int) -> tuple[Scorer, Troubled]:
    encoder = Troubled(made.encoder, spoil)
    wanted = {"token_budget": 1024, "cache_size": 10} | limits
    return Scorer(encoder, made.tokenizer, made.model, **wanted), encoder


def token(made: Scorer, word: str) -> int:
    return made.tokenizer.tokens([word])[0].ids[1]


def as_it_is(_ids, encoded: Encoded) -> Encoded:
    return encoded


TEXTS = ["happy cat", "sad flood", "the council meets", "angry road", "scum"]


def test_a_long_text_is_read_in_windows_and_their_mean_taken(made: Scorer) -> None:
    inside = MAX_TOKENS - 2
    long = " ".join(["happy"] * inside + ["angry"] * inside)
    scorer, encoder = troubled(made, as_it_is)
    whole, glad, angry = scorer.score([long, " ".join(["happy"] * inside), " ".join(["angry"] * inside)])
    for label, share in whole.sentiment.items():
        assert share == pytest.approx((glad.sentiment[label] + angry.sentiment[label]) / 2, abs=2e-3)
    assert np.linalg.norm(whole.embedding.astype(np.float32)) == pytest.approx(1, abs=1e-2)
    assert whole.flags == ()
    assert (scorer.counted.split, scorer.counted.cut) == (1, 0)
    assert all(width <= MAX_TOKENS for _, width in encoder.shapes)


def test_what_is_beyond_the_last_window_is_cut_and_counted(made: Scorer) -> None:
    scorer, encoder = troubled(made, as_it_is)
    (score,) = scorer.score(["happy " * 300])
    assert score.flags == (TRUNCATED,)
    assert sum(rows for rows, _ in encoder.shapes) == 4
    assert (scorer.counted.split, scorer.counted.cut) == (1, 1)


def test_a_long_text_does_not_depend_on_its_neighbours_or_its_batches(made: Scorer) -> None:
    texts = ["happy sad wow " * 25, "the cat", "angry road " * 18]
    (alone,) = made.score(texts[:1])
    scorer, _ = troubled(made, as_it_is, token_budget=MAX_TOKENS)
    for scores in (made.score(texts), scorer.score(texts)):
        assert scores[0].emotion == pytest.approx(alone.emotion, abs=1e-3)


def test_a_broken_window_breaks_its_text_alone(made: Scorer) -> None:
    scum = token(made, "scum")

    def spoil(ids, encoded):
        encoded.heads["hate"][(ids == scum).any(axis=1)] = np.nan
        return encoded

    scorer, _ = troubled(made, spoil)
    long, fine = scorer.score(["happy " * 40 + "scum", "happy cat"])
    assert long.flags == (FAILED,)
    assert fine.sentiment is not None
    assert scorer.counted.failed == 1


def test_numbers_that_are_not_finite_only_among_others_are_asked_for_again_alone(made: Scorer) -> None:
    def spoil(ids, encoded):
        if len(ids) > 1:
            encoded.heads["emotion"][0] = np.nan
        return encoded

    scorer, _ = troubled(made, spoil)
    scores = scorer.score(TEXTS)
    assert [score.sentiment for score in scores] == [score.sentiment for score in made.score(TEXTS)]
    assert scorer.counted.retried > 0
    assert scorer.counted.failed == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda values: values[:-1],
        lambda values: values[:, :-1],
        lambda values: values[:, :, None],
    ],
    ids=["rows", "labels", "depth"],
)
def test_a_wrong_shape_is_borne_by_the_text_that_brings_it(made: Scorer, spoil) -> None:
    sad = token(made, "sad")

    def spoiled(ids, encoded):
        if (ids == sad).any():
            encoded.heads["sentiment"] = spoil(encoded.heads["sentiment"])
        return encoded

    scorer, _ = troubled(made, spoiled)
    scores = scorer.score(TEXTS)
    assert [score.failed for score in scores] == [text.startswith("sad") for text in TEXTS]


def test_memory_that_runs_out_halves_the_batches_and_is_remembered(made: Scorer) -> None:
    def spoil(ids, encoded):
        if ids.size > 40:
            raise OutOfMemory
        return encoded

    texts = [f"happy cat {word}" for word in ("the", "on", "at", "ten", "flood", "road", "not", "a", "glad", "sad")]
    scorer, encoder = troubled(made, spoil, token_budget=200, cache_size=0)
    assert [score.sentiment for score in scorer.score(texts)] == [score.sentiment for score in made.score(texts)]
    assert scorer.counted.halvings >= 1
    assert scorer.token_budget <= 40
    encoder.shapes.clear()
    scorer.score(texts)
    assert all(rows * width <= 40 for rows, width in encoder.shapes)


def test_memory_that_does_not_do_for_one_text_is_told(made: Scorer) -> None:
    def spoil(ids, encoded):
        raise OutOfMemory("nothing is left")

    with pytest.raises(OutOfMemory, match="nothing is left"):
        troubled(made, spoil)[0].score(["happy"])


def test_warming_up_runs_the_widest_batch_and_leaves_no_trace(made: Scorer) -> None:
    scorer, encoder = troubled(made, as_it_is, token_budget=640)
    scorer.warm_up()
    assert (640 // MAX_TOKENS, MAX_TOKENS) in encoder.shapes
    assert scorer.counted.fresh == scorer.counted.failed == 0


def test_hits_are_counted_by_kind(made: Scorer) -> None:
    scorer, _ = troubled(made, as_it_is)
    scorer.score(["happy 12", "happy 12", "sad"])
    scorer.score(["happy 34", "sad", "glad"])
    assert (scorer.counted.remembered, scorer.counted.fresh) == (2, 4)


class Exhausted:
    """A session that fails as ONNX Runtime does; with what its arena and CUDA say when memory runs out."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_inputs(self) -> list[object]:
        return []

    def run(self, outputs, fed):
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        Fail("[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned while running Cast node. Status Message: "
             "bfc_arena.cc:360 Failed to allocate memory for requested buffer of size 235929600"),
        RuntimeException("CUDA failure 2: out of memory ; GPU=0"),
        RuntimeError("std::bad_alloc"),
        MemoryError(),
    ],
    ids=["arena", "cuda", "heap", "python"],
)  # fmt: skip
def test_memory_that_ran_out_is_told_from_other_errors(made: Scorer, error: Exception) -> None:
    ids = np.ones((1, 4), np.int64)
    with pytest.raises(OutOfMemory):
        OnnxEncoder(Exhausted(error), "cpu", made.heads, "embedding", bound=False).encode(ids, ids)
    broken = OnnxEncoder(Exhausted(Fail("INVALID_GRAPH")), "cpu", made.heads, "embedding", bound=False)
    with pytest.raises(Fail, match="INVALID_GRAPH"):
        broken.encode(ids, ids)


def test_bound_outputs_are_those_of_a_plain_run(made: Scorer) -> None:
    plain = made.encoder
    bound = OnnxEncoder(plain._session, "cpu", plain.heads, "embedding", bound=True)
    ids = np.array([made.tokenizer.tokens(["happy cat"])[0].ids], np.int64)
    for ours, theirs in zip(bound.encode(ids, np.ones_like(ids)), plain.encode(ids, np.ones_like(ids)), strict=True):
        if isinstance(ours, dict):
            assert all((values == theirs[name]).all() for name, values in ours.items())
        else:
            assert (ours == theirs).all()
