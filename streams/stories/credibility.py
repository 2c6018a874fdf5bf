"""How far a story looks like people rather than copies: a figure in [0, 1] with its reasons."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from streams.contracts.bursts import Evidence
from streams.contracts.posts import UNKNOWN_DAYS
from streams.contracts.terms import kind_of
from streams.hotspots.sampling import shares
from streams.stories.regularity import clock_of

_MANY_BY_ONE: Final = 0.4
_COPIES: Final = 0.6
_BY_CLOCK: Final = 0.5
"""What a strict clock takes: there are honest schedules, so that it takes one more doubt to keep people quiet."""
_YOUNG_DAYS: Final = 7
_YOUNG: Final = 0.5
_LEAST_DATED: Final = 5
"""Accounts of known age, without which a share of young ones says nothing."""


def credibility(evidence: Sequence[Evidence], first: str) -> tuple[float, tuple[str, ...]]:
    """Judge a story by its evidence: what each doubt leaves of it, multiplied, and the doubts in words.

    Args:
        evidence: its posts.
        first: the term that it emerged with. Where that is something that is passed on, copies are no doubt.
    """
    if not evidence:
        return 0.0, ("no evidence",)
    doubts = tuple(_doubts(evidence, first))
    if not doubts:
        copies, _ = shares(evidence)
        return 1.0, (f"{len({post.author for post in evidence})} accounts, {copies:.0%} near-duplicates",)
    return round(math.prod(left for left, _ in doubts), 3), tuple(reason for _, reason in doubts)


def _doubts(evidence: Sequence[Evidence], first: str) -> Iterator[tuple[float, str]]:
    posts, accounts = len(evidence), len({post.author for post in evidence})
    copies, top = shares(evidence)
    if top > _MANY_BY_ONE and posts > 2:
        yield 1 - top, f"one account wrote {top:.0%} of the posts"
    if 2 * accounts < posts:
        yield 2 * accounts / posts, f"{posts} posts by {accounts} accounts"
    if copies > _COPIES and kind_of(first) not in ("post", "url"):
        yield 1 - (copies - _COPIES), f"{copies:.0%} of the posts are near-duplicates"
    young = _young(evidence)
    if young > _YOUNG:
        yield 2 * (1 - young), f"{young:.0%} of the accounts are younger than a week"
    clock = clock_of([post.created_ms for post in evidence])
    if clock is not None:
        period_s, strictness = clock
        yield 1 - _BY_CLOCK * strictness, f"posts come every {period_s:.0f} s as by a clock"


def _young(evidence: Sequence[Evidence]) -> float:
    """Return which share of the accounts of known age is young, 0 where hardly any age is known."""
    known = {post.author: post.account_days for post in evidence if post.account_days != UNKNOWN_DAYS}
    if len(known) < _LEAST_DATED:
        return 0.0
    return sum(days < _YOUNG_DAYS for days in known.values()) / len(known)
