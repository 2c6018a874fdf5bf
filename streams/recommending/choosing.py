"""Which candidates are suggested to someone, in which order, with which probability, and why.

A linear score of few features, learnt from clicks (`learning.py`). Places are filled one after another: by score less
likeness to what was chosen before (maximal marginal relevance, Carbonell and Goldstein, 1998), with a little chance,
so that what is not shown can be learnt of too. The probability of each choice is told.
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import xxhash

from streams.contracts.profiles import Profile
from streams.contracts.recommendations import Suggestion
from streams.contracts.terms import name_of
from streams.recommending.candidates import Candidate
from streams.recommending.learning import Learner

HALF_LIFE_MS: Final = 6 * 3_600_000
"""What was last written of so long ago is half as fresh."""
CHANCE: Final = 0.25
"""Temperature of the choice: candidates whose scores differ by this much differ by e in probability."""
LIKENESS: Final = 2.0
"""What full likeness to something chosen before takes from a score."""
_STEEP: Final = 4.0
_REASONS: Final = 2


class Match(msgspec.Struct, frozen=True):
    """What a candidate is to somebody: its features, and the interests of theirs that it is about, strongest first."""

    features: dict[str, float]
    interests: tuple[str, ...]


def match(profile: Profile | None, candidate: Candidate, now_ms: int, largest: int) -> Match:
    """Return how a candidate fits somebody; every feature is in [0, 1].

    Args:
        profile: None for somebody of whom nothing is known.
        candidate: see there.
        now_ms: the present.
        largest: size of the largest candidate.
    """
    weights: dict[str, float] = {}
    for term, weight in (profile.terms if profile is not None else {}).items():
        name = name_of(term).casefold()
        weights[name] = weights.get(name, 0.0) + weight
    total = sum(weights.values()) or 1.0
    hits = sorted((name for name in weights if candidate.has(name)), key=lambda name: (-weights[name], name))
    share = sum(weights[name] for name in hits) / total
    languages = profile.languages if profile is not None else {}
    return Match(
        {
            "interest": 1.0 - math.exp(-_STEEP * share),
            "freshness": 2.0 ** (-max(0, now_ms - candidate.updated_ms) / HALF_LIFE_MS),
            "quality": candidate.quality,
            "size": math.log1p(max(candidate.size, 0)) / math.log1p(max(largest, 1)),
            "language": languages.get(candidate.lang, 0.0) / (sum(languages.values()) or 1.0),
        },
        tuple(hits),
    )


def suggest(
    name: str,
    profile: Profile | None,
    candidates: Sequence[Candidate],
    learner: Learner,
    *,
    now_ms: int,
    count: int,
    chance: float = CHANCE,
) -> list[Suggestion]:
    """Return up to `count` suggestions, the best first; the same arguments give the same.

    Args:
        name: of the request, from which chance comes.
        profile: of whom they are for, None where nothing is known.
        candidates: what there is. What somebody passed on themselves is left out.
        learner: gives scores.
        now_ms: the present.
        count: how many.
        chance: see `CHANCE`; 0 takes the best for each place.
    """
    known = {term.casefold() for term in profile.spreads} if profile is not None else set()
    left = [candidate for candidate in candidates if not known & candidate.terms]
    largest = max((candidate.size for candidate in left), default=1)
    matches = [match(profile, candidate, now_ms, largest) for candidate in left]
    scores = np.array([learner.score(found.features) for found in matches], np.float64)
    likeness = np.zeros(len(left))
    free = np.ones(len(left), bool)
    rng = np.random.default_rng(xxhash.xxh64_intdigest(name.encode("utf-8", "surrogatepass")))
    found: list[Suggestion] = []
    while free.any() and len(found) < count:
        values = np.where(free, scores - LIKENESS * likeness, -np.inf)
        place, propensity = _choice(values, chance, rng)
        free[place] = False
        likeness = np.maximum(likeness, [_alike(left[place], other) for other in left])
        found.append(_suggestion(left[place], matches[place], profile, float(scores[place]), propensity))
    return found


def _choice(
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]", chance: float, rng: np.random.Generator
) -> tuple[int, float]:
    if chance <= 0:
        return int(values.argmax()), 1.0
    weights = np.exp((values - values.max()) / chance)
    weights /= weights.sum()
    place = int(rng.choice(len(values), p=weights))
    return place, float(weights[place])


def _alike(one: Candidate, other: Candidate) -> float:
    if one.hotspot_id == other.hotspot_id:
        return 1.0
    either = len(one.terms | other.terms)
    return len(one.terms & other.terms) / either if either else 0.0


def _suggestion(
    candidate: Candidate, found: Match, profile: Profile | None, score: float, propensity: float
) -> Suggestion:
    languages = profile.languages if profile is not None else {}
    lang = "zh" if max(languages, key=lambda name: languages[name], default=candidate.lang) == "zh" else "en"
    return Suggestion(
        kind=candidate.kind,
        id=candidate.id,
        hotspot_id=candidate.hotspot_id,
        title=candidate.title,
        because=_because(found.interests[:_REASONS], lang),
        lang=lang,
        score=round(score, 4),
        propensity=round(propensity, 6),
        features={name: round(value, 4) for name, value in found.features.items()},
    )


def _because(interests: tuple[str, ...], lang: str) -> str:
    if not interests:
        return "因为现在有很多人在谈论" if lang == "zh" else "because many people write about it now"
    if lang == "zh":
        return f"因为你常谈到{'和'.join(interests)}"
    return f"because you write about {' and '.join(interests)}"
