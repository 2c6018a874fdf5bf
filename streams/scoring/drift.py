"""Notices when the model's scores are no longer what they were: new slang, another source, a broken feed.

Three signals by language: the confidence of the mood, the share of each mood, and how far texts are from the middle of
the first ones. ADWIN (Bifet and Gavaldà, 2007) keeps as long a window of values as has one mean, and tells when it must
be cut.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from streams.scoring.heads import LABELS
from streams.scoring.score import Score

if TYPE_CHECKING:
    from river.drift import ADWIN

LANGUAGES: Final = ("en", "zh", "other")
CONFIDENCE: Final = "confidence"
SHARE: Final = "share"
DISTANCE: Final = "distance"
SIGNALS: Final = (CONFIDENCE, SHARE, DISTANCE)

MIDDLE_OF: Final = 500
"""Texts of a language whose embeddings make its middle; before, there is no distance."""
_DELTA: Final = 1e-4
"""Probability of a false cut, as ADWIN bounds it: under constant scores about one in ten thousand looks."""


class ScoreDrift:
    """Watches scores. Kept in memory only, from the worker's start."""

    def __init__(self) -> None:
        self._languages = {lang: _Language() for lang in LANGUAGES}

    def update(self, lang: str, score: Score) -> tuple[str, list[str]]:
        """Take in a score; return which of `LANGUAGES` it counts for, and which `SIGNALS` drifted with it."""
        name = lang if lang in self._languages else "other"
        return name, [] if score.flags else self._languages[name].update(score)

    def confidence(self, lang: str) -> float | None:
        """Return the mean confidence over the present window of a language, None before the first score."""
        return _mean(self._languages[lang].confidence)

    def share(self, lang: str, label: str) -> float | None:
        """Return the share of a mood over its present window."""
        return _mean(self._languages[lang].shares[label])

    def distance(self, lang: str) -> float | None:
        """Return the mean distance (1 - cosine) from the language's middle over the present window."""
        return _mean(self._languages[lang].distance)


class _Language:
    def __init__(self) -> None:
        # It takes seconds to import, and programs that only name the languages must not pay for it.
        from river.drift import ADWIN

        self.confidence = ADWIN(delta=_DELTA)
        self.shares = {label: ADWIN(delta=_DELTA) for label in LABELS}
        self.distance = ADWIN(delta=_DELTA)
        self._sum: npt.NDArray[np.float64] | None = None
        self._summed = 0
        self._middle: npt.NDArray[np.float32] | None = None

    def update(self, score: Score) -> list[str]:
        drifted = []
        if score.sentiment:
            label = max(score.sentiment, key=score.sentiment.__getitem__)
            if _drifts(self.confidence, score.sentiment[label]):
                drifted.append(CONFIDENCE)
            # Each window must see the score, so all of them are asked before any answer counts.
            moved = [_drifts(window, float(name == label)) for name, window in self.shares.items()]
            if any(moved):
                drifted.append(SHARE)
        if score.embedding is not None and self._moved(score.embedding):
            drifted.append(DISTANCE)
        return drifted

    def _moved(self, embedding: npt.NDArray[np.float16]) -> bool:
        if self._middle is not None:
            likeness = float(self._middle @ embedding.astype(np.float32))
            return _drifts(self.distance, 1 - likeness)
        self._sum = embedding.astype(np.float64) if self._sum is None else self._sum + embedding
        self._summed += 1
        if self._summed == MIDDLE_OF:
            self._middle = (self._sum / max(float(np.linalg.norm(self._sum)), 1e-9)).astype(np.float32)
        return False


def _drifts(window: "ADWIN", value: float) -> bool:
    window.update(value)
    return bool(window.drift_detected)


def _mean(window: "ADWIN") -> float | None:
    return window.estimation if window.width else None
