"""What learning gained for a simulated reader: order of hotspots, their probabilities, and what muting kept from them.

Every figure is prequential: a hotspot counts with what was thought before anybody could judge it. Intervals are 95 %
percentiles of the bootstrap (Efron 1979) over hotspots, of the first ten over days.
"""

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from streams.evaluation import DAY_MS, poisson_interval
from streams.readers.trial import Trial

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int64]

FIRST: Final = 10
_LEAST_DAYS: Final = 3
_RESAMPLES: Final = 2_000
_SEED: Final = 7
_LATEST: Final = 20
"""Verdicts over which an error is a mean."""
_NEAR: Final = 0.05


class Gain(msgspec.Struct, frozen=True):
    """A figure before and after learning; (`low`, `high`) holds the difference with 95 %."""

    before: float
    after: float
    low: float
    high: float


class Returned(msgspec.Struct, frozen=True):
    """How a change of mind was followed, in verdicts on what was told after it.

    `error` was the mean distance of the twenty verdicts before it from what had been thought, `most` of the worst
    twenty after it; the learner began anew after `anew`; after `back` that mean was within 0.05 of `error`. Or never.
    """

    error: float
    most: float
    anew: int | None
    back: int | None


class Gained(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one reader.

    `ranked`: how likely of two hotspots of a day the relevant one ranks higher (area under the ROC curve). `first_ten`:
    share of relevant ones among the ten that rank highest, over days with more than ten. Both are None where there is
    nothing to put in order. `log_loss` and `brier` are of the probabilities, before: of the constant share of relevant
    ones, which nobody knows before the end. Of `muted` alerts `missed` were relevant: a rate a day in (`low`, `high`)
    with 95 %.
    """

    reader: str
    hotspots: int
    relevant: int
    verdicts: int
    ranked: Gain | None
    first_ten: Gain | None
    log_loss: Gain
    brier: Gain
    alerts: int
    muted: int
    missed: int
    days: float
    low: float
    high: float
    returned: Returned | None = None


def gained(trial: Trial, days: float) -> Gained | None:
    """Return the figures of a reader, None where nothing was shown.

    Args:
        trial: at its end.
        days: of event time, above 0.
    """
    if not trial.shown:
        return None
    shown = sorted(trial.shown.values(), key=lambda one: one.at_ms)
    relevant = np.array([one.relevant for one in shown], np.float64)
    thought = np.array([one.thought for one in shown])
    plain = np.array([one.rank for one in shown])
    day = np.array([one.at_ms // DAY_MS for one in shown])
    usual = np.full(len(shown), relevant.mean())
    missed = sum(was_relevant for _, was_relevant in trial.muted)
    low, high = poisson_interval(missed)
    return Gained(
        reader=trial.interest.name,
        hotspots=len(shown),
        relevant=int(relevant.sum()),
        verdicts=len(trial.said),
        ranked=_ranked(day, plain, plain * thought, relevant),
        first_ten=_first_ten(day, plain, plain * thought, relevant),
        log_loss=_mean(_log_loss(usual, relevant), _log_loss(thought, relevant)),
        brier=_mean((usual - relevant) ** 2, (thought - relevant) ** 2),
        alerts=trial.alerts,
        muted=len(trial.muted),
        missed=missed,
        days=days,
        low=low / days,
        high=high / days,
        returned=_returned(trial),
    )


def area(day: Days, scores: Floats, relevant: Floats, weights: Floats) -> Floats:
    """Return the area under the ROC curve over pairs of one day, for each of several weightings; nan without any.

    Args:
        day: [hotspots].
        scores: [hotspots]; of equal ones each ranks higher half of the time.
        relevant: [hotspots] 1 or 0.
        weights: [weightings, hotspots].
    """
    won, pairs = np.zeros((2, len(weights)))
    for one in np.unique(day):
        of = np.flatnonzero(day == one)
        right, all_pairs = _pairs(scores[of], relevant[of], weights[:, of])
        won, pairs = won + right, pairs + all_pairs
    with np.errstate(invalid="ignore"):
        found: Floats = won / pairs
    return found


def _pairs(scores: Floats, relevant: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the weight of the pairs in which the relevant one scores higher, and that of all pairs."""
    order = np.argsort(scores, kind="stable")
    begins = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))
    wanted, other = (np.add.reduceat((weights * side)[:, order], begins, axis=1) for side in (relevant, 1.0 - relevant))
    below = np.cumsum(other, axis=1) - other / 2
    return (wanted * below).sum(axis=1), wanted.sum(axis=1) * other.sum(axis=1)


def _ranked(day: Days, before: Floats, after: Floats, relevant: Floats) -> Gain | None:
    if np.isnan(area(day, before, relevant, np.ones((1, len(day)))))[0]:
        return None
    return _gain(len(day), lambda weights: (area(day, before, relevant, weights), area(day, after, relevant, weights)))


def _first_ten(day: Days, before: Floats, after: Floats, relevant: Floats) -> Gain | None:
    full = [np.flatnonzero(day == one) for one in np.unique(day) if np.count_nonzero(day == one) > FIRST]
    if len(full) < _LEAST_DAYS:
        return None
    return _mean(
        *(
            np.array([relevant[of[np.argsort(-rank[of], kind="stable")[:FIRST]]].mean() for of in full])
            for rank in (before, after)
        )
    )


def _log_loss(thought: Floats, relevant: Floats) -> Floats:
    found: Floats = -np.log(np.clip(np.where(relevant > 0, thought, 1.0 - thought), 1e-6, 1.0))
    return found


def _mean(before: Floats, after: Floats) -> Gain:
    return _gain(
        len(before), lambda weights: (weights @ before / weights.sum(axis=1), weights @ after / weights.sum(axis=1))
    )


def _gain(count: int, figure: Callable[[Floats], tuple[Floats, Floats]]) -> Gain:
    """Return a figure, before and after, of `count` things that are weighed equally, and by the bootstrap's draws."""
    before, after = figure(np.ones((1, count)))
    drawn = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), _RESAMPLES)
    were, are = figure(drawn.astype(np.float64))
    low, high = np.nanquantile(are - were, (0.025, 0.975))
    return Gain(float(before[0]), float(after[0]), float(low), float(high))


def _returned(trial: Trial) -> Returned | None:
    """Return how the change of a reader's mind was followed, None without one or with too few verdicts around it."""
    changes_ms = trial.interest.changes_ms
    if changes_ms is None:
        return None
    said = sorted(trial.said, key=lambda one: one.at_ms)
    before = [one.error for one in said if one.alerted_ms < changes_ms][-_LATEST:]
    after = [one for one in said if one.alerted_ms >= changes_ms]
    if min(len(before), len(after)) < _LATEST:
        return None
    error = sum(before) / _LATEST
    errors = [one.error for one in after]
    means = [sum(errors[end - _LATEST : end]) / _LATEST for end in range(_LATEST, len(errors) + 1)]
    worst = means.index(max(means))
    anew = next((at_ms for at_ms in trial.anew_ms if at_ms > changes_ms), None)
    return Returned(
        error=error,
        most=means[worst],
        anew=None if anew is None else sum(one.at_ms < anew for one in after),
        back=next((_LATEST + n for n, mean in enumerate(means) if n >= worst and mean <= error + _NEAR), None),
    )
