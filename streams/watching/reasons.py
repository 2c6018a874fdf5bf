"""Why people are content or not: phrases that one side uses more than the rest, with posts.

The contrast is the log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn, 2008): rare phrases
need more evidence than frequent ones.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from math import log, sqrt
from typing import Final

from streams.contracts.terms import shown
from streams.contracts.watchlists import Mention, Reason
from streams.privacy.groups import SMALLEST

COUNT: Final = 5
POSTS: Final = 3
SIDE: Final = 200
"""Mood (in thousandths) from which a post belongs to a side."""
_LEAST_Z: Final = 1.2
_PRIOR: Final = 20.0


def reasons(sample: Sequence[Mention], side: int, without: Collection[str]) -> tuple[Reason, ...]:
    """Return what one side says more than the others.

    Args:
        sample: posts of the watchlist.
        side: -1 for the negative side, 1 for the positive one.
        without: words of the query, which all posts have.
    """
    ours = [mention for mention in sample if mention.mood * side >= SIDE]
    others = [mention for mention in sample if mention.mood * side < SIDE]
    mine, rest = _authors_by_term(ours, without), _authors_by_term(others, without)
    total_mine, total_rest = max(sum(mine.values()), 1), max(sum(rest.values()), 1)
    scored = []
    for term, count in mine.items():
        if count < SMALLEST or count + rest[term] == total_mine + total_rest:
            continue  # what is all that either side says sets neither apart
        prior = _PRIOR * (count + rest[term]) / (total_mine + total_rest)
        high, low = count + prior, rest[term] + prior
        difference = log(high / (total_mine + _PRIOR - high)) - log(low / (total_rest + _PRIOR - low))
        z = difference / sqrt(1 / high + 1 / low)
        if z >= _LEAST_Z:
            scored.append((-z, term))
    found: list[Reason] = []
    used: list[str] = []
    for _, term in sorted(scored):
        text = shown(term)
        if any(text in other or other in text for other in used):
            continue  # "battery" and "battery life" are one reason
        used.append(text)
        having = [mention for mention in ours if term in mention.terms]
        share = len({m.author for m in having}) / max(len({m.author for m in ours}), 1)
        elsewhere = rest[term] / max(len({m.author for m in others}), 1)
        posts = tuple(m.id for m in sorted(having, key=lambda m: (-m.mood * side, m.id))[:POSTS])
        found.append(Reason(text, round(share, 3), round(elsewhere, 3), posts))
        if len(found) == COUNT:
            break
    return tuple(found)


def _authors_by_term(mentions: Sequence[Mention], without: Collection[str]) -> Counter[str]:
    """Count the authors that use each term: one author's habit is nobody's reason."""
    pairs = {(term, mention.author) for mention in mentions for term in mention.terms}
    return Counter(term for term, _ in pairs if not any(word in term for word in without))
