"""The words by which a question and a passage are compared: English without endings, Chinese in pairs of signs."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from streams.intake.words import units

_HAN_RUN: Final = re.compile(r"[\u3400-\u9fff]+")
HAN: Final = re.compile(r"[\u3400-\u9fff]")
_NOT_ANSWERED: Final = (
    "get want like please know tell need make got going come find there any many much long happens happen mean "
    "怎么 怎样 怎么办 多少 多久 什么 哪里 哪些 几点 几 几天 谁 为什么 可以 能 能不能 吗 呢 哪 多长 是否 有没有 请问 "
    "你们 我们 我 多少钱 多长时间 什么时候 时候 请 要 会 需要 想 你 最多 最少"
)
_ASKING: Final = frozenset(_NOT_ANSWERED.split())
"""What a question says and its answer does not."""
_BETWEEN: Final = re.compile(r"[怎么样办多少久什哪里些几点个谁为可以能不吗呢是否有没请问你们我的了在到和就都会要想需]")
_ENDINGS: Final = (
    ("ies", "y"),
    ("sses", "ss"),
    ("ing", ""),
    ("edly", ""),
    ("ed", ""),
    ("es", ""),
    ("s", ""),
    ("ly", ""),
)
_SHORTEST_STEM: Final = 3


def is_chinese(word: str) -> bool:
    """Return whether a word has a Chinese sign."""
    return HAN.search(word) is not None


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return an English word without its ending, roughly: "tickets" and "ticket", "returning" and "return" agree."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    return word.rstrip("e") if len(word) > _SHORTEST_STEM else word


def words_of(text: str, lang: str) -> list[str]:
    """Return the different words of a text, in order, without stop words."""
    return list(dict.fromkeys(word.text for word in units(text, lang) if word is not None))


def asked_words(question: str, lang: str) -> list[str]:
    """Return the words of a question that its answer should speak of."""
    return [word for word in words_of(question, lang) if word not in _ASKING]


def tokens_of(text: str, lang: str) -> list[str]:
    """Return what a passage is found by, in order and with repetitions: stems, and Chinese pairs and single signs."""
    found = [stem(word.text) for word in units(text, lang) if word is not None and not is_chinese(word.text)]
    for run in _HAN_RUN.findall(text):
        found += [run[i : i + 2] for i in range(len(run) - 1)]
        found += run
    return found


def question_tokens(question: str, words: Iterable[str]) -> list[str]:
    """Return what a question searches for: the stems of its words, and Chinese pairs between its asking signs."""
    found = [stem(word) for word in words if not is_chinese(word)]
    for run in _HAN_RUN.findall(question):
        for part in _BETWEEN.split(run):
            found += [part] if len(part) == 1 else [part[i : i + 2] for i in range(len(part) - 1)]
    return list(dict.fromkeys(found))


def word_tokens(word: str) -> list[str]:
    """Return the tokens of one word."""
    if not is_chinese(word):
        return [stem(word)]
    return [word[i : i + 2] for i in range(len(word) - 1)] or [word]
