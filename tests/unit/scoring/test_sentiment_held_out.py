"""The manifest's figures hold on labelled posts that no training step saw."""

import gzip
import json
from hashlib import sha256
from pathlib import Path

import pytest

from agents.adapters.model_folder import read_manifest
from streams.intake import clean
from tests.unit.scoring.conftest import FOLDER

pytestmark = pytest.mark.data

LABELS = Path(__file__).parents[4] / "shared" / "data" / "labels"
TEXTS = 600


def held_out(language: str) -> list[tuple[str, str]]:
    """Return (text, label) of the first held-out posts, split as the recipes split."""
    path = LABELS / f"sentiment-{language}.train.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path} is not here: the figures cannot be checked")
    chosen: list[tuple[str, str]] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)
            text = clean(item["text"], max_chars=20_000).text
            if text and int.from_bytes(sha256(text.encode()).digest()[:4], "big") < 0.1 * 2**32:
                chosen.append((text, item["label"]))
            if len(chosen) == TEXTS:
                break
    return chosen


def test_english_macro_recall_is_what_the_manifest_says(make_scorer) -> None:
    chosen = held_out("en")
    scores = make_scorer(token_budget=4096).score([text for text, _ in chosen])
    recalls = []
    for label in ("negative", "neutral", "positive"):
        own = [score.sentiment for score, (_, given) in zip(scores, chosen, strict=True) if given == label]
        recalls.append(sum(max(found, key=found.get) == label for found in own) / len(own))
    # 600 posts: three standard errors are about six points.
    assert sum(recalls) / 3 > read_manifest(FOLDER).figures["macro_recall_en"] - 0.06


def test_chinese_accuracy_is_what_the_manifest_says(make_scorer) -> None:
    chosen = held_out("zh")
    scores = make_scorer(token_budget=4096).score([text for text, _ in chosen])
    right = [
        (score.sentiment["positive"] > score.sentiment["negative"]) == (label == "positive")
        for score, (_, label) in zip(scores, chosen, strict=True)
    ]
    assert sum(right) / len(right) > read_manifest(FOLDER).figures["accuracy_zh"] - 0.06
