"""How large a story will have become six hours after it emerged: guessed from how fast it comes, learnt from others.

At a few ages a story leaves a mark. When it has closed, or six hours are over, its marks become examples: how often its
number of people had still to double. A ridge regression over the latest examples of an age, drawn to what was found
before on streams of two languages, guesses the next; its errors on examples left out (Barber et al. 2021) give the
interval.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np

from streams.contracts.outputs import Size
from streams.hotspots.columns import Array
from streams.stories.story import Mark, Story

WITHIN_MIN: Final = 360
AGES: Final = (0, 15, 60)
"""Minutes since emergence from which on a story leaves a mark, one for each."""
_KEPT: Final = 300
_SHARE: Final = (0.1, 0.9)
_PRIOR: Final = ((0.38, 2.9, 1.57, -0.26), (0.87, 1.13, 0.94, -0.12), (0.66, 0.05, 0.43, -0.09))
"""By age: the coefficients of the features, in doublings, fitted to crises-en and cascades-zh with equal weights."""
_PRIOR_ERRORS: Final = (
    (-1.3, -0.8, -0.2, 0.0, 0.2, 0.8, 1.2),
    (-0.8, -0.5, -0.3, 0.0, 0.2, 0.5, 0.9),
    (-0.5, 0.0, 0.8),
)
"""By age: errors such as these coefficients make on a stream in the other language."""
_STRENGTH: Final = 2.0
_MOST_DOUBLINGS: Final = 20.0


class Example(msgspec.Struct, frozen=True, array_like=True):
    """What a story's mark of an age (by its place in AGES) turned out to be: doublings of its peak still to come."""

    age: int
    features: tuple[float, ...]
    doublings: float


class Sizes:
    """Guesses sizes, and learns from every story that is over.

    Args:
        examples: learnt before, in order.
    """

    def __init__(self, examples: Iterable[Example] = ()) -> None:
        self._learnt: list[list[Example]] = [[] for _ in AGES]
        for example in examples:
            self._learnt[example.age].append(example)
        self._fitted: dict[int, tuple[Array, list[float]]] = {}

    @property
    def examples(self) -> list[Example]:
        """What was learnt, for a state."""
        return [example for learnt in self._learnt for example in learnt]

    def note(self, story: Story, bucket: int) -> None:
        """Let a story that was measured leave its marks, and learn from those of one that is over."""
        passed = bucket - story.bucket
        if passed >= WITHIN_MIN or story.stage == "closed":
            self._learn(story)
        elif story.peak and not story.settled and len(story.marks) < len(AGES) and passed >= AGES[len(story.marks)]:
            story.marks.append(Mark(_features(story, bucket), story.peak))

    def guess(self, story: Story, bucket: int) -> Size | None:
        """Return how many people an hour a story will have had at its most; None once it is over or six hours are."""
        passed = bucket - story.bucket
        if passed >= WITHIN_MIN or not story.peak or story.stage == "closed":
            return None
        age = max(place for place, least in enumerate(AGES) if passed >= least)
        coefficients, (low, high) = self._fit(age)
        doublings = float(np.dot(_features(story, bucket), coefficients))
        most = [
            round(story.peak * 2.0 ** min(max(doublings + error, 0.0), _MOST_DOUBLINGS)) for error in (low, 0.0, high)
        ]
        return Size(within_min=WITHIN_MIN, low=most[0], likely=most[1], high=most[2], learnt_of=len(self._learnt[age]))

    def _learn(self, story: Story) -> None:
        for age, mark in enumerate(story.marks):
            learnt = self._learnt[age]
            learnt.append(Example(age, mark.features, round(float(np.log2(story.peak / mark.peak)), 4)))
            del learnt[:-_KEPT]
            self._fitted.pop(age, None)
        story.marks = []
        story.settled = True

    def _fit(self, age: int) -> tuple[Array, list[float]]:
        """Return the coefficients for an age, and the error below and above them, those of the prior counted in."""
        if age not in self._fitted:
            coefficients, errors = np.array(_PRIOR[age]), np.array(_PRIOR_ERRORS[age])
            learnt = self._learnt[age]
            if learnt:
                x = np.array([example.features for example in learnt])
                y = np.array([example.doublings for example in learnt])
                inverse = np.linalg.inv(x.T @ x + _STRENGTH * np.eye(len(coefficients)))
                coefficients = coefficients + inverse @ x.T @ (y - x @ coefficients)
                leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
                errors = np.concatenate((errors, (y - x @ coefficients) / (1.0 - leverage)))
            self._fitted[age] = coefficients, np.quantile(errors, _SHARE).tolist()
        return self._fitted[age]


def _features(story: Story, bucket: int) -> tuple[float, ...]:
    """Return one, the shares of the hour's people that came in the last five and fifteen minutes, and the size."""
    _, five, quarter, hour = story.lead(bucket).burst.authors
    return (
        1.0,
        round((five + 0.5) / (hour + 1), 4),
        round((quarter + 0.5) / (hour + 1), 4),
        round(float(np.log2(1 + story.peak)), 4),
    )
