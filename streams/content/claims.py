"""A sentence taken apart: its claims, and of each the numbers, names, negations and words that evidence must hold."""

import re
from typing import Final

import msgspec
import rjieba

from streams.briefs.words import tokens_of, words_of
from streams.intake.stopwords import ENGLISH

_SPLIT: Final = re.compile(
    r"[;；]\s*|,\s+(?:and|but|while|whereas)\s+(?=\w+\s+\w+\s+\w+)|(?<![称说示露出为布道])，(?:而且|并且|但是|但|同时|而)?(?=.{4})"
    r"|(?<=[。！？])|(?<=[.!?])\s+"
)
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_NAME: Final = re.compile(r"(?<![\w])[A-ZÀ-Þ][\w’'-]*")
_PLACED: Final = re.compile(r"[\u4e00-\u9fff]{2}(?:[市镇县区省村湾路](?!长)|公司|集团|银行|航空|科技|汽车)")
"""The end of a Chinese name of a place or a firm, which jieba does not know where it is new."""
_NO_NAMES: Final = ENGLISH | frozenset(
    {
        "according", "around", "roughly", "approximately", "nearly", "almost", "despite", "meanwhile", "however",
        "following", "amid", "although", "because", "during", "currently", "recently", "reportedly", "several", "many",
        "some", "earlier", "later", "additionally", "furthermore", "also", "overall", "within", "since", "until",
        "thanks", "due", "yet", "still", "over", "officials", "authorities", "local", "people", "everyone", "there",
        "another", "today", "as",
    }
)  # fmt: skip
"""Words that are written large where they open a sentence, and are no names."""
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
_HUNDREDS: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_DIGITS: Final = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS: Final = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_HUNDRED_MILLION: Final = 100_000_000
_HAN_NUMERAL: Final = r"(?<![零〇一二三四五六七八九两十百千万亿])[零〇一二三四五六七八九两十百千万亿]{1,16}"
_HAN_NUMBER: Final = re.compile(
    rf"{_HAN_NUMERAL}(?=[名人位例个条辆栋架所台家分小天日号点层级年米公吨元万死伤])"
    # "一场", "一起" are often no number
    rf"|(?!一(?![十百千万亿])){_HAN_NUMERAL}(?=[座艘只头张本件起次场部首项批轮届间户趟支颗枚份倍岁审美欧])"
)
NEGATION: Final = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|without|neither|nor|cannot|denies|denied|deny|fails?|failed|refuses?|refused"
    r"|un(?:hurt|injured|damaged))\b"
    r"|n['’]t\b|没有|没|未|不|无|否认|并非|拒绝|尚无"
)
_OPPOSITES: Final = tuple(
    (re.compile(rf"\b(?:{one})\b"), re.compile(rf"\b(?:{other})\b"))
    for one, other in (
        ("(?:re)?open(?:s|ed|ing)?", "closed|closes|closing|shut"),
        ("rose|ris(?:es|ing)|gain(?:s|ed)?|gr[eo]ws?|increas(?:e|es|ed)|climb(?:s|ed)|higher",
         "fell|fall(?:s|ing)|los(?:es|t)|shr[ai]nks?|decreas(?:e|es|ed)|declin(?:e|es|ed)|drop(?:s|ped)|lower"),
        ("rais(?:es?|ed)|hik(?:es?|ed)", "cuts?|lower(?:s|ed)|reduc(?:es?|ed)"),
        ("above|more than|at least", "below|less than|fewer than|at most"),
        ("more", "fewer"), ("before", "after"), ("up", "down"), ("yesterday", "tomorrow"),
        ("wins?|won", "los(?:es?|t)"), ("found", "lost"), ("safe", "missing"),
        ("alive|surviv(?:es?|ed|ors?)", "dead|died|dies|killed"),
        ("begins?|began|begun|start(?:s|ed)", "end(?:s|ed)|stop(?:s|ped)|finish(?:es|ed)"),
        ("resum(?:es?|ed)", "suspend(?:s|ed)?|halt(?:s|ed)?"),
        ("approv(?:es?|ed)|accept(?:s|ed)?", "reject(?:s|ed)?|veto(?:es|ed)?"),
        ("allow(?:s|ed)?|permit(?:s|ted)?", "ban(?:s|ned)?|forbids?|forbade|forbidden|prohibit(?:s|ed)?"),
        ("support(?:s|ed)?|voted for", "oppos(?:es?|ed)|voted against"),
        ("convicted|sentenced|guilty", "acquitted|innocent"), ("arrest(?:s|ed)?", "releas(?:es?|ed)|freed"),
        ("arriv(?:es?|ed)", "left|leaves?|depart(?:s|ed)"), ("buys?|bought", "sells?|sold"),
        ("hir(?:es?|ed)", "fir(?:es|ed)"), ("mild", "severe|serious"), ("profits?", "loss(?:es)?"),
        ("highest|largest|biggest", "lowest|smallest"),
        ("north(?:ern)?", "south(?:ern)?"), ("east(?:ern)?", "west(?:ern)?"),
    )
) + tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        ("恢复|重启", "停止|停运|暂停|中断"), ("增长|上升|提高|上涨|增加|升高|上调", "下降|降低|下跌|减少|下调|下滑"),
        ("开放|营业", "关闭|停业"), ("开始|启动", "结束|终止"), ("获救|生还", "失踪|遇难|死亡|去世"),
        ("产下|出生", "死亡|去世"), ("通过|批准", "否决|驳回"), ("提前", "推迟|延期"), ("之前|以前", "之后|以后"),
        ("赢|战胜|击败", "输|落败"), ("支持|赞成", "反对"), ("扩大", "缩小"), ("盈利", "亏损"),
        ("高于|超过|以上", "低于|以下"), ("允许", "禁止"), ("收购|买入", "出售|卖出"), ("逮捕|拘留", "释放"),
        ("住院|入院", "出院"), ("免费", "收费"), ("最高|最大", "最低|最小"), ("就任|上任", "辞职|卸任"),
        ("明天|明日|明晚", "昨天|昨日|昨晚"),
    )
)  # fmt: skip
"""Words of one side and of the other: what takes one side is not supported by what takes the other."""

