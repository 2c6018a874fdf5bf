"""Recommendations: asked for, made, and what comes of them by topic `feedback`. In JSON, keyed by the request's id."""

import msgspec

SCHEMA = 1

CLICKED = "clicked"
"""Verdict on topic `feedback`: a recommendation was taken up."""

MOST = 50


class RecommendationRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request on topic `recommendations.requests`: for whom (16 digits of the hash of an author), and how many."""

    id: str
    author: str
    count: int = 10


class Suggestion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that may interest someone: a hotspot, or a post in one. `because` says why, in `lang`.

    `propensity` is the probability with which it was chosen for its place, given the places before; `features` what it
    was chosen by. With both, a policy can be judged on clicks that another one gathered.
    """

    kind: str
    id: str
    hotspot_id: str
    title: str
    because: str
    lang: str
    score: float
    propensity: float
    features: dict[str, float]


class Recommendation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a request: suggestions, the best first. `known` says whether there was a profile to go by.

    `reason` is set where the request could not be used. `clicks` is how many clicks were learnt from before.
    """

    schema: int = SCHEMA
    request_id: str
    author: str
    items: tuple[Suggestion, ...] = ()
    known: bool = False
    clicks: int = 0
    reason: str | None = None
