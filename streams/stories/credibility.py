"""How far a story looks like people rather than copies: a figure in [0, 1] with its reasons."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from streams.contracts.bursts import Evidence
from streams.contracts.terms import kind_of

_MANY_BY_ONE: Final = 0.4
_COPIES: Final = 0.6


def credibility(evidence: Sequence[Evidence], first: str) -> tuple[float, tuple[str, ...]]:
    """Judge a story by its evidence.

    Two things lower it: few authors behind the posts, and near-duplicate texts written by few authors again and again.
    Copies by many authors are how people pass things on, so for those only the excess over one post an author counts.
    """
    if not evidence:
        return 0.0, ("no evidence",)
    posts = len(evidence)
    by_author = Counter(post.author for post in evidence)
    top = max(by_author.values()) / posts
    distinct = len(by_author) / posts
    keys = Counter(post.copy_key for post in evidence if post.copy_key)
    copies = sum(number for number in keys.values() if number > 1) / posts
    value, reasons = 1.0, []
    if top > _MANY_BY_ONE and posts > 2:
        value *= 1 - top
        reasons.append(f"one account wrote {top:.0%} of the posts")
    if distinct < 0.5:
        value *= 2 * distinct
        reasons.append(f"{posts} posts by {len(by_author)} accounts")
    if copies > _COPIES and kind_of(first) not in ("post", "url"):
        value *= 1 - (copies - _COPIES)
        reasons.append(f"{copies:.0%} of the posts are near-duplicates")
    if not reasons:
        reasons.append(f"{len(by_author)} accounts, {copies:.0%} near-duplicates")
    return round(value, 3), tuple(reasons)
