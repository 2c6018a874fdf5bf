"""The manifest's figures hold on labelled posts that no training step saw, for every task."""

from pathlib import Path

import pytest

from agents.adapters.model_folder import read_manifest
from agents.adapters.onnx import load_scorer
from agents.judging import judged, scores_of
from agents.labelled import read_all
from tests.shipped import FOLDER

pytestmark = [pytest.mark.data, pytest.mark.timeout(600)]

LABELS = Path(__file__).parents[3] / "shared" / "data" / "labels"
TEXTS = 400


def test_figures_are_what_the_manifest_says() -> None:
    if not LABELS.is_dir():
        pytest.skip(f"{LABELS} is not here: the figures cannot be checked")
    told = read_manifest(FOLDER).figures
    scorer = load_scorer(FOLDER, provider="cpu", threads=0, token_budget=4096, cache_size=0)
    sets = read_all(LABELS, [head.name for head in scorer.heads], most=TEXTS)
    found = judged(scorer, sets, scores_of(scorer, sets, lambda _: None))
    assert {one.task for one in found} == {name for name in told if f"{name}.texts" in told}
    # The first texts only, so their own interval and that of the manifest must meet.
    assert [one.task for one in found if one.high < told[f"{one.task}.low"] or one.low > told[f"{one.task}.high"]] == []
