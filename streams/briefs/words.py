"""The words by which texts are compared: what they share (`words_of`), and where they came from (`tokens_of`)."""

import re
from functools import lru_cache
from typing import Final

from streams.intake.stopwords import CHINESE, ENGLISH

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_RUN: Final = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:['’.,-][^\W_\u3400-\u9fff]+)*")
_TOKEN: Final = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")
_FUNCTION: Final = frozenset("的了和是在就都而及与着或我你他她它们这那有也不还要会说到被把让")
_ENDINGS: Final = ("'s", "’s", "ing", "ed", "es", "s")
_LEAST_STEM: Final = 4


def tokens_of(text: str) -> tuple[str, ...]:
    """Return every word and every Han character of a text, casefolded, in order."""
    return tuple(_TOKEN.findall(text.casefold()))


def numbers_of(text: str) -> frozenset[str]:
    """Return the numbers in a text, written with digits, without separators of thousands."""
    return frozenset(re.sub(r",(?=\d{3})", "", number) for number in _NUMBER.findall(text))


def words_of(text: str) -> frozenset[str]:
    """Return what a text is about: stems of its words without stop words, numbers, and pairs of Han characters."""
    found: set[str] = set()
    for word in _RUN.findall(text.casefold()):
        if _HAN.match(word):
            found.update(_pairs(word))
        elif (stem := _stem(word)) is not None:
            found.add(stem)
    return frozenset(found)


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str | None:
    if word in ENGLISH or (len(word) < 3 and not word.isdigit()):
        return None
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=16_384)
def _pairs(run: str) -> frozenset[str]:
    if len(run) == 1:
        return frozenset()
    pairs = (run[i : i + 2] for i in range(len(run) - 1))
    return frozenset(pair for pair in pairs if not _FUNCTION & set(pair) and pair not in CHINESE)
