"""The shipped encoder, loaded once for the tests that need meanings."""

import pytest

from agents.adapters.onnx import load_scorer
from streams.support.meaning import Meaning, embedding_with
from tests.shipped import FOLDER


@pytest.fixture(scope="session")
def meaning() -> Meaning:
    """Meanings by the shipped encoder."""
    scorer = load_scorer(FOLDER, provider="cpu", threads=0, token_budget=4096, cache_size=50_000)
    return Meaning(embedding_with(scorer))