_CURRENCY: Final = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yuan", "￥": "yuan"}
_UNITS_OF: Final = {
    "second": "seconds?|秒钟?", "minute": "minutes?|mins?|分钟", "hour": "hours?|hrs?|小时|钟头", "day": "days?|天",
    "week": "weeks?|周|星期", "month": "months?|月(?!\\d)", "year": "years?|年", "percent": "%|％|per ?cent",
    "km": "km|kilomet(?:er|re)s?|公里|千米", "mile": "miles?|英里", "metre": "m(?:et(?:er|re)s?)?|米",
    "kg": "kg|kilos?|kilograms?|公斤|千克", "gram": "g|grams?|克", "ton": "tons?|tonnes?|吨",
    "dollar": "dollars?|美元", "euro": "euros?|欧元", "pound": "pounds?|英镑", "yuan": "yuan|元|块钱",
    "am": r"a\.?m\b\.?", "pm": r"p\.?m\b\.?", "thousand": "thousand", "million": "million", "billion": "billion",
    "trillion": "trillion", "万": "万", "亿": "亿",
}  # fmt: skip
SCALES: Final = frozenset({"thousand", "million", "billion", "trillion", "万", "亿"})
_UNIT: Final = "|".join(
    rf"(?P<{name}>(?:{words}){'' if name in '万亿' else r'(?![a-z])'})" for name, words in _UNITS_OF.items()
)
_MEASURED: Final = re.compile(rf"([$€£¥￥])?\s?(\d+(?:[.,:]\d+)*)[\s-]*个?(?:{_UNIT})?")
_SCALE_UNIT: Final = re.compile(rf"[\s-]*(?:{_UNIT})")
_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
_ORDINAL: Final = re.compile(rf"\b({'|'.join(_ORDINALS)})\b|\b(\d+)(?:st|nd|rd|th)\b|第([零一二三四五六七八九十百\d]+)")
_DATE: Final = re.compile(
    r"(?<=[a-z\d] )(May)\b|(?:周|星期|礼拜)([一二三四五六日天])(?!个)"
    r"|(?<![\d一二三四五六七八九十个])(\d{1,2}|[一二三四五六七八九]|十[一二]?)月"
)
_EACH: Final = re.compile(r"每个?(秒|分钟|小时|天|日|周|星期|月|年)")


