"""What the encoder has to say about a text."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from streams.scoring.encoder import Encoded
from streams.scoring.heads import KNOWN, NEUTRAL, YES_OR_NO, Head

EMPTY: Final = "empty_text"
"""Flag: there was nothing to read, so the score is neutral by definition."""

TRUNCATED: Final = "truncated"
"""Flag: only the beginning of the text was read."""

FAILED: Final = "score_failed"
"""Flag: the model gave no finite numbers for this text, so it has no score."""

_DECIMALS: Final = 4


class Score(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """The score of one text. What the model in use has no head for is None, and all is None if it failed on the text.

    Probabilities have 4 decimals. `sentiment` and `emotion` map label to probability; `irony`, `offensive` and `hate`
    are the probability of that. `heads` has the operator's own heads, label to probability each. `embedding` is a
    float16 vector of length 1.
    """

    sentiment: dict[str, float] | None = None
    emotion: dict[str, float] | None = None
    irony: float | None = None
    offensive: float | None = None
    hate: float | None = None
    heads: dict[str, dict[str, float]] | None = None
    embedding: npt.NDArray[np.float16] | None = None
    flags: tuple[str, ...] = ()

    @property
    def truncated(self) -> bool:
        """Whether only the beginning of the text was read."""
        return TRUNCATED in self.flags

    @property
    def failed(self) -> bool:
        """Whether the model gave no finite numbers."""
        return FAILED in self.flags

    def published(self) -> dict[str, Any]:
        """Return what others are told of it, by field: all but the embedding."""
        return {field: getattr(self, field) for field in self.__struct_fields__ if field != "embedding"}

    def of(self, head: str) -> dict[str, float] | None:
        """Return what a head says, label to probability, also for one with a single label."""
        if head in YES_OR_NO:
            found = getattr(self, head)
            return None if found is None else {head: found}
        known: dict[str, float] | None = getattr(self, head) if head in KNOWN else (self.heads or {}).get(head)
        return known


FAILURE: Final = Score(flags=(FAILED,))
"""The score of a text on which the model failed."""


def neutral_score(heads: Sequence[Head]) -> Score:
    """Return the score of a text without words: neutral, and nothing else; heads without a neutral label are silent."""
    told = {
        head.name: [[float(label == NEUTRAL) for label in head.labels]]
        for head in heads
        if NEUTRAL in head.labels or head.name in YES_OR_NO
    }
    return Score(**_fields([head for head in heads if head.name in told], told, 0), flags=(EMPTY,))


def scores_of(encoded: Encoded, heads: Sequence[Head], truncated: Sequence[bool]) -> list[Score]:
    """Return the scores that the rows of an encoder's output stand for.

    Args:
        heads: those of the encoder.
        truncated: for each row, whether its text was longer than what was encoded.
    """
    fine = np.ones(len(truncated), bool)
    for values in (*encoded.heads.values(), *(() if encoded.embedding is None else (encoded.embedding,))):
        fine &= np.isfinite(values).all(axis=1)
    told = {name: np.round(values.astype(np.float64), _DECIMALS).tolist() for name, values in encoded.heads.items()}
    scores = []
    for row, (whole, cut) in enumerate(zip(fine.tolist(), truncated, strict=True)):
        if not whole:
            scores.append(FAILURE)
            continue
        # A vector of its own: a view would keep the whole batch alive in the cache.
        vector = None if encoded.embedding is None else encoded.embedding[row].astype(np.float16)
        scores.append(Score(**_fields(heads, told, row), embedding=vector, flags=(TRUNCATED,) if cut else ()))
    return scores


def _fields(heads: Sequence[Head], told: Mapping[str, list[list[float]]], row: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    own: dict[str, dict[str, float]] = {}
    for head in heads:
        values = told[head.name][row]
        if head.name in YES_OR_NO:
            fields[head.name] = values[0]
        else:
            (fields if head.name in KNOWN else own)[head.name] = dict(zip(head.labels, values, strict=True))
    if own:
        fields["heads"] = own
    return fields
