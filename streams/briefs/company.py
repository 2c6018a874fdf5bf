"""Which posts of the evidence are about the story's main matter, where a story has come to hold two.

A story is terms that share posts, so a common word can bring strangers together. The word that most authors use leads,
of nearly equal ones the one whose posts are alike; words that mostly stand beside it are its company. A post without it
that has more of other shared words than of its company is a stranger, and so is one that shares next to nothing where
others share much.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from statistics import median
from typing import Final

from streams.briefs.choosing import similarity
from streams.briefs.sentences import EvidencePost

_BESIDE: Final = 0.5
"""Share of the authors of a word who must also use the leading word for it to be company."""
_LEAST: Final = 2
_ALONE: Final = 0.34
"""Share of the usual number of shared words up to which a post stands alone."""
_NEARLY: Final = 0.7
_CANDIDATES: Final = 6
_COMPARED: Final = 32
"""Words that may lead, and posts of each that are compared in pairs: bounds of the time."""


def company_of(posts: Sequence[EvidencePost], words: Mapping[str, frozenset[str]]) -> tuple[str, Set[str]]:
    """Return the leading word, "" where there is none, and the ids of the posts that are strangers to it.

    Args:
        posts: the evidence.
        words: the words of each post, by its id.
    """
    using: defaultdict[str, set[int]] = defaultdict(set)
    for post in posts:
        for word in words[post.id]:
            using[word].add(post.author)
    if not using:
        return "", frozenset()
    shared = {word for word, others in using.items() if len(others) >= _LEAST}
    leading = _leading(posts, words, using, shared)
    authors = using[leading]
    company = {word for word in shared if len(using[word] & authors) >= _BESIDE * len(using[word])}
    usual = median(len(words[post.id] & shared) for post in posts)
    strangers = set()
    for post in posts:
        has = words[post.id] & shared
        beside = len(has & company)
        alone = len(has) <= _ALONE * usual
        if alone or (leading not in has and (beside < _LEAST or beside * 2 <= len(has))):
            strangers.add(post.id)
    return leading, strangers


def _leading(
    posts: Sequence[EvidencePost],
    words: Mapping[str, frozenset[str]],
    using: Mapping[str, set[int]],
    shared: Set[str],
) -> str:
    """Return the word with the most authors, weighed by how alike their posts are among those with nearly as many."""
    likely = sorted(using, key=lambda word: (-len(using[word]), word))[:_CANDIDATES]
    likely = [word for word in likely if len(using[word]) >= _NEARLY * len(using[likely[0]])]

    def weight(word: str) -> float:
        having = [words[post.id] & shared for post in posts if word in words[post.id]][:_COMPARED]
        pairs = [similarity(one, other) for place, one in enumerate(having) for other in having[:place]]
        return len(using[word]) * (sum(pairs) / len(pairs) if pairs else 0.0)

    return min(likely, key=lambda word: (-weight(word), likely.index(word)))