class Claim(msgspec.Struct, frozen=True):
    """One thing that is said. `tokens` and `numbers` in digits; `named` are numbers with the word behind each.

    `measures` are numbers with the unit or the scale of each ("6 years"; "35亿元" has two), `marks` ordinals, months
    and days of the week.
    """

    text: str
    tokens: tuple[str, ...]
    words: frozenset[str]
    numbers: frozenset[str]
    named: frozenset[tuple[str, str]]
    names: tuple[str, ...]
    negated: bool
    sides: frozenset[tuple[int, bool]]
    measures: frozenset[tuple[str, str]]
    marks: frozenset[str]


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
        tokens=tokens_of(plain),
        words=frozenset(word for word in words_of(plain) if not word.isdigit()),
        numbers=frozenset(_number(found) for found in _NUMBER.findall(plain)),
        named=frozenset(_named(plain)),
        names=tuple(names_of(plain)),
        negated=len(NEGATION.findall(folded)) % 2 == 1,
        sides=frozenset(sides_of(folded)),
        measures=frozenset(measures_of(folded)),
        marks=frozenset(marks_of(text)),
    )


def in_digits(text: str) -> str:
    """Return a text with its number words as digits: "two hundred" is 200, "二十三名" is 23名."""
    text = _HAN_NUMBER.sub(lambda found: str(_han_number(found.group())), text)
    found: list[str] = []
    for word in re.split(r"(\W+)", text):
        folded = word.casefold()
        if folded in _WORDS:
            found.append(_WORDS[folded])
        elif folded in _HUNDREDS and len(found) > 1 and found[-2].isdigit():
            found[-2:] = [str(int(found[-2]) * _HUNDREDS[folded])]
        else:
            found.append(word)
    return re.sub(r"\b([2-9]0)-([1-9])\b", lambda two: str(int(two[1]) + int(two[2])), "".join(found))


def names_of(text: str) -> list[str]:
    """Return the names in a text: capitalised words, the first of a sentence too, in Chinese what looks like one."""
    found = []
    for name in _NAME.finditer(text):
        word = re.sub(r"['’]s$", "", name.group())
        if word.casefold() in _NO_NAMES or (len(word) == 1 and word != "I"):
            continue
        found.append(word.casefold())
    if _HAN.search(text):
        found += [word for word, flag in rjieba.tag(text) if flag in _FLAGS and len(word) > 1]
        found += _PLACED.findall(text)
    return found


def sides_of(folded: str) -> list[tuple[int, bool]]:
    """Return which side of each pair of opposites a text takes, by the pair's number; none where it has both."""
    found = []
    for pair, (one, other) in enumerate(_OPPOSITES):
        has = one.search(folded) is not None
        if has != (other.search(folded) is not None):
            found.append((pair, has))
    return found


def measures_of(folded: str) -> list[tuple[str, str]]:
    """Return each number with its unit, and with its scale where it has one, from a casefolded text with digits."""
    found = []
    for measured in _MEASURED.finditer(folded):
        currency, number, unit = measured[1], _number(measured[2]), measured.lastgroup
        if currency:
            found.append((number, _CURRENCY[currency]))
        if unit:
            found.append((number, unit))
        if unit in SCALES and (behind := _SCALE_UNIT.match(folded, measured.end())) and behind.lastgroup:
            found.append((number, behind.lastgroup))
    return found


def marks_of(text: str) -> list[str]:
    """Return the ordinals, the months and days of the week of a text, each in one spelling."""
    found = []
    for word, digits, han in _ORDINAL.findall(text.casefold()):
        found.append(f"#{_ORDINALS.index(word) + 1 if word else digits or _plain(han)}")
    for may, day, month in _DATE.findall(text):
        found.append("month 5" if may else f"day {day.replace('天', '日')}" if day else f"month {_plain(month)}")
    return found + [f"each {each}" for each in _EACH.findall(text)]


def _plain(number: str) -> str:
    return number if number.isdigit() else str(_han_number(number)) if not re.search(r"\d", number) else number


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
    high, scale, low = text.partition("亿")
    if scale:
        return (_han_number(high) or 1) * _HUNDRED_MILLION + _han_number(low)
    total, section, digit = 0, 0, 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif _UNITS[char] == 10_000:
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _UNITS[char], 0
    return total + section + digit
