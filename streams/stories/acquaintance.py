"""Whether posts are about a story that is known: by what they name, over days, where no post is shared any more.

A story remembers the names in its posts; everyday posts tell how common a name is. A name stands for a story by how
much more usual it is there than every day (a hundred times counts in full) and by how many of the story's posts carry
it (a fifth counts in full). A post is about the story if its names stand for it by four fifths of one in full.
"""

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from streams.contracts.bursts import Evidence
from streams.contracts.terms import kind_of, name_of
from streams.counting.names import word_hash

ENOUGH: Final = 0.8
_FULL_LIFT: Final = 2.0
_FULL_SHARE: Final = 0.2
_LEAST_LIFT: Final = 0.5
_LEAST_SEEN: Final = 2
"""Posts of a story that must carry a name before it stands for the story."""
_MOST_NAMES: Final = 20_000
_PROFILE_NAMES: Final = 192
_HALF_LIFE: Final = 1440
_FAINT: Final = 0.1
_MINUTES_A_SWEEP: Final = 60

Standing = Mapping[int, float]
"""How far each name stands for a story, at most 1."""


class Everyday(msgspec.Struct, array_like=True):
    """How common names are: numbers of everyday posts with a name, and of all, halved by a day."""

    posts: float = 0.0
    swept: int = 0
    names: dict[int, float] = {}

    def note(self, bucket: int, posts: Iterable[Iterable[int]]) -> None:
        """Count a bucket's sample of everyday posts, each given by its names (0: none)."""
        for names in posts:
            self.posts += 1.0
            for name in names:
                if name:
                    self.names[name] = self.names.get(name, 0.0) + 1.0
        if bucket - self.swept >= _MINUTES_A_SWEEP:
            self._sweep(bucket)

    def share(self, name: int) -> float:
        """Return the share of everyday posts that carry a name; one never seen counts as half seen."""
        return (self.names.get(name, 0.0) + 0.5) / (self.posts + 1.0)

    def _sweep(self, bucket: int) -> None:
        """Let time weigh, and keep the commonest names only where there are too many."""
        kept = 2.0 ** -(min(bucket - self.swept, 4 * _HALF_LIFE) / _HALF_LIFE) if self.swept else 1.0
        self.swept = bucket
        self.posts *= kept
        self.names = {name: count * kept for name, count in self.names.items() if count * kept > _FAINT}
        if len(self.names) > _MOST_NAMES:
            order = sorted(self.names.items(), key=lambda item: (-item[1], item[0]))
            self.names = dict(order[: _MOST_NAMES // 2])


class Profile(msgspec.Struct, array_like=True):
    """What a story's posts name: in how many of the `posts` looked at each name was found."""

    posts: int = 0
    names: dict[int, int] = {}

    def note(self, posts: Iterable[Evidence]) -> None:
        """Look at posts that were not looked at before."""
        for post in posts:
            self.posts += 1
            for name in array("I", post.names):
                self.names[name] = self.names.get(name, 0) + 1
        if len(self.names) > _PROFILE_NAMES:
            kept = sorted(self.names.items(), key=lambda item: (-item[1], item[0]))[: _PROFILE_NAMES // 2]
            self.names = dict(kept)

    def unite(self, other: "Profile") -> None:
        """Take over another story's profile."""
        self.posts += other.posts
        for name, count in other.names.items():
            self.names[name] = self.names.get(name, 0) + count

    def standing(self, everyday: Everyday) -> Standing:
        """Return how far each name stands for the story."""
        found = {}
        for name, count in self.names.items():
            if count < _LEAST_SEEN:
                continue
            share = count / (self.posts + 1.0)
            lift = math.log10(share / everyday.share(name))
            if lift > _LEAST_LIFT:
                found[name] = min(lift / _FULL_LIFT, 1.0) * min(share / _FULL_SHARE, 1.0)
        return found


def is_about(names: Iterable[int], standing: Standing) -> bool:
    """Say whether a post with these names is about the story."""
    return sum(standing.get(name, 0.0) for name in names) >= ENOUGH


class Places:
    """Places by the words of their names: there are fires and floods everywhere, and what tells them apart is where."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_first: dict[int, list[frozenset[int]]] = {}
        for name in names:
            words = [word_hash(word) for word in name.split()]
            self._by_first.setdefault(words[0], []).append(frozenset(words))

    def unknown_to(self, profile: Profile) -> Callable[[Sequence[int]], bool]:
        """Return what says whether a post with these names is about a place of which the story never spoke."""
        known = profile.names.keys()

        def elsewhere(names: Sequence[int]) -> bool:
            return any(
                words <= set(names) and not words <= known for name in names for words in self._by_first.get(name, ())
            )

        return elsewhere


def share_about(
    posts: Iterable[Evidence], standing: Standing, elsewhere: Callable[[Sequence[int]], bool] = lambda _: False
) -> float:
    """Return the share of posts that are about the story, 0 without posts.

    Args:
        elsewhere: whether a post is from a place that the story never named: it has to name more of the story than one
            thing.
    """
    about = total = 0
    for post in posts:
        total += 1
        names = array("I", post.names)
        if elsewhere(names):
            strongest = max(names, key=lambda name: standing.get(name, 0.0))
            about += is_about((name for name in names if name != strongest), standing)
        else:
            about += is_about(names, standing)
    return about / total if total else 0.0


def run_together(terms: Iterable[str], kind: str) -> set[str]:
    """Return the names of terms of a kind without spaces, so that a hashtag and a phrase can be one.

    >>> run_together(["phrase:boston marathon", "word:explosion"], "phrase")
    {'bostonmarathon'}
    """
    return {name_of(term).replace(" ", "") for term in terms if kind_of(term) == kind}
