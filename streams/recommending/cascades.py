"""How good recommendations are on real people: who passed on two posts or more, at each such moment but the first.

What could have been recommended then are the cascades that five people or more had joined within a day; what the person
did join is the one thing known to be right, so nDCG@10 is 1 / log2(place + 1) of it. Nobody was shown anything: what
was large or new on the platform is what people saw, and that favours those two orders.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

import msgspec
import numpy as np

from streams.contracts.posts import ScoredPost
from streams.contracts.profiles import Profile
from streams.contracts.recommendations import Recommendation
from streams.contracts.terms import name_of
from streams.contracts.times import to_ms
from streams.privacy.groups import SMALLEST
from streams.profiles.book import Book
from streams.profiles.held import Held, profile_of
from streams.recommending.candidates import Candidate, spoken
from streams.recommending.choosing import suggest
from streams.recommending.learning import Learner
from streams.recommending.population import AT, Figure, figure_of, ndcg

Posts = Callable[[], Iterable[tuple[str, ScoredPost]]]
"""Reads a stream from its beginning: cleaned text and post, in order of time."""

POLICIES: Final = ("popularity", "recency", "before learning", "while learning", "from the first post")
"""The third and fourth know what profiles tell: nothing before a third post. The last is told what that costs."""

LIVE_MS: Final = 24 * 3_600_000
_AUTHORS: Final = 1_000_000


class Replay(msgspec.Struct, frozen=True):
    """Figures by policy, over so many people and moments; how many things there were to choose from, at the mean.

    `profiled` are the moments at which the profile of the person was known.
    """

    figures: list[Figure]
    people: int
    moments: int
    profiled: int
    choices: float


class _Cascade(msgspec.Struct):
    """A post that is passed on: who joined within a day, the latest last."""

    candidate: Candidate
    joined: deque[tuple[int, str]] = msgspec.field(default_factory=deque)
    authors: Counter[str] = msgspec.field(default_factory=Counter)

    def join(self, author: str, at_ms: int) -> None:
        self.joined.append((at_ms, author))
        self.authors[author] += 1

    def at(self, now_ms: int) -> Candidate | None:
        """Return it as it stands, None while too few joined of late."""
        while self.joined and self.joined[0][0] < now_ms - LIVE_MS:
            _, author = self.joined.popleft()
            self.authors[author] -= 1
            if not self.authors[author]:
                del self.authors[author]
        if len(self.authors) < SMALLEST:
            return None
        return msgspec.structs.replace(self.candidate, size=len(self.authors), updated_ms=self.joined[-1][0])


class _Moment(msgspec.Struct):
    """Somebody is about to join a cascade."""

    author: str
    at_ms: int
    right: int
    candidates: list[Candidate]
    published: Profile | None
    private: Profile | None


def replayed(posts: Posts, people: int, seed: int) -> Replay:
    """Return how good each policy is for so many of the people who joined two cascades or more.

    Raises:
        ValueError: nobody did while there was something to choose from.
    """
    rng = np.random.default_rng(seed)
    learner, fixed = Learner(), Learner()
    gained: dict[str, dict[str, list[float]]] = {}
    moments = profiled = choices = 0
    for moment in _moments(posts, *_chosen(posts, people, rng)):
        gains = np.zeros(len(moment.candidates))
        gains[moment.right] = 1.0
        by_person = gained.setdefault(moment.author, {policy: [] for policy in POLICIES})
        for policy, order in _orders(moment, fixed, learner, f"{moments}").items():
            by_person[policy].append(ndcg(gains, order))
        moments += 1
        profiled += moment.published is not None
        choices += len(moment.candidates)
    if not moments:
        raise ValueError("nobody joined a second cascade while there were others to choose from")
    means = {policy: np.array([np.mean(own[policy]) for own in gained.values()]) for policy in POLICIES}
    figures = [figure_of(policy, means[policy], means["popularity"], rng) for policy in POLICIES]
    return Replay(figures, len(gained), moments, profiled, choices / moments)


def _chosen(posts: Posts, people: int, rng: np.random.Generator) -> tuple[frozenset[str], frozenset[str]]:
    """Return some of the authors who joined two cascades or more, and the ids of all that was passed on."""
    joined: dict[str, str] = {}
    several: dict[str, None] = {}
    originals: set[str] = set()
    for _, post in posts():
        if post.repost_of:
            originals.add(post.repost_of)
            if joined.setdefault(post.author, post.repost_of) != post.repost_of:
                several[post.author] = None
    names = list(several)
    chosen = rng.choice(len(names), min(people, len(names)), replace=False) if names else ()
    return frozenset(names[int(place)] for place in chosen), frozenset(originals)


def _moments(posts: Posts, chosen: frozenset[str], originals: frozenset[str]) -> Iterator[_Moment]:
    """Yield the moments at which one of the chosen joins what they could have been told of, in order of time."""
    book = Book(_AUTHORS)
    published: dict[str, Profile | None] = {}
    private: dict[str, Held] = {}
    cascades: dict[str, _Cascade] = {}
    joined: dict[str, set[str]] = {author: set() for author in chosen}
    for text, post in posts():
        at_ms = to_ms(msgspec.convert(post.created_at, datetime))
        cascade = cascades.get(post.repost_of or "")
        before = joined.get(post.author)
        if cascade is not None and before is not None and post.repost_of and post.repost_of not in before:
            if before:
                live = [found for name, one in cascades.items() if name not in before if (found := one.at(at_ms))]
                right = next((place for place, one in enumerate(live) if one.id == post.repost_of), None)
                if right is not None and len(live) > AT:
                    published.update(book.changed())
                    held = private.get(post.author)
                    own = None if held is None else profile_of(post.author, held, held.terms, held.spreads, str)
                    yield _Moment(post.author, at_ms, right, live, published.get(post.author), own)
            before.add(post.repost_of)
        if cascade is not None:
            cascade.join(post.author, at_ms)
        elif post.id in originals:
            cascades[post.id] = _Cascade(_candidate(text, post))
        book.take(post)
        if before is not None:
            private.setdefault(
                post.author,
                Held(platform=post.platform, at_ms=at_ms, terms={}, spreads={}, languages={}, mood={}),
            ).add(post, at_ms)


def _candidate(text: str, post: ScoredPost) -> Candidate:
    return Candidate(
        kind="post", id=post.id, hotspot_id=post.id, title=text, lang=post.lang,
        terms=frozenset(name_of(term).casefold() for term in post.terms), updated_ms=0, size=0, quality=0.5,
        said=spoken(text),
    )  # fmt: skip


def _orders(moment: _Moment, fixed: Learner, learner: Learner, name: str) -> dict[str, list[int]]:
    """Return what each policy puts first; what was joined is then learnt from, where it was among what is shown."""
    candidates = moment.candidates
    place_of = {candidate.id: place for place, candidate in enumerate(candidates)}
    places = range(len(candidates))
    orders = {
        "popularity": sorted(places, key=lambda place: -candidates[place].size),
        "recency": sorted(places, key=lambda place: -candidates[place].updated_ms),
    }
    for policy, model, profile in (
        ("before learning", fixed, moment.published),
        ("while learning", learner, moment.published),
        ("from the first post", fixed, moment.private),
    ):
        found = suggest(name, profile, candidates, model, now_ms=moment.at_ms, count=AT, chance=0.0)
        orders[policy] = [place_of[item.id] for item in found]
        if model is learner:
            learner.shown(Recommendation(request_id=name, author="", items=tuple(found), known=profile is not None))
            learner.clicked(name, candidates[moment.right].id)
    return orders
