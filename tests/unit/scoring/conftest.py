"""The real model, loaded once: what is tested here is what runs."""

import pytest

from agents.adapters.onnx import load_scorer
from streams.scoring import Scorer
from tests.shipped import FOLDER


@pytest.fixture(scope="session")
def loaded() -> Scorer:
    return load_scorer(FOLDER, provider="cpu", threads=1, token_budget=1024, cache_size=0)


@pytest.fixture
def make_scorer(loaded: Scorer):
    """Return a function that makes a scorer over the loaded model with limits of its own."""

    def make(*, token_budget: int = 1024, cache_size: int = 0, encoder: object = None) -> Scorer:
        chosen = encoder or loaded.encoder
        return Scorer(chosen, loaded.tokenizer, loaded.model, token_budget=token_budget, cache_size=cache_size)

    return make
