"""What the encoder has to say about a text."""

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

LABELS: Final = ("negative", "neutral", "positive")
"""Labels of sentiment, in the order in which a model gives them."""

EMPTY: Final = "empty_text"
"""Flag: there was nothing to read, so the score is neutral by definition."""

TRUNCATED: Final = "truncated"
"""Flag: only the beginning of the text was read."""

FAILED: Final = "score_failed"
"""Flag: the model gave no finite numbers for this text, so it has no score."""

_DECIMALS: Final = 4


class Score(msgspec.Struct, frozen=True, eq=False):
    """The score of one text.

    `sentiment` maps label to probability (4 decimals) and is None if the model failed on the text. `embedding` is a
    float16 vector of length 1, None where there is none.
    """

    sentiment: dict[str, float] | None
    embedding: npt.NDArray[np.float16] | None = None
    flags: tuple[str, ...] = ()

    @property
    def truncated(self) -> bool:
        """Whether only the beginning of the text was read."""
        return TRUNCATED in self.flags


def neutral_score() -> Score:
    """Return the score of a text without words."""
    return Score({label: float(label == "neutral") for label in LABELS}, None, (EMPTY,))


def score_of(sentiment: npt.NDArray[np.float32], embedding: npt.NDArray[np.float32], *, truncated: bool) -> Score:
    """Return the score that a row of an encoder's output stands for.

    Args:
        sentiment: [labels], probabilities in the order of `LABELS`.
        embedding: [hidden].
    """
    if not (np.isfinite(sentiment).all() and np.isfinite(embedding).all()):
        return Score(None, None, (FAILED,))
    rounded = (round(value, _DECIMALS) for value in sentiment.tolist())
    # A row of its own: a view would keep the whole batch alive in the cache.
    vector = embedding.astype(np.float16)
    return Score(dict(zip(LABELS, rounded, strict=True)), vector, (TRUNCATED,) if truncated else ())
