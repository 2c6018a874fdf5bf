"""The texts that the recipes read, as the scorer will see them: cleaned by intake, and split into two parts.

Training sees no text of the held-out part of any task, labelled or not, in whichever file it stands again.
"""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from exported_models.recipes.tasks import TASKS, Task, head_of
from streams.intake.cleaning import clean
from streams.scoring.held_out import is_held_out

STREAMS = ("crises-en", "cascades-zh", "epidemic-zh")
_MAX_CHARS = 20_000


class Labelled(NamedTuple):
    """Cleaned texts and the numbers of their head's labels; for a sigmoid head 1 is its label and 0 its absence."""

    texts: list[str]
    labels: list[int]


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
    for task in TASKS:
        for item in lines(data / "labels" / f"{task.name}.train.jsonl.gz"):
            yield cleaned(item["text"])
    for item in lines(data / "hot-lists" / "weibo-daily-titles.jsonl.gz"):
        yield item["title"]


def held_out(data: Path, task: Task) -> Labelled:
    """Return the part of a task that no training step sees; a text that cleaning leaves empty is in neither part."""
    name = f"{task.name}.{'val' if task.validation else 'train'}.jsonl.gz"
    return _labelled(
        task, (item for item in _cleaned_lines(data / "labels" / name) if task.validation or is_held_out(item[0]))
    )


def training(data: Path, task: Task) -> Labelled:
    """Return the part of a task to learn from."""
    forbidden = held_out_texts(data)
    found = _cleaned_lines(data / "labels" / f"{task.name}.train.jsonl.gz")
    return _labelled(task, (item for item in found if item[0] not in forbidden))


@cache
def held_out_texts(data: Path) -> frozenset[str]:
    """Return the texts of the held-out parts of all tasks."""
    return frozenset(text for task in TASKS for text in held_out(data, task).texts)


def unlabelled(data: Path, name: str) -> list[str]:
    """Return the different texts of a stream's original posts, without those of the held-out parts, in their order."""
    forbidden = held_out_texts(data)
    found = (
        cleaned(item["text"]) for item in lines(data / "streams" / f"{name}.jsonl.gz") if not item.get("repost_of")
    )
    return [text for text in dict.fromkeys(found) if text and text not in forbidden]


def _cleaned_lines(path: Path) -> Iterator[tuple[str, str]]:
    for item in lines(path):
        text = cleaned(item["text"])
        if text:
            yield text, item["label"]


def _labelled(task: Task, items: Iterator[tuple[str, str]]) -> Labelled:
    head = head_of(task.head)
    texts, labels = [], []
    for text, given in items:
        label = task.labels[given]
        texts.append(text)
        labels.append(int(label is not None) if head.kind == "sigmoid" else head.labels.index(str(label)))
    return Labelled(texts, labels)
