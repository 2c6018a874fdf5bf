"""What people think of hotspots, as the story stage heeds it: ranks are weighed by it, and some alerts are muted.

Muting has a purse of its own. It costs how likely a relevant hotspot is kept from people, and no more than the settings
allow is spent, however sure the learner is.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from streams.alerts.decision import Purse
from streams.contracts.lessons import Lesson
from streams.contracts.outputs import Hotspot
from streams.relevance import Learner, features_of

_PLACES: Final = 4


class Judging:
    """The verdicts, what was learnt of them, and what muting may still risk.

    Args:
        limit: relevant alerts a day that muting may be expected to keep from people.
        lessons: learnt before, in order.
        purse: as it was left.
    """

    def __init__(self, limit: float, lessons: Iterable[Lesson] = (), purse: Purse | None = None) -> None:
        self.learner = Learner(lessons)
        self.purse = Purse(limit) if purse is None else purse
        self._limit = limit

    def refill(self, bucket: int) -> None:
        """Let time pass to `bucket`."""
        self.purse.refill(bucket, self._limit)

    def weigh(self, hotspot: Hotspot) -> Hotspot:
        """Return a hotspot with its relevance, its rank weighed by that; as it is before the first verdict."""
        relevance = self.learner.relevance(features_of(hotspot)) if self.learner.lessons else None
        if relevance is None:
            return hotspot
        rank = round(hotspot.rank * relevance.probability, _PLACES)
        parts = hotspot.rank_parts and msgspec.structs.replace(hotspot.rank_parts, relevance=relevance.probability)
        return msgspec.structs.replace(hotspot, rank=rank, rank_parts=parts, relevance=relevance)

    def mutes(self, hotspot: Hotspot) -> bool:
        """Say whether the alert of a hotspot is kept from people, and pay for that."""
        if hotspot.relevance is None:
            return False
        risk = self.learner.risk(hotspot.relevance)
        return risk is not None and self.purse.spend(risk)


def with_muted(hotspot: Hotspot, muted: bool) -> Hotspot:
    """Return a hotspot that says whether it is muted."""
    if hotspot.relevance is None:
        return hotspot
    return msgspec.structs.replace(hotspot, relevance=msgspec.structs.replace(hotspot.relevance, muted=muted))
