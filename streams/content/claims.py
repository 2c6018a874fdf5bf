"""A sentence taken apart: its claims, and of each the numbers, names, negations and words that evidence must hold."""

import re
from typing import Final

import msgspec
import rjieba

from streams.briefs.words import words_of
from streams.intake.stopwords import ENGLISH

_SPLIT: Final = re.compile(
    r"[;；]\s*|,\s+(?:and|but|while|whereas)\s+(?=\w+\s+\w+\s+\w+)|，(?:而且|并且|但是|但|同时|而)?(?=.{4})"
    r"|(?<=[。！？])|(?<=[.!?])\s+"
)
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME: Final = re.compile(r"(?<![\w])[A-ZÀ-Þ][\w’'-]*")
_PLACED: Final = re.compile(r"[\u4e00-\u9fff]{2}(?:[市镇县区省村湾路](?!长)|公司|集团|银行|航空|科技|汽车)")
"""The end of a Chinese name of a place or a firm, which jieba does not know where it is new."""
_FLAGS: Final = ("nr", "ns", "nt", "nz")
_WORDS: Final = {
    word: str(number)
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
    if number > 1
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_DIGITS: Final = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_HAN_NUMBER: Final = re.compile(
    r"[零〇一二三四五六七八九两十百千万]+(?=[名人位例个条辆栋架所台家分小天号点层级年米公吨元万死伤])"
)
NEGATION: Final = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|without|neither|nor|cannot|denies|denied|deny|fails?|failed|refuses?|refused"
    r"|un(?:hurt|injured|damaged))\b"
    r"|n['’]t\b|没有|没|未|不|无|否认|并非|拒绝|尚无"
)
_OPPOSITES: Final = (
    ("open", "closed"), ("opened", "closed"), ("reopened", "closed"), ("rose", "fell"), ("rises", "falls"),
    ("higher", "lower"),
    ("more", "fewer"), ("before", "after"), ("won", "lost"), ("wins", "loses"), ("safe", "missing"), ("alive", "dead"),
    ("began", "ended"), ("starts", "stops"), ("resumed", "suspended"), ("approved", "rejected"),
    ("increase", "decrease"),
    ("increased", "decreased"), ("up", "down"), ("arrived", "left"), ("opens", "closes"), ("found", "lost"),
    ("恢复", "停止"), ("恢复", "停运"), ("上涨", "下跌"), ("开放", "关闭"), ("增加", "减少"), ("开始", "结束"),
    ("获救", "失踪"),
    ("通过", "否决"), ("提前", "推迟"), ("之前", "之后"), ("赢", "输"), ("支持", "反对"), ("升高", "降低"),
    ("扩大", "缩小"),
)  # fmt: skip


class Claim(msgspec.Struct, frozen=True):
    """One thing that is said. `numbers` in digits; `named` are numbers with the word behind each."""

    text: str
    words: frozenset[str]
    numbers: frozenset[str]
    named: frozenset[tuple[str, str]]
    names: tuple[str, ...]
    negated: bool
    sides: frozenset[tuple[str, bool]]


def claims_of(sentence: str) -> list[Claim]:
    """Return the claims of a sentence, at least one for one that says anything; a clause too short joins the last."""
    pieces: list[str] = []
    for piece in _SPLIT.split(sentence):
        if not piece or not piece.strip():
            continue
        if pieces and len(words_of(piece)) < 2 and not _NUMBER.search(piece):
            pieces[-1] += f" {piece}"
        else:
            pieces.append(piece)
    return [claim_of(piece.strip()) for piece in pieces]


def claim_of(text: str) -> Claim:
    """Return a text as one claim."""
    plain = in_digits(text)
    folded = plain.casefold()
    return Claim(
        text=text,
        words=frozenset(word for word in words_of(plain) if not word.isdigit()),
        numbers=frozenset(_number(found) for found in _NUMBER.findall(plain)),
        named=frozenset(_named(plain)),
        names=tuple(names_of(plain)),
        negated=len(NEGATION.findall(folded)) % 2 == 1,
        sides=frozenset(sides_of(folded)),
    )


def in_digits(text: str) -> str:
    """Return a text with its number words as digits: "two hundred" is 200, "二十三名" is 23名."""
    text = _HAN_NUMBER.sub(lambda found: str(_han_number(found.group())), text)
    found: list[str] = []
    for word in re.split(r"(\W+)", text):
        folded = word.casefold()
        if folded in _WORDS:
            found.append(_WORDS[folded])
        elif folded in _SCALES and len(found) > 1 and found[-2].isdigit():
            found[-2:] = [str(int(found[-2]) * _SCALES[folded])]
        else:
            found.append(word)
    return re.sub(r"\b([2-9]0)-([1-9])\b", lambda two: str(int(two[1]) + int(two[2])), "".join(found))


def names_of(text: str) -> list[str]:
    """Return the names in a text: capitalised words, the first of a sentence too, in Chinese what looks like one."""
    found = []
    for name in _NAME.finditer(text):
        word = re.sub(r"['’]s$", "", name.group())
        if word.casefold() in ENGLISH or (len(word) == 1 and word != "I"):
            continue
        found.append(word.casefold())
    if _HAN.search(text):
        found += [word for word, flag in rjieba.tag(text) if flag in _FLAGS and len(word) > 1]
        found += _PLACED.findall(text)
    return found


def sides_of(folded: str) -> list[tuple[str, bool]]:
    """Return which side of each pair of opposites a text takes; none where it has both."""
    found = []
    for one, other in _OPPOSITES:
        has = [_has(folded, one), _has(folded, other)]
        if has[0] != has[1]:
            found.append((f"{one}/{other}", has[0]))
    return found


def _has(folded: str, word: str) -> bool:
    return word in folded if _HAN.match(word) else re.search(rf"\b{word}\b", folded) is not None


def _named(text: str) -> list[tuple[str, str]]:
    """Return each number with the word that it counts."""
    found = []
    for number in _NUMBER.finditer(text):
        rest = text[number.end() : number.end() + 40]
        if _HAN.match(rest.lstrip()):
            found.append((_number(number.group()), rest.lstrip()[:2]))
            continue
        for word in re.findall(r"[^\W\d_]{3,}", rest)[:3]:
            stems = words_of(word)
            if stems:
                found.append((_number(number.group()), next(iter(stems))))
                break
    return found


def _number(text: str) -> str:
    return re.sub(r",(?=\d{3})", "", text)


def _han_number(text: str) -> int:
    total, section, digit = 0, 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _UNITS[char] == 10_000:
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _UNITS[char], 0
    return total + section + digit
