"""Labelled texts in JSON Lines, `{"text", "label"}`, cleaned as intake cleans: what models are judged by."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from agents.errors import RedianError
from agents.files import lines_of
from streams.intake.cleaning import clean
from streams.scoring import KNOWN
from streams.scoring.held_out import is_held_out

_MAX_CHARS: Final = 20_000
_ORDER: Final = tuple(KNOWN)


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """A data set. `head` is which head it is about; `left_out` counts lines without a text after cleaning."""

    task: str
    head: str
    texts: list[str]
    labels: list[str]
    left_out: int
    held_out: bool


class _Line(msgspec.Struct):
    text: str
    label: str


def task_of(path: Path) -> str:
    """Return the task that a file's name says: what stands before the first point, such as `sentiment-en`."""
    return path.name.split(".")[0]


def read_labelled(path: Path, task: str | None = None, *, held_out: bool = False, most: int = 0) -> Labelled:
    """Read a data set.

    Args:
        task: `HEAD-LANG` or `HEAD`, by the file's name if absent.
        held_out: take only texts that the recipes hold out.
        most: the first so many texts, 0 for all.

    Raises:
        UnreadableFile: see `agents.files`.
        RedianError: a line is not one of a data set, or there is none.
    """
    task = task or task_of(path)
    texts, labels, left_out = [], [], 0
    decoder = msgspec.json.Decoder(_Line)
    for number, raw in enumerate(lines_of(path), 1):
        if not raw.strip():
            continue
        try:
            line = decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RedianError(f'{path}, line {number}: not {{"text": …, "label": …}}: {error}') from None
        text = clean(line.text, max_chars=_MAX_CHARS).text
        if not text:
            left_out += 1
        elif not held_out or is_held_out(text):
            texts.append(text)
            labels.append(line.label)
        if most and len(texts) == most:
            break
    if not texts:
        raise RedianError(f"{path} has no labelled texts" + (" that are held out" if held_out else ""))
    return Labelled(
        task=task, head=task.split("-")[0], texts=texts, labels=labels, left_out=left_out, held_out=held_out
    )


def read_all(folder: Path, heads: Sequence[str], most: int = 0) -> list[Labelled]:
    """Read the held-out part of every task of a folder that a model has a head for.

    A file `TASK.val.jsonl.gz` is held out whole; of a task with `TASK.train.jsonl.gz` alone, the part by hash.

    Raises:
        RedianError: the folder has none, or as above.
    """
    paths = {task_of(path): path for end in ("train", "val") for path in sorted(folder.glob(f"*.{end}.jsonl*"))}
    wanted = [task for task in sorted(paths, key=_place) if task.split("-")[0] in heads]
    if not wanted:
        raise RedianError(f"{folder} has no labelled texts for the heads {', '.join(heads)}; name files, or --data")
    return [read_labelled(paths[task], held_out=".train." in paths[task].name, most=most) for task in wanted]


def _place(task: str) -> tuple[int, str]:
    head = task.split("-", maxsplit=1)[0]
    return (_ORDER.index(head) if head in _ORDER else len(_ORDER), task)
