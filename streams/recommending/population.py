"""How good recommendations are: on a simulated population whose interests are known, against popularity and recency.

People write by their interests, their profiles are learnt from that as from anyone's; hotspots on twenty subjects come
and go. How likely someone takes something up is known for everyone and everything, so every order can be judged by
nDCG (Järvelin and Kekäläinen, 2002). The policy learns from the clicks of the first rounds; all are judged on the
later ones.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from streams.contracts.posts import ScoredPost
from streams.contracts.profiles import Profile
from streams.contracts.recommendations import Recommendation
from streams.contracts.times import format_time
from streams.profiles.book import Book
from streams.recommending.candidates import Candidate
from streams.recommending.choosing import suggest
from streams.recommending.learning import Learner

Floats = npt.NDArray[np.float64]

AT: Final = 10
SUBJECTS: Final = 20
ROUNDS: Final = 30
LEARNING: Final = 20
PER_ROUND: Final = 40
POLICIES: Final = ("popularity", "recency", "before learning", "after learning")
TASTES: Final = {"interests": (5.0, 1.5, 1.0, 1.0), "news": (2.5, 5.0, 0.5, 0.5)}
"""What moves a population: interest, freshness, quality and size, in log-odds of taking something up.

The first is near what the policy assumes before it learns; the second, which is after news, is not.
"""
_WORDS: Final = 8
_WRITTEN: Final = 30
_BEGIN_MS: Final = 1_772_323_200_000  # 2026-03-01T00:00:00Z
_HOUR_MS: Final = 3_600_000
_RESAMPLES: Final = 1_000
_RELUCTANCE: Final = 5.0


class Figure(msgspec.Struct, frozen=True):
    """nDCG@10 of a policy with its 95 % interval, over people; and how much above popularity it is, with its own."""

    policy: str
    ndcg: float
    low: float
    high: float
    above: float
    above_low: float
    above_high: float


class Judgement(msgspec.Struct, frozen=True):
    """Figures by policy, how many clicks were learnt from, and what each feature weighs after."""

    figures: list[Figure]
    people: int
    clicks: int
    weights: dict[str, float]


def judged(people: int, seed: int, taste: str = "interests") -> Judgement:
    """Simulate so many people of one of `TASTES` and return how good each policy is."""
    rng = np.random.default_rng(seed)
    affinity = _affinities(rng, people)
    profiles = _profiles(rng, affinity)
    learner, fixed = Learner(), Learner()
    gained: dict[str, list[list[float]]] = {policy: [[] for _ in range(people)] for policy in POLICIES}
    for number in range(ROUNDS):
        now_ms = _BEGIN_MS + (number + 1) * 6 * _HOUR_MS
        subjects, candidates = _candidates(rng, number, now_ms)
        place_of = {candidate.id: place for place, candidate in enumerate(candidates)}
        for person, profile in enumerate(profiles):
            likely = _likely(TASTES[taste], affinity[person], subjects, candidates, now_ms)
            if number < LEARNING:
                _click(rng, learner, f"{number}/{person}", profile, candidates, likely, place_of, now_ms)
                continue
            orders = {
                "popularity": sorted(range(PER_ROUND), key=lambda place: -candidates[place].size),
                "recency": sorted(range(PER_ROUND), key=lambda place: -candidates[place].updated_ms),
            }
            for policy, model in (("before learning", fixed), ("after learning", learner)):
                found = suggest("", profile, candidates, model, now_ms=now_ms, count=AT, chance=0.0)
                orders[policy] = [place_of[item.id] for item in found]
            for policy, order in orders.items():
                gained[policy][person].append(ndcg(likely, order))
    by_person = {policy: np.array([np.mean(values) for values in gained[policy]]) for policy in POLICIES}
    figures = [figure_of(policy, by_person[policy], by_person["popularity"], rng) for policy in POLICIES]
    return Judgement(figures, people, learner.clicks, learner.weights)


def ndcg(gains: Floats, order: Sequence[int]) -> float:
    """Return the discounted gain of the first ten of an order, as a share of the best there could be."""
    discounts = 1.0 / np.log2(np.arange(2, AT + 2))
    got = gains[list(order[:AT])]
    best = np.sort(gains)[::-1][:AT]
    return float((got * discounts[: len(got)]).sum() / (best * discounts[: len(best)]).sum())


def _affinities(rng: np.random.Generator, people: int) -> Floats:
    """Return what share of each person's interest each subject has: one to three subjects each."""
    affinity = np.zeros((people, SUBJECTS))
    for row in affinity:
        own = rng.choice(SUBJECTS, rng.integers(1, 4), replace=False)
        row[own] = rng.dirichlet(np.ones(len(own)))
    return affinity


