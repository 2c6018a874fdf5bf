"""Notices when the model's scores are no longer what they were: new slang, another source, a broken feed.

ADWIN (Bifet and Gavaldà, 2007) keeps as long a window of confidences as has one mean, and tells when it must be cut.
"""

from typing import Final

from streams.scoring.score import Score

LANGUAGES: Final = ("en", "zh", "other")
_DELTA: Final = 1e-4
"""Probability of a false cut, as ADWIN bounds it: under constant scores about one in ten thousand looks."""


class ConfidenceDrift:
    """Confidence by language: the probability of the likeliest mood. Kept in memory only, from the worker's start."""

    def __init__(self) -> None:
        # It takes seconds to import, and programs that only name the languages must not pay for it.
        from river.drift import ADWIN

        self._windows = {lang: ADWIN(delta=_DELTA) for lang in LANGUAGES}

    def update(self, lang: str, score: Score) -> str | None:
        """Take in a score; return the language of `LANGUAGES` whose confidence has drifted with it, else None."""
        if not score.sentiment or score.flags:
            return None
        name = lang if lang in self._windows else "other"
        window = self._windows[name]
        window.update(max(score.sentiment.values()))
        return name if window.drift_detected else None

    def mean(self, lang: str) -> float | None:
        """Return the mean confidence of the present window of a language, None before the first score."""
        window = self._windows[lang]
        return window.estimation if window.width else None
