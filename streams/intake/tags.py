"""The words of a hashtag that was written in one: what it names beside itself, for stories to be known by."""

from functools import lru_cache
from typing import Final

import regex

from streams.intake.stopwords import ENGLISH

MAX_WORDS: Final = 6
_WORD: Final = regex.compile(r"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})")
_PREPOSITIONS: Final = frozenset(["at", "for", "from", "in", "of", "on", "to", "with"])
_SHORTEST: Final = 3
"""Two letters are seldom more than the sign of a country or a state, which says nothing of a story."""


@lru_cache(maxsize=65_536)
def tag_words(tag: str) -> tuple[str, ...]:
    """Return the words that capitals or underscores show in a hashtag, casefolded, without stop words.

    Behind a preposition stands whom it is about; what stands before is done for anybody. A tag of one word has none
    beside itself.

    Example:
        >>> tag_words("BostonMarathon"), tag_words("PrayForTheBay"), tag_words("prayforboston")
        (('boston', 'marathon'), ('bay',), ())
    """
    words = [word.casefold() for word in _WORD.findall(tag)]
    if len(words) < 2:
        return ()
    behind = max((place for place, word in enumerate(words) if word in _PREPOSITIONS), default=-1) + 1
    told = [word for word in words[behind:] if len(word) >= _SHORTEST and word not in ENGLISH]
    return tuple(told[:MAX_WORDS])
