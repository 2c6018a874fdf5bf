"""Runs models over labelled texts: how good each head is, and how alike two models are.

What the figures are is told in `streams/scoring/figures.py`.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from agents.errors import RedianError
from agents.labelled import Labelled
from streams.scoring import Head, Score, Scorer
from streams.scoring.figures import Judged, UnknownLabel, judge, neighbours_kept

_AT_ONCE: Final = 256
NEIGHBOURS_AMONG: Final = 2000
"""Texts among which neighbours are looked for."""

Scores = dict[str, list[Score]]
"""By task."""


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """How alike two models are. `agreement` is by head the share of texts with the same likeliest label.

    `neighbours` is which share of a text's ten nearest by one embedding are so by the other, `neighbours_centred` the
    same with the middle of the texts taken away; None where a model has no embedding.
    """

    texts: int
    agreement: dict[str, float]
    neighbours: float | None
    neighbours_centred: float | None


def scores_of(scorer: Scorer, sets: Sequence[Labelled], on_texts: Callable[[int], None]) -> Scores:
    """Return a model's scores of each data set; `on_texts` is told how many texts are done, now and then."""
    found: Scores = {}
    for labelled in sets:
        scores = found.setdefault(labelled.task, [])
        for begin in range(0, len(labelled.texts), _AT_ONCE):
            scores += scorer.score(labelled.texts[begin : begin + _AT_ONCE])
            on_texts(len(scores[begin:]))
    return found


def judged(scorer: Scorer, sets: Sequence[Labelled], scores: Scores) -> list[Judged]:
    """Return how good the scores are.

    Raises:
        RedianError: a data set is about a head that the model has not, or has labels that the head has not.
    """
    found = []
    heads = {head.name: head for head in scorer.heads}
    for labelled in sets:
        head = heads.get(labelled.head)
        if head is None:
            raise RedianError(
                f"model {scorer.model.name} has no head {labelled.head} (it has {', '.join(heads) or 'none'}); "
                "name the task with --task, such as --task sentiment-en"
            )
        told = [(score, label) for score, label in zip(scores[labelled.task], labelled.labels, strict=True)]
        fine = [(score, label) for score, label in told if score.of(head.name) is not None]
        try:
            found.append(
                judge(labelled.task, head, matrix_of(head, [score for score, _ in fine]), [label for _, label in fine])
            )
        except UnknownLabel as error:
            raise RedianError(f"{labelled.task}: {error}") from None
    return found


def likeness(ours: Scorer, theirs: Scorer, our_scores: Scores, their_scores: Scores) -> Likeness:
    """Compare what two models said of the same texts."""
    pairs = [
        (a, b)
        for task, scores in our_scores.items()
        for a, b in zip(scores, their_scores[task], strict=True)
        if not (a.failed or b.failed)
    ]
    others = {head.name: head.labels for head in theirs.heads}
    shared = [head for head in ours.heads if others.get(head.name) == head.labels]
    agreement = {}
    for head in shared:
        one, other = (likeliest(head, [pair[side] for pair in pairs]) for side in (0, 1))
        agreement[head.name] = float((one == other).mean()) if pairs else 0.0
    near: list[float | None] = [None, None]
    # Every so many, so that all tasks and languages are among them.
    some = pairs[:: max(len(pairs) // NEIGHBOURS_AMONG, 1)]
    vectors = [[pair[side].embedding for pair in some] for side in (0, 1)]
    if len(some) > 10 and all(vector is not None for side in vectors for vector in side):
        first, second = (np.array(side, np.float32) for side in vectors)
        near = [neighbours_kept(first, second), neighbours_kept(_centred(first), _centred(second))]
    return Likeness(texts=len(pairs), agreement=agreement, neighbours=near[0], neighbours_centred=near[1])


def matrix_of(head: Head, scores: Sequence[Score]) -> npt.NDArray[np.float32]:
    """Return probabilities [scores, labels of the head]; none of the scores has failed."""
    rows = [list((score.of(head.name) or {}).values()) for score in scores]
    return np.array(rows, np.float32).reshape(len(rows), len(head.labels))


def likeliest(head: Head, scores: Sequence[Score]) -> npt.NDArray[np.int64]:
    """Return the number of each score's likeliest label; of a head with one label, whether it is it."""
    values = matrix_of(head, scores)
    found: npt.NDArray[np.int64] = values.argmax(axis=1) if len(head.labels) > 1 else (values[:, 0] > 0.5).astype(int)
    return found


def _centred(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    moved = vectors - vectors.mean(axis=0)
    centred: npt.NDArray[np.float32] = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return centred
