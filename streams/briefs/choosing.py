"""Which sentences tell the story: those whose words many authors share, and that do not repeat each other.

Centrality by document frequency is SumBasic (Nenkova and Vanderwende, 2005); diversity is maximal marginal relevance
(Carbonell and Goldstein, 1998). Order is by score and then by text, so the same
evidence gives the same brief.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import ceil, log
from typing import Final

import msgspec

from streams.briefs.sentences import Sentence
from streams.briefs.words import numbers_of

SAME: Final = 0.6
"""Jaccard similarity from which sentences with the same numbers say the same: one stands, with the posts of all."""

REPEATS: Final = 0.6
"""Share of the words of one sentence from which it repeats another, or all that was told before, and is left out."""

MAX_POSTS: Final = 20
"""Posts that a sentence names at most."""

_DIVERSITY: Final = 0.5
_IDEAL_WORDS: Final = 10.0
_CORE_SHARE: Final = 0.25
"""Share of the authors of the most used word from which a word is of the core."""
_CORE_WORDS: Final = 2
_BASE: Final = 0.3
"""What a sentence counts for that shares no word, in a post that does."""
_CANDIDATES: Final = 120
"""Best sentences that are compared with each other, which bounds the time whatever the number of posts."""
_FOREIGN: Final = 0.6
"""What a sentence in another language than most counts for."""


class Quote(msgspec.Struct, frozen=True):
    """A sentence, the posts that say it (its own first), its words and language, how central and readable it is."""

    text: str
    posts: tuple[str, ...]
    words: frozenset[str]
    score: float
    quality: float
    lang: str


def quotes_of(sentences: Sequence[Sentence], about: frozenset[str], lang: str) -> list[Quote]:
    """Return the quotes that sentences make, best first.

    The post must share a word with `about` (the words of the story's terms) and two with the core of the story: what
    several of its authors use. So a post that only happens to hold a term is not quoted.

    Args:
        lang: the language of most posts; sentences in others count less.
    """
    authors_of: defaultdict[str, set[int]] = defaultdict(set)
    for sentence in sentences:
        for word in sentence.context | sentence.words:
            authors_of[word].add(sentence.post.author)
    saying = {word: len(using) for word, using in authors_of.items()}
    least = max(2, ceil(_CORE_SHARE * max(saying.values(), default=0)))
    core = {word for word, number in saying.items() if number >= least}
    scored: list[tuple[float, Sentence]] = []
    for sentence in sentences:
        if sentence.context & about and len(sentence.context & core) >= min(_CORE_WORDS, len(core)):
            score = _centrality(sentence.words, saying, about) * sentence.quality
            scored.append((round(score * (1.0 if sentence.post.lang == lang else _FOREIGN), 6), sentence))
    scored.sort(key=lambda item: (-item[0], item[1].text, item[1].post.id))
    return _united(scored[:_CANDIDATES], sentences)


def choose(quotes: Sequence[Quote], count: int, told: Iterable[frozenset[str]] = ()) -> list[Quote]:
    """Return up to `count` quotes, each central and none repeating another or what was `told` before."""
    left = list(quotes)
    chosen: list[Quote] = []
    said = list(told)
    while left and len(chosen) < count:
        left = [quote for quote in left if not repeats(quote.words, said)]
        if not left:
            break
        best = min(left, key=lambda quote: (-_marginal(quote, said), quote.text))
        chosen.append(best)
        said.append(best.words)
        left.remove(best)
    return chosen


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets of words."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def repeats(words: frozenset[str], said: Sequence[frozenset[str]]) -> bool:
    """Say whether a sentence of `words` tells too little that one of `said`, or all of them together, have not."""
    if any(overlap(words, other) >= REPEATS for other in said):
        return True
    return bool(said) and len(words & frozenset[str]().union(*said)) >= REPEATS * len(words)


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the smaller of two sets of words that is in the other."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _united(scored: Sequence[tuple[float, Sentence]], everything: Sequence[Sentence]) -> list[Quote]:
    """Let the best of those that say the same stand for all of them, with everyone who says it."""
    by_words: defaultdict[frozenset[str], list[Sentence]] = defaultdict(list)
    for sentence in everything:
        by_words[sentence.words].append(sentence)
    quotes: list[Quote] = []
    figures: list[frozenset[str]] = []
    members: list[dict[str, int]] = []
    for _, sentence in scored:
        numbers = numbers_of(sentence.text)
        same = {s.post.id: s.post.author for s in by_words[sentence.words] if numbers_of(s.text) == numbers}
        for place, quote in enumerate(quotes):
            if figures[place] == numbers and similarity(quote.words, sentence.words) >= SAME:
                members[place].update(same)
                break
        else:
            quotes.append(
                Quote(sentence.text, (sentence.post.id,), sentence.words, 0.0, sentence.quality, sentence.post.lang)
            )
            figures.append(numbers)
            members.append(same)
    first = {sentence.text: score for score, sentence in reversed(scored)}
    united = []
    for quote, saying in zip(quotes, members, strict=True):
        others = sorted(post for post in saying if post != quote.posts[0])
        score = first[quote.text] * (1.0 + 0.3 * log(len(set(saying.values()))))
        posts = (quote.posts[0], *others[: MAX_POSTS - 1])
        united.append(msgspec.structs.replace(quote, posts=posts, score=round(score, 6)))
    return sorted(united, key=lambda quote: (-quote.score, quote.text))


def _marginal(quote: Quote, said: Sequence[frozenset[str]]) -> float:
    return quote.score * (1.0 - _DIVERSITY * max((similarity(quote.words, words) for words in said), default=0.0))


def _centrality(words: frozenset[str], saying: dict[str, int], about: frozenset[str]) -> float:
    shared = sum(log(saying[word]) for word in sorted(words) if saying[word] > 1)
    return (_BASE + shared + len(words & about)) / max(len(words), _IDEAL_WORDS)


def frequent(names: Counter[str], least: int, count: int) -> list[str]:
    """Return the names that `least` or more used, most used first, ties by name, at most `count`."""
    ordered = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    return [name for name, number in ordered if number >= least][:count]
