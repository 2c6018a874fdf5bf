"""The profiles of one partition: whose are kept, what of them may be told, and which are to be taken back.

Bounded: so many authors, those who wrote last. Nothing is told of an author before a third post, and no term, address
or language that fewer than five authors of the book have.
"""

import math
from collections import Counter, OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from streams.contracts.posts import ScoredPost
from streams.contracts.profiles import PROFILE_SPREADS, PROFILE_TERMS, Profile
from streams.contracts.times import to_ms
from streams.privacy.groups import OTHER, SMALLEST
from streams.privacy.rotations import NONE, Rotations
from streams.profiles.held import Held, held_from, profile_of

LEAST_POSTS: Final = 3
STALE_MS: Final = 30 * 24 * 3_600_000
"""Who has written nothing for so long is forgotten."""

Hides = Callable[[str, int], bool]
"""Says of (platform, hash of the author) whether nothing may be known of them."""


class Book:
    """Profiles by author.

    Args:
        limit: authors at most; 0 keeps none, and takes back those that were published.
        rotations: of the author hashes; all that is kept is known by the hashes of one era.
    """

    def __init__(self, limit: int, rotations: Rotations = NONE) -> None:
        self._limit = limit
        self._rotations = rotations
        self._era = 0
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._having: Counter[str] = Counter()
        self._published: set[str] = set()
        self._changed: dict[str, None] = {}
        self._newest_ms = 0

    def __len__(self) -> int:
        return len(self._held)

    @property
    def waiting(self) -> int:
        """How many authors there is something new to tell of."""
        return len(self._changed)

    def restore(self, profile: Profile) -> None:
        """Go on from a profile as it was published."""
        try:
            at_ms = to_ms(msgspec.convert(profile.updated_at, datetime))
        except (msgspec.ValidationError, OverflowError, ValueError):
            return
        self.turn(profile.era)
        held = held_from(profile, at_ms)
        held.seen = LEAST_POSTS
        self._published.add(profile.author)
        self._keep(self._name(profile.author, profile.era), held)
        self._newest_ms = max(self._newest_ms, at_ms)

    def turn(self, era: int) -> None:
        """Know everybody by the hashes of an era from now on, if it is later; what has the old ones is taken back."""
        if era <= self._era:
            return
        before, self._era = self._era, era
        for author, held in list(self._held.items()):
            self._drop(author)
            self._changed[author] = None
            self._keep(self._name(author, before), held)

    def _name(self, author: str, era: int) -> str:
        """Return the hash in the book's era of an author known by one of another."""
        if era >= self._era:
            return author
        self._changed[author] = None
        name = f"{self._rotations.onward(int(author, 16), era, self._era):016x}"
        self._changed[name] = None
        return name

    def _keep(self, author: str, held: Held) -> None:
        """Keep what is known of an author; of two sums of the same posts, as a crash may leave, that of more."""
        known = self._held.get(author)
        if known is not None and known.position > held.position:
            return
        self._drop(author)
        self._held[author] = held
        self._having.update(_names(held))

    def take(self, post: ScoredPost) -> bool:
        """Count a post; return False where it was counted before, or is none that can be dated."""
        if not self._limit:
            return False
        try:
            created_ms = to_ms(msgspec.convert(post.created_at, datetime))
        except (msgspec.ValidationError, OverflowError, ValueError):
            return False
        era = self._rotations.era_at(created_ms)
        self.turn(era)
        author = self._name(post.author, era)
        held = self._held.get(author)
        if held is None:
            held = self._held[author] = Held(
                platform=post.platform, at_ms=created_ms, terms={}, spreads={}, languages={}, mood={}
            )
        before = _names(held)
        if not held.add(post, created_ms):
            return False
        after = _names(held)
        self._having.update(after - before)
        self._lose(before - after)
        self._held.move_to_end(author)
        self._changed[author] = None
        self._newest_ms = max(self._newest_ms, created_ms)
        return True

    def hide(self, hides: Hides) -> None:
        """Forget everyone of whom nothing may be known any more."""
        for author, held in list(self._held.items()):
            if hides(held.platform, int(author, 16)):
                self.forget(author)

    def forget(self, author: str) -> None:
        """Forget an author; what was published of them is to be taken back."""
        self._drop(author)
        self._changed[author] = None

    def changed(self) -> list[tuple[str, Profile | None]]:
        """Return what is to be published since the last call: profiles, and None for those to be taken back."""
        self._make_room()
        told: list[tuple[str, Profile | None]] = []
        for author in self._changed:
            held = self._held.get(author)
            if held is None:
                if author in self._published:
                    self._published.discard(author)
                    told.append((author, None))
            elif held.seen >= LEAST_POSTS:
                self._published.add(author)
                told.append((author, self._told(author, held)))
        self._changed.clear()
        return told

    def _told(self, author: str, held: Held) -> Profile:
        def known(table: dict[str, float], size: int) -> dict[str, float]:
            rare = {name: math.log(1 + len(self._held) / self._having[name]) for name in table if self._many(name)}
            first = sorted(rare, key=lambda name: (-table[name] * rare[name], name))[:size]
            return {name: table[name] for name in first}

        told = profile_of(
            author,
            held,
            known(held.terms, PROFILE_TERMS),
            known(held.spreads, PROFILE_SPREADS),
            lambda name: name if self._many(_language(name)) else OTHER,
        )
        return msgspec.structs.replace(told, era=self._era)

    def _many(self, name: str) -> bool:
        return self._having[name] >= SMALLEST

    def _make_room(self) -> None:
        while self._held:
            author, held = next(iter(self._held.items()))
            if len(self._held) <= self._limit and held.at_ms >= self._newest_ms - STALE_MS:
                return
            self.forget(author)

    def _drop(self, author: str) -> None:
        held = self._held.pop(author, None)
        if held is not None:
            self._lose(_names(held))

    def _lose(self, names: frozenset[str]) -> None:
        for name in names:
            self._having[name] -= 1
            if self._having[name] <= 0:
                del self._having[name]


def _names(held: Held) -> frozenset[str]:
    """Return everything of a profile that is told only where enough authors have it."""
    return frozenset((*held.terms, *held.spreads, *map(_language, held.languages)))


def _language(name: str) -> str:
    return f"lang:{name}"
