"""Whether a model says the same on CUDA and TensorRT as on the CPU, how fast it is there, and how soon it is warm."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace

from agents.adapters.model_folder import ModelError
from agents.adapters.model_probe import TOLERANCE, ProbeFailed
from agents.judging import likeliest, matrix_of
from agents.settings import Settings
from agents.startup import make_scorer
from streams.scoring import Head, Score, is_blank

PROVIDERS: Final = ("cpu", "cuda", "tensorrt")
_ALIKE: Final = 0.99
"""Least share of texts with the same label, and least cosine of embeddings: other arithmetic rounds otherwise."""


class Parity(msgspec.Struct, frozen=True, kw_only=True):
    """How alike two scores of the same texts are.

    `difference` is the largest of any probability; `same_labels` the share of texts with the same likeliest label, of
    the head with the lowest; `cosine` the lowest of two embeddings of a text, None where a model has none.
    """

    difference: float
    same_labels: float
    cosine: float | None

    @property
    def agrees(self) -> bool:
        """Whether rounding can be all of it."""
        cosine = 1.0 if self.cosine is None else self.cosine
        return self.difference <= TOLERANCE and self.same_labels >= _ALIKE and cosine >= _ALIKE


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A model on a provider: seconds until it was loaded and warm, its speed, and its parity with the CPU.

    What is None was not measured, and `not_measured` says why; `wrong` says why a model that was loaded is of no use.
    """

    model: str
    provider: str
    warm_s: float | None = None
    posts_per_second: float | None = None
    parity: Parity | None = None
    not_measured: str = ""
    wrong: str = ""

    @property
    def fails(self) -> bool:
        """Whether it ran and must not be used."""
        return bool(self.wrong) or (self.parity is not None and not self.parity.agrees)


def check(
    settings: Settings, models: Sequence[str], texts: Sequence[str], seconds: float, on_run: Callable[[], None]
) -> list[Checked]:
    """Run each model on each provider, the CPU first.

    Args:
        settings: those of the workers; their encoder and provider are not used.
        models: names.
        texts: of posts, each once.
        seconds: how long each scores at least; all texts are scored once at least.
        on_run: told after each.
    """
    found = []
    read = [text for text in texts if not is_blank(text)]
    for model in models:
        reference: list[Score] | None = None
        for provider in PROVIDERS:
            chosen = settings.model_copy(update={"encoder": model, "provider": provider, "score_cache": 0})
            one, scores = _checked(chosen, read, seconds, reference)
            found.append(one)
            reference = scores if provider == "cpu" else reference
            on_run()
    return found


def parity(heads: Sequence[Head], ours: Sequence[Score], theirs: Sequence[Score]) -> Parity:
    """Compare scores of the same texts; one that failed on one side alone differs wholly."""
    told = [pair for pair in zip(ours, theirs, strict=True) if not (pair[0].failed and pair[1].failed)]
    fine = [pair for pair in told if not (pair[0].failed or pair[1].failed)]
    one, other = [a for a, _ in fine], [b for _, b in fine]
    difference, same = 0.0 if len(fine) == len(told) else 1.0, len(told)
    for head in heads:
        apart = np.abs(matrix_of(head, one) - matrix_of(head, other))
        difference = max(difference, float(apart.max(initial=0.0)))
        same = min(same, int((likeliest(head, one) == likeliest(head, other)).sum()))
    vectors = [[score.embedding for score in side if score.embedding is not None] for side in (one, other)]
    cosine = None
    if fine and all(len(side) == len(fine) for side in vectors):
        first, second = (np.array(side, np.float32) for side in vectors)
        cosine = float((first * second).sum(axis=1).min())
    return Parity(difference=difference, same_labels=same / max(len(told), 1), cosine=cosine)


def _checked(
    settings: Settings, texts: Sequence[str], seconds: float, reference: list[Score] | None
) -> tuple[Checked, list[Score] | None]:
    none = Checked(model=settings.encoder, provider=settings.provider)
    try:
        began = time.perf_counter()
        scorer = make_scorer(settings)
        assert scorer is not None, "a model is named"
        scorer.warm_up()
        warm_s = time.perf_counter() - began
        began, passes = time.perf_counter(), 0
        while not passes or time.perf_counter() - began < seconds:
            scores = scorer.score(texts)
            passes += 1
        rate = passes * len(texts) / (time.perf_counter() - began)
    except ProbeFailed as error:
        return replace(none, wrong=str(error)), None
    except ModelError as error:
        return replace(none, not_measured=str(error)), None
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors have no nearer base
        return replace(none, wrong=" ".join(str(error).split())[:300]), None
    compared = None if reference is None else parity(scorer.heads, scores, reference)
    return replace(none, warm_s=warm_s, posts_per_second=rate, parity=compared), scores
