"""A contextual bandit's model: how likely each feature makes a click, learnt online, each choice weighed by its chance.

Who is shown ten things and clicks the third has seen the two above it and left them (Joachims and others, 2005): the
third is learnt as taken, those two as left. Each counts 1 / propensity (Horvitz and Thompson, 1952), up to a limit, so
that what the policy prefers to show does not look better for being shown more often.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from streams.contracts.recommendations import Recommendation

PRIOR: Final = {"interest": 4.0, "freshness": 1.0, "quality": 0.5, "size": 0.5, "language": 1.0}
"""Weights before the first click."""
INTERCEPT: Final = -3.0
RATE: Final = 0.02
MOST_WEIGHT: Final = 10.0
KEPT: Final = 20_000
"""Recommendations whose clicks are waited for: the latest."""


class Learner:
    """Scores by features, and learns."""

    def __init__(self) -> None:
        from river import linear_model, optim

        self.clicks = 0
        # A feature enters as its share of the prior score, so that weights begin at 1.
        self._model: Any = linear_model.LogisticRegression(
            optim.SGD(RATE), initializer=optim.initializers.Constant(1.0), intercept_init=INTERCEPT, intercept_lr=RATE
        )
        self._shown: OrderedDict[str, Recommendation] = OrderedDict()
        self._taken: OrderedDict[tuple[str, str], None] = OrderedDict()

    def score(self, features: Mapping[str, float]) -> float:
        """Return the log-odds of a click."""
        weights = self._model.weights
        return float(
            self._model.intercept
            + sum(PRIOR[name] * features.get(name, 0.0) * weights.get(name, 1.0) for name in PRIOR)
        )

    def shown(self, recommendation: Recommendation) -> None:
        """Remember what was shown, so that a click can be learnt from."""
        self._shown[recommendation.request_id] = recommendation
        if len(self._shown) > KEPT:
            self._shown.popitem(last=False)

    def clicked(self, request_id: str, item_id: str) -> bool:
        """Learn from a click; return False for one on what is not known, or that was learnt from before."""
        recommendation = self._shown.get(request_id)
        if recommendation is None or (request_id, item_id) in self._taken:
            return False
        place = next((n for n, item in enumerate(recommendation.items) if item.id == item_id), None)
        if place is None:
            return False
        self._taken[request_id, item_id] = None
        if len(self._taken) > KEPT:
            self._taken.popitem(last=False)
        for item in recommendation.items[: place + 1]:
            if item.id != item_id and (request_id, item.id) in self._taken:
                continue
            weighed = {name: PRIOR[name] * item.features.get(name, 0.0) for name in PRIOR}
            weight = min(1.0 / max(item.propensity, 1e-9), MOST_WEIGHT)
            self._model.learn_one(weighed, item.id == item_id, w=weight)
        self.clicks += 1
        return True

    @property
    def weights(self) -> dict[str, float]:
        """What each feature weighs now."""
        return {name: PRIOR[name] * float(self._model.weights.get(name, 1.0)) for name in PRIOR}
