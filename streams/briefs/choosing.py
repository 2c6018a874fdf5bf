"""Which sentences tell the story: those whose words many posts share, and that do not repeat each other.

Centrality by document frequency is SumBasic (Nenkova and Vanderwende, 2005); diversity is maximal marginal relevance
(Carbonell and Goldstein, 1998). Order is by score and then by text, so the same
evidence gives the same brief.
"""

from collections import Counter
from collections.abc import Sequence
from math import log
from typing import Final

import msgspec

from streams.briefs.sentences import Sentence

SAME: Final = 0.6
"""Jaccard similarity from which two sentences say the same: they become one, with the posts of both."""

DIVERSITY: Final = 0.5
_IDEAL_WORDS: Final = 12.0


class Quote(msgspec.Struct, frozen=True):
    """A sentence, the posts that say it, and how central it is."""

    text: str
    posts: tuple[str, ...]
    words: frozenset[str]
    score: float


def quotes_of(sentences: Sequence[Sentence], about: frozenset[str]) -> list[Quote]:
    """Unite sentences that say the same and score them; `about` are the words of the story's terms."""
    saying: Counter[str] = Counter()
    for post in sorted({sentence.post for sentence in sentences}):
        saying.update(frozenset[str]().union(*(s.words for s in sentences if s.post == post)))
    groups: list[list[Sentence]] = []
    for sentence in sorted(sentences, key=lambda s: (s.text, s.post)):
        for group in groups:
            if similarity(group[0].words, sentence.words) >= SAME:
                group.append(sentence)
                break
        else:
            groups.append([sentence])
    quotes = []
    for group in groups:
        best = min(group, key=lambda s: (-_centrality(s.words, saying, about), s.text))
        posts = tuple(sorted({s.post for s in group}))
        score = _centrality(best.words, saying, about) * (1.0 + 0.2 * log(len(posts)))
        quotes.append(Quote(best.text, posts, best.words, round(score, 6)))
    return sorted(quotes, key=lambda quote: (-quote.score, quote.text))


def choose(quotes: Sequence[Quote], count: int) -> list[Quote]:
    """Return up to `count` quotes, each central and unlike those before it. Quotes off the story are left out."""
    left = [quote for quote in quotes if quote.score > 0]
    chosen: list[Quote] = []
    while left and len(chosen) < count:
        best = max(left, key=lambda quote: (_marginal(quote, chosen), quote.text))
        chosen.append(best)
        left.remove(best)
    return chosen


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets of words."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def _marginal(quote: Quote, chosen: Sequence[Quote]) -> float:
    return quote.score * (1.0 - DIVERSITY * max((similarity(quote.words, c.words) for c in chosen), default=0.0))


def _centrality(words: frozenset[str], saying: Counter[str], about: frozenset[str]) -> float:
    if not words & about:
        return 0.0
    shared = sum(log(saying[word]) for word in sorted(words) if saying[word] > 1)
    hits = len(words & about)
    length = max(len(words), _IDEAL_WORDS)
    return (shared + hits) / length
