"""How good a head is on texts whose labels are known: its figure, how sure that is, whether its confidence is right.

A data set may know fewer labels than the head has; then the largest probability among those it knows decides, and
probabilities are shares of their sum. Which figure counts follows what is published for the task.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from streams.scoring.heads import YES_OR_NO, Head

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

NOT: Final = "not"
"""What a data set calls a text that is not what a head with one label looks for."""

_BINS: Final = 15
_RESAMPLES: Final = 2000
_SEED: Final = 7


class UnknownLabel(ValueError):
    """A label of a data set that the head does not have."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A head on a data set.

    `figure` names `value`; (`low`, `high`) holds it with 95 % by bootstrap. `calibration_error` is the mean distance
    between confidence and share of right answers, over 15 equal steps of confidence. `confusion[i][j]` counts texts
    with label i that were given label j, in the order of `labels`.
    """

    task: str
    texts: int
    figure: str
    value: float
    low: float
    high: float
    calibration_error: float
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]


def labels_of(head: Head) -> tuple[str, ...]:
    """Return the labels by which a head is judged: one that looks for one thing also says that it is not there."""
    return (*head.labels, NOT) if len(head.labels) == 1 else head.labels


def choice(head: Head, probabilities: npt.NDArray[np.float32], known: Sequence[str]) -> Floats:
    """Return the probabilities [texts, known] among the labels that a data set knows, summing to 1.

    Raises:
        UnknownLabel: the head has no such label.
    """
    values = probabilities.astype(np.float64)
    if len(head.labels) == 1:
        values = np.concatenate([values, 1 - values], axis=1)
    own = labels_of(head)
    missing = [label for label in known if label not in own]
    if missing:
        raise UnknownLabel(f"head {head.name} has the labels {', '.join(own)}, not {', '.join(missing)}")
    chosen = values[:, [own.index(label) for label in known]] + 1e-9
    shares: Floats = chosen / chosen.sum(axis=1, keepdims=True)
    return shares


def judge(task: str, head: Head, probabilities: npt.NDArray[np.float32], truth: Sequence[str]) -> Judged:
    """Judge a head.

    Args:
        task: name of the data set, `HEAD-LANG` for those that are published.
        probabilities: [texts, labels] as the head gave them.
        truth: the label of each text.

    Raises:
        UnknownLabel: a label of the data set is none of the head's.
    """
    known = tuple(label for label in labels_of(head) if label in set(truth)) + tuple(
        sorted(set(truth) - set(labels_of(head)))
    )
    shares = choice(head, probabilities, known)
    numbers = np.array([known.index(label) for label in truth])
    given = shares.argmax(axis=1)
    confusion = np.zeros((len(known), len(known)), np.int64)
    np.add.at(confusion, (numbers, given), 1)
    figure = _figure_of(task, head)
    low, high = interval(confusion, figure)
    return Judged(
        task=task,
        texts=len(truth),
        figure=figure,
        value=float(figures(confusion[None], figure)[0]),
        low=low,
        high=high,
        calibration_error=calibration_error(shares.max(axis=1), given == numbers),
        labels=known,
        confusion=tuple(tuple(row) for row in confusion.tolist()),
    )


def _figure_of(task: str, head: Head) -> str:
    if head.name == "sentiment":
        return "accuracy" if task.endswith("-zh") else "macro recall"
    return f"F1 of {head.labels[0]}" if head.name == YES_OR_NO[0] else "macro F1"


def figures(confusions: Counts, figure: str) -> Floats:
    """Return a figure of each of several confusion matrices [matrices, true, given].

    A label that no text has and none was given counts for nothing in a mean over labels.
    """
    right = np.diagonal(confusions, axis1=1, axis2=2).astype(np.float64)
    true, given = confusions.sum(axis=2), confusions.sum(axis=1)
    found: Floats
    if figure == "accuracy":
        found = right.sum(axis=1) / np.maximum(true.sum(axis=1), 1)
    elif figure == "macro recall":
        found = _mean(right / np.maximum(true, 1), true > 0)
    else:
        f1 = 2 * right / np.maximum(true + given, 1)
        found = _mean(f1, true + given > 0) if figure == "macro F1" else f1[:, 0]
    return found


def _mean(values: Floats, counted: npt.NDArray[np.bool_]) -> Floats:
    found: Floats = (values * counted).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    return found


def interval(confusion: Counts, figure: str) -> tuple[float, float]:
    """Return the 95 % percentile interval of a figure by bootstrap over texts (Efron 1979).

    To draw texts with replacement and count pairs of labels is to draw the counts from a multinomial.
    """
    count = int(confusion.sum())
    if not count:
        return 0.0, 0.0
    drawn = np.random.default_rng(_SEED).multinomial(count, confusion.ravel() / count, _RESAMPLES)
    found = figures(drawn.reshape(_RESAMPLES, *confusion.shape), figure)
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Return the expected calibration error (Naeini et al. 2015) over `_BINS` equal steps of confidence."""
    if not len(confidence):
        return 0.0
    places = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    sums = np.bincount(places, confidence - right, _BINS)
    return float(np.abs(sums).sum() / len(confidence))


def neighbours_kept(ours: npt.NDArray[np.float32], theirs: npt.NDArray[np.float32], count: int = 10) -> float:
    """Return which share of each text's `count` nearest in one embedding are among those in another.

    Args:
        ours, theirs: [texts, …] of length 1, a row a text; their widths may differ.
    """
    shares = [
        len(np.intersect1d(a, b)) / count for a, b in zip(_nearest(ours, count), _nearest(theirs, count), strict=True)
    ]
    return float(np.mean(shares))


def _nearest(vectors: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.int64]:
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -np.inf)
    nearest: npt.NDArray[np.int64] = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    return nearest
