"""The heads of the model, and which data set teaches which labels of which head.

A head has one label set for both languages. A data set that lacks some of its labels says nothing about them: its loss
and its figures are over the labels that it has.
"""

from typing import Final, Literal, NamedTuple

from streams.scoring.heads import KNOWN, YES_OR_NO, Head

Measure = Literal["macro recall", "macro F1", "F1", "accuracy"]


class Task(NamedTuple):
    """A data set: what its labels are called here, and how it takes part in training.

    `labels[x]` is the head's label for the data's label x, or None where x is the absence of a sigmoid head's label.
    `repeats` says how often a text is seen in one epoch. `validation` tasks have a file of their own that is held out;
    of the others a tenth is, by hash.
    """

    name: str
    head: str
    language: str
    labels: dict[str, str | None]
    repeats: float
    validation: bool
    measure: Measure


HEADS: Final = tuple(
    Head(
        name=name,
        kind="sigmoid" if name in YES_OR_NO else "softmax",
        labels=labels,
        probabilities=name,
        contributions=f"{name}_tokens",
        bias=(0.0,) * len(labels),
    )
    for name, labels in KNOWN.items()
)


def _same(*labels: str) -> dict[str, str | None]:
    return {label: label for label in labels}


TASKS: Final = (
    Task("sentiment-en", "sentiment", "en", _same("negative", "neutral", "positive"), 1, False, "macro recall"),
    Task("sentiment-zh", "sentiment", "zh", _same("negative", "positive"), 2, False, "accuracy"),
    Task("emotion-en", "emotion", "en", _same("anger", "joy", "optimism", "sadness"), 4, True, "macro F1"),
    Task(
        "emotion-zh", "emotion", "zh", _same("anger", "joy", "sadness", "fear", "surprise", "neutral"),
        2, False, "macro F1",
    ),
    Task("irony-en", "irony", "en", {"irony": "irony", "not": None}, 3, True, "F1"),
    Task("offensive-en", "offensive", "en", {"offensive": "offensive", "not": None}, 1, True, "macro F1"),
    Task("hate-en", "hate", "en", {"hate": "hate", "not": None}, 1, True, "macro F1"),
)  # fmt: skip


def head_of(name: str) -> Head:
    """Return a head by its name."""
    return next(head for head in HEADS if head.name == name)


COLUMNS: Final = tuple((head.name, label) for head in HEADS for label in head.labels)
"""The logits of all heads side by side, as the model in training has them."""


def columns_of(head: Head) -> list[int]:
    """Return the places of a head's labels among `COLUMNS`."""
    return [number for number, (name, _) in enumerate(COLUMNS) if name == head.name]
