"""The profile of one author as it grows: exponentially decayed sums of bounded size. Whose may be told is elsewhere.

Decayed sums (Cormode, Shkapenyuk, Srivastava and Xu, "Forward decay", 2009) of parts of a stream add up to those of the
whole, so that each partition counts for itself.
"""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from streams.contracts.posts import POSITION_BITS, ScoredPost
from streams.contracts.profiles import HALF_LIFE_MS, Profile
from streams.contracts.terms import kind_of
from streams.contracts.times import format_time

KEPT_TERMS: Final = 48
KEPT_OTHERS: Final = 16
_SLACK: Final = 2
"""A table may grow to so many times its size before the lightest leave."""
_INTERESTS: Final = frozenset({"tag", "word", "phrase", "entity"})
_HOURS: Final = 24
_HOUR_MS: Final = 3_600_000


class Held(msgspec.Struct):
    """Sums of the posts of one author, decayed to `at_ms`; `seen` counts posts, undecayed."""

    platform: str
    at_ms: int
    posts: float = 0.0
    reposts: float = 0.0
    scored: float = 0.0
    terms: dict[str, float] = {}
    spreads: dict[str, float] = {}
    languages: dict[str, float] = {}
    mood: dict[str, float] = {}
    hours: list[float] = msgspec.field(default_factory=lambda: [0.0] * _HOURS)
    position: int = -1
    seen: int = 0

    def add(self, post: ScoredPost, created_ms: int) -> bool:
        """Count a post; return False for one that was counted before."""
        position = post.offset << POSITION_BITS | post.index
        if position <= self.position:
            return False
        self.position = position
        self.seen += 1
        self.decay_to(max(self.at_ms, created_ms))
        weight = _weight(self.at_ms - created_ms)
        self.posts += weight
        self.hours[created_ms // _HOUR_MS % _HOURS] += weight
        _count(self.languages, (post.lang,), weight, KEPT_OTHERS)
        if post.repost_of:
            self.reposts += weight
        _count(self.terms, (term for term in post.terms if kind_of(term) in _INTERESTS), weight, KEPT_TERMS)
        _count(self.spreads, (term for term in post.terms if spread(term)), weight, KEPT_OTHERS)
        if post.sentiment:
            self.scored += weight
            for label, share in post.sentiment.items():
                self.mood[label] = self.mood.get(label, 0.0) + weight * share
        return True

    def decay_to(self, at_ms: int) -> None:
        """Let what is counted fade to a later time."""
        if at_ms == self.at_ms:
            return
        factor = _weight(at_ms - self.at_ms)
        self.at_ms = at_ms
        self.posts *= factor
        self.reposts *= factor
        self.scored *= factor
        self.hours = [hour * factor for hour in self.hours]
        for table in (self.terms, self.spreads, self.languages, self.mood):
            for name in table:
                table[name] *= factor

    def unite(self, other: "Held") -> None:
        """Add what another partition counted of the same author."""
        at_ms = max(self.at_ms, other.at_ms)
        self.decay_to(at_ms)
        other.decay_to(at_ms)
        self.posts += other.posts
        self.reposts += other.reposts
        self.scored += other.scored
        self.seen += other.seen
        self.hours = [one + two for one, two in zip(self.hours, other.hours, strict=True)]
        for table, added in (
            (self.terms, other.terms),
            (self.spreads, other.spreads),
            (self.languages, other.languages),
            (self.mood, other.mood),
        ):
            for name, weight in added.items():
                table[name] = table.get(name, 0.0) + weight


def spread(term: str) -> bool:
    """Say whether a term is what a post passes on."""
    return kind_of(term) in ("post", "url", "domain")


def held_from(profile: Profile, at_ms: int) -> Held:
    """Return a profile as it was published, to go on from. `at_ms` is its `updated_at`."""
    hours = list(profile.hours) if len(profile.hours) == _HOURS else [0.0] * _HOURS
    return Held(
        platform=profile.platform,
        at_ms=at_ms,
        posts=profile.posts,
        reposts=profile.reposts,
        scored=profile.scored,
        terms=dict(profile.terms),
        spreads=dict(profile.spreads),
        languages=dict(profile.languages),
        mood={label: share * profile.scored for label, share in (profile.mood or {}).items()},
        hours=hours,
        position=profile.position,
    )


def profile_of(author: str, held: Held, terms: dict[str, float], spreads: dict[str, float],
               shown_language: Callable[[str], str] = str) -> Profile:  # fmt: skip
    """Return a profile as it is published, with the terms and spreads that may be told, languages under shown names."""
    languages: dict[str, float] = {}
    for name, weight in sorted(held.languages.items(), key=lambda entry: (-entry[1], entry[0])):
        shown = shown_language(name)
        languages[shown] = _round(languages.get(shown, 0.0) + weight)
    return Profile(
        author=author,
        platform=held.platform,
        updated_at=format_time(held.at_ms),
        posts=_round(held.posts),
        reposts=_round(held.reposts),
        terms={name: _round(weight) for name, weight in terms.items()},
        languages=languages,
        hours=tuple(_round(hour) for hour in held.hours),
        spreads={name: _round(weight) for name, weight in spreads.items()},
        mood={name: _round(weight / held.scored) for name, weight in sorted(held.mood.items())}
        if held.scored
        else None,
        scored=_round(held.scored),
        position=held.position,
    )


def _weight(age_ms: int) -> float:
    return float(2.0 ** (-age_ms / HALF_LIFE_MS))


def _round(weight: float) -> float:
    return round(weight, 4)


def _count(table: dict[str, float], names: Iterable[str], weight: float, size: int) -> None:
    for name in names:
        table[name] = table.get(name, 0.0) + weight
    if len(table) > _SLACK * size:
        kept = sorted(table.items(), key=lambda entry: (-entry[1], entry[0]))[:size]
        table.clear()
        table.update(kept)
