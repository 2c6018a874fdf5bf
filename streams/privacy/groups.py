"""Groups of authors that may be published: none smaller than five, whatever they have in common (k-anonymity).

Sweeney, "k-anonymity: a model for protecting privacy", 2002. Smaller groups are told together, as "other".
"""

from collections.abc import Iterable
from typing import Final

SMALLEST: Final = 5
"""k: the smallest group of authors that is told of."""
OTHER: Final = "other"


def shares(members: Iterable[tuple[str, int]]) -> dict[str, float]:
    """Return the share of posts of each group of SMALLEST authors or more, the largest first, and of all others.

    Args:
        members: name of the group and author, one a post.
    """
    posts: dict[str, int] = {}
    authors: dict[str, set[int]] = {}
    for name, author in members:
        posts[name] = posts.get(name, 0) + 1
        authors.setdefault(name, set()).add(author)
    total = sum(posts.values())
    told: dict[str, int] = {}
    for name, number in posts.items():
        shown = name if len(authors[name]) >= SMALLEST else OTHER
        told[shown] = told.get(shown, 0) + number
    return {name: round(number / total, 3) for name, number in sorted(told.items(), key=lambda c: (-c[1], c[0]))}
