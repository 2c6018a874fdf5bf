"""The weights of the signs and the threshold, fitted on the tuning questions by `redian ask --tune`."""

from typing import Final

from streams.support.finding import Weights

DECLINED: Final = 0.9
"""Share of the unanswerable tuning questions that must fall below the threshold."""

WEIGHTS: Final = Weights(
    intercept=-10.015,
    passage=2.704,
    title=3.418,
    nearest=1.461,
    shared=1.667,
    matched=9.3,
    worst=1.386,
    asked=-1.683,
    fit=3.72,
    threshold=0.487,
)