def _profiles(rng: np.random.Generator, affinity: Floats) -> list[Profile | None]:
    """Return the profiles that come of what people write: mostly by their interests, a fifth about anything."""
    book, offset = Book(len(affinity)), 0
    for person, interests in enumerate(affinity):
        for _ in range(_WRITTEN):
            subject = rng.integers(SUBJECTS) if rng.random() < 0.2 else rng.choice(SUBJECTS, p=interests)
            words = rng.choice(_WORDS, 3, replace=False)
            terms = [f"word:s{subject}w{word}" for word in words] + [
                f"word:any{word}" for word in rng.integers(0, 50, 3)
            ]
            created_ms = _BEGIN_MS - int(rng.integers(0, 10 * 24)) * _HOUR_MS
            post = ScoredPost(
                id=f"p{offset}", platform="simulated", author=f"{person:016x}", created_at=format_time(created_ms),
                lang="en", terms=tuple(dict.fromkeys(terms)), partition=0, offset=offset, index=0,
            )  # fmt: skip
            book.take(post)
            offset += 1
    told = dict(book.changed())
    return [told.get(f"{person:016x}") for person in range(len(affinity))]


def _candidates(rng: np.random.Generator, number: int, now_ms: int) -> tuple[npt.NDArray[np.int64], list[Candidate]]:
    """Return what there is in a round: a fifth of the subjects draws most of the crowd."""
    subjects = rng.integers(0, SUBJECTS, PER_ROUND)
    sizes = rng.lognormal(np.where(subjects < SUBJECTS // 5, 5.0, 3.5), 1.0)
    found = []
    for place, subject in enumerate(subjects):
        words = rng.choice(_WORDS, 4, replace=False)
        found.append(
            Candidate(
                kind="hotspot", id=f"h{number}-{place}", hotspot_id=f"h{number}-{place}", title="", lang="en",
                terms=frozenset((*(f"s{subject}w{word}" for word in words), f"any{rng.integers(50)}")),
                updated_ms=now_ms - int(rng.integers(0, 24 * _HOUR_MS)), size=5 + int(sizes[place]),
                quality=float(rng.uniform(0.3, 1.0)),
            )
        )  # fmt: skip
    return subjects, found


def _likely(
    taste: tuple[float, float, float, float],
    interests: Floats,
    subjects: npt.NDArray[np.int64],
    candidates: Sequence[Candidate],
    now_ms: int,
) -> Floats:
    """Return how likely a person takes up each candidate."""
    age = np.array([now_ms - candidate.updated_ms for candidate in candidates]) / (6 * _HOUR_MS)
    quality = np.array([candidate.quality for candidate in candidates])
    size = np.log1p([candidate.size for candidate in candidates])
    signs = np.array([np.minimum(1.0, 2.0 * interests[subjects]), 0.5**age, quality, size / size.max()])
    likely: Floats = 1.0 / (1.0 + np.exp(_RELUCTANCE - np.array(taste) @ signs))
    return likely


def _click(  # noqa: PLR0917 - all that a round has
    rng: np.random.Generator,
    learner: Learner,
    name: str,
    profile: Profile | None,
    candidates: Sequence[Candidate],
    likely: Floats,
    place_of: dict[str, int],
    now_ms: int,
) -> None:
    """Show a person ten things; they look at each with falling attention and click what they like."""
    items = suggest(name, profile, candidates, learner, now_ms=now_ms, count=AT)
    learner.shown(Recommendation(request_id=name, author="", items=tuple(items), known=profile is not None))
    for place, item in enumerate(items):
        if rng.random() < likely[place_of[item.id]] / np.log2(place + 2):
            learner.clicked(name, item.id)


def figure_of(policy: str, values: Floats, popularity: Floats, rng: np.random.Generator) -> Figure:
    """Return the figure of a policy from its mean nDCG for each person, beside that of popularity.

    Intervals are percentiles of the bootstrap over people.
    """

    def interval(of: Floats) -> tuple[float, float]:
        means = of[rng.integers(0, len(of), (_RESAMPLES, len(of)))].mean(axis=1)
        return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))

    difference = values - popularity
    return Figure(policy, float(values.mean()), *interval(values), float(difference.mean()), *interval(difference))
