"""The weights of the signs and the threshold, fitted on the tuning questions by `redian ask --tune`."""

from typing import Final

from streams.support.finding import Weights

DECLINED: Final = 0.95
"""Share of the unanswerable tuning questions that must fall below the threshold."""

WEIGHTS: Final = Weights(
    intercept=-9.974,
    passage=3.65,
    title=4.25,
    nearest=4.542,
    matched=7.482,
    worst=1.622,
    asked=-1.64,
    fit=3.66,
    threshold=0.513,
)
