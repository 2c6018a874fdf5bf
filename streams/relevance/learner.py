"""Learns online from verdicts how likely a hotspot is worth being told of, and says which features moved that.

A logistic regression, so what it says is a sum: the log-odds that it began with and a part for each feature. Figures
count by how far they are from their mean, and the more was learnt of a feature the smaller are its steps (AdaGrad;
Duchi, Hazan and Singer, 2011): with steps of one size, what all hotspots have in common follows the last few verdicts
up and down. ADWIN (Bifet and Gavaldà, 2007) watches its error, each verdict predicted before it is learnt. When the
error has grown, people judge otherwise than they did: the model begins anew with the verdicts since, and mutes nothing
until it has proved itself again. The state is the list of verdicts: whoever learns them again, in order, knows the
same.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from streams.contracts.lessons import Lesson
from streams.contracts.outputs import Moved, Relevance
from streams.relevance.features import FIGURES

PRIOR: Final = 0.8
"""How likely an alert is worth it before the first verdict."""
RATE: Final = 0.5
"""The first step of each feature."""
DECAY: Final = 0.001
KEPT: Final = 2_000
"""Verdicts that are known; the older half is forgotten when there are more."""
LEAST: Final = 20
"""Verdicts, since people last changed their minds, before anything is muted."""
BELOW: Final = 0.3
"""A hotspot less likely than this to be worth it may be muted."""
_UNLIKELY: Final = 0.05
"""How likely ADWIN may take chance for a change: its usual 0.002 overlooks most full changes of mind."""
_SHOWN: Final = 4
_GROWN: Final = 0.02
_TEACHES: Final = {"relevant": True, "not-relevant": False, "duplicate": False}
"""What verdicts say of being worth it. A wrong merge says nothing: something happened, and it was told amiss."""


class Learner:
    """Knows the verdicts and what follows from them.

    Args:
        lessons: verdicts learnt before, in order.
    """

    def __init__(self, lessons: Iterable[Lesson] = ()) -> None:
        self.lessons: list[Lesson] = list(lessons)
        self._model: Any = None
        self._error: Any = None
        self.taught = 0
        """Verdicts that the present model has learnt."""
        self._next = 1 + max((lesson.number for lesson in self.lessons), default=-1)
        if self.lessons:
            self._begin()
        for place in range(len(self.lessons)):
            self._learn(place)

    def _begin(self) -> None:
        from river import drift, linear_model, optim, stats

        self._model = linear_model.LogisticRegression(
            optim.AdaGrad(RATE),
            l2=DECAY,
            intercept_init=math.log(PRIOR / (1 - PRIOR)),
            intercept_lr=optim.schedulers.InverseScaling(RATE, power=0.5),
        )
        self._usual = {name: stats.Mean() for name in FIGURES}
        self._error = drift.ADWIN(_UNLIKELY, clock=1)
        self.taught = 0
        self._doubted = self._wronged = 0
        """Those that it would have muted, and of these the relevant ones."""

    def learn(self, lesson: Lesson) -> bool:
        """Learn a verdict; return False for a repeat. The later one of the same person on a hotspot replaces theirs."""
        if lesson.number < self._next:
            return False
        self._next = lesson.number + 1
        stays = [held for held in self.lessons if (held.hotspot_id, held.by) != (lesson.hotspot_id, lesson.by)]
        if len(stays) >= KEPT:
            stays = stays[KEPT // 2 :]
        changed = len(stays) < len(self.lessons)
        self.lessons = [*stays, lesson]
        if changed or self._model is None:
            self._begin()
        for place in range(0 if changed else len(self.lessons) - 1, len(self.lessons)):
            self._learn(place)
        return True

    def _learn(self, place: int) -> None:
        lesson = self.lessons[place]
        worth_it = _TEACHES.get(lesson.verdict)
        if worth_it is None:
            return
        before, thought = self.error, self._probability(lesson.features)
        self._error.update(abs(worth_it - thought))
        if self._error.drift_detected and self.error > before + _GROWN:
            since = max(place + 1 - int(self._error.width), 0)
            self._begin()
            for earlier in self.lessons[since:place]:
                if (held := _TEACHES.get(earlier.verdict)) is not None:
                    self._teach(earlier.features, held)
        elif thought < BELOW:
            self._doubted += 1
            self._wronged += worth_it
        self.taught += 1
        self._teach(lesson.features, worth_it)

    def _teach(self, features: Mapping[str, float], worth_it: bool) -> None:
        for name in FIGURES:
            if name in features:
                self._usual[name].update(features[name])
        self._model.learn_one(self._unlike_others(features), worth_it)

    def _unlike_others(self, features: Mapping[str, float]) -> dict[str, float]:
        """Return features with the mean so far taken from their figures, which leaves 0 of the first that is taught."""
        return {name: value - self._usual[name].get() if name in FIGURES else value for name, value in features.items()}

    def _probability(self, features: Mapping[str, float]) -> float:
        return float(self._model.predict_proba_one(self._unlike_others(features))[True])

    @property
    def error(self) -> float:
        """Mean distance between what was said and what was thought, over ADWIN's window; 0 before the first verdict."""
        return float(self._error.estimation) if self._error is not None else 0.0

    def risk(self, relevance: Relevance) -> float | None:
        """Return how likely muting a hotspot would keep something relevant from people; None: it is not to be muted.

        What the model thinks counts, or how often it was wrong in such doubt (Laplace's estimate) where that is more.
        """
        if self.taught < LEAST or relevance.probability >= BELOW:
            return None
        return max(relevance.probability, (self._wronged + 1) / (self._doubted + 2))

    def most_telling(self, count: int) -> list[Moved]:
        """Return the features that move relevance most, the strongest first."""
        weights = sorted(self._model.weights.items(), key=lambda held: (-abs(held[1]), held[0]))
        return [Moved(name, round(float(weight), 3)) for name, weight in weights[:count]]

    def relevance(self, features: Mapping[str, float]) -> Relevance | None:
        """Return how likely a hotspot is worth being told of and what moved that most; None before any verdict."""
        if not self.lessons:
            return None
        weights = self._model.weights
        parts = {name: float(weights.get(name, 0.0)) * value for name, value in self._unlike_others(features).items()}
        moved = sorted(((part, name) for name, part in parts.items()), key=lambda held: (-abs(held[0]), held[1]))
        return Relevance(
            probability=round(self._probability(features), 4),
            verdicts=len(self.lessons),
            moved=tuple(Moved(name, round(part, 3)) for part, name in moved[:_SHOWN] if abs(part) >= 0.05),
        )
