"""The texts that the recipes read, as the scorer will see them: cleaned by intake, and split by a hash."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from streams.intake.cleaning import clean
from streams.scoring.held_out import is_held_out

LABELS = ("negative", "neutral", "positive")
STREAMS = ("crises-en", "cascades-zh", "epidemic-zh")
TASKS = ("sentiment-en", "sentiment-zh", "emotion-en", "emotion-zh", "irony-en", "offensive-en")

_MAX_CHARS = 20_000


def lines(path: Path) -> Iterator[dict[str, str]]:
    """Yield the objects of a gzip JSON Lines file.

    Raises:
        SystemExit: the file is not there.
    """
    if not path.is_file():
        raise SystemExit(f"{path} is missing: --data names the folder with labels/, streams/ and hot-lists/")
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for line in handle:
            yield json.loads(line)


def cleaned(text: str) -> str:
    """Return a text as intake hands it to the scorer: without emoticon tags, addresses and names of users."""
    return clean(text, max_chars=_MAX_CHARS).text


def all_texts(data: Path) -> Iterator[str]:
    """Yield every text there is, labelled or not: what the vocabulary is counted on."""
    for name in STREAMS:
        for item in lines(data / "streams" / f"{name}.jsonl.gz"):
            yield cleaned(item["text"])
    for name in TASKS:
        for item in lines(data / "labels" / f"{name}.train.jsonl.gz"):
            yield cleaned(item["text"])
    for item in lines(data / "hot-lists" / "weibo-daily-titles.jsonl.gz"):
        yield item["title"]


def sentiment(data: Path, language: str, *, held_out: bool) -> tuple[list[str], list[int]]:
    """Return cleaned texts and the numbers of their labels, either the training part or the held-out part.

    A text goes by the hash of what is left after cleaning, so copies of a text stay on one side.

    Args:
        language: "en", three labels, or "zh", which has no neutral texts.
    """
    texts, labels = [], []
    for item in lines(data / "labels" / f"sentiment-{language}.train.jsonl.gz"):
        text = cleaned(item["text"])
        if text and is_held_out(text) == held_out:
            texts.append(text)
            labels.append(LABELS.index(item["label"]))
    return texts, labels
