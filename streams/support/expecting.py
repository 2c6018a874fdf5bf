"""What kind of thing a question asks for, and whether a passage has it: a price, a number of something, a time, a name.

A passage about the right subject without the right kind of thing is what a search by words and meaning falls for.
"""

import re
from typing import Final

from streams.support.words import stem

FITS: Final = 1.0
OPEN: Final = 0.5
MISSES: Final = 0.0

_NUMERAL: Final = r"(?:\d[\d.,:]*|[一二两三四五六七八九十百千万半几]+)"
_SPELLED: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty hundred thousand half quarter no several"
)
_NUMBER_WORDS: Final = frozenset(_SPELLED.split())
_WORD: Final = re.compile(r"[A-Za-z']+|\d[\d.,:]*")
_NEAR: Final = 3
"""Words between a number and what it counts, at most."""

_HOW_MANY: Final = re.compile(r"\bhow many (\w+)", re.IGNORECASE)
_COUNTED: Final = re.compile(r"(?:多少|几)(?![钱点时])(?P<what>[\u3400-\u9fff]{1,2})")
_MEASURE: Final = r"[位名个条张份家只台件]?"

_SPAN: Final = (
    rf"\b(?:\d[\d.,]*|{'|'.join(_SPELLED.split())})[ -](?:\w+ )?(?:second|minute|hour|day|week|month|year)s?\b"
    rf"|{_NUMERAL}\s*个?半?(?:秒|分钟|小时|天|日|周|星期|月|年)|次日|当天|当日|\bat once\b"
)
_TIME: Final = (
    r"\d{1,2}[:.]\d\d|\bo'clock\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\bweekdays?\b|\bweekends?\b"
    rf"|\bat (?:{'|'.join(_SPELLED.split())})\b|\b(?:morning|evening|noon|night)\b|\b\d{{4}}\b|\bfrom \w+ to \w+"
    rf"|周[一二三四五六日末]|星期[一二三四五六日]|点|月.{{1,3}}[日号]|{_SPAN}"
)
_YEAR: Final = r"\b(?:18|19|20)\d\d(?!\d)"
_PRICE: Final = (
    r"\d[\d.,]*\s*(?:euros?|crowns?|dollars?|pounds?|pence|francs?|yen|yuan|rupees?|percent|cents?|%|€|\$|£|元|角|块|万)"
    r"|[€$£¥]\s*\d"
    r"|\bfree\b|\bnot paid\b|免费|不收|折"
)
_NAME: Final = (
    r"(?<![.!?] )(?<!^)\b[A-Z][a-z]+ [A-Z][a-z]+\b(?! Street| Road| Square)|\b(?:Mr|Mrs|Ms|Dr|Professor)\b"
    r"|先生|女士|博士|教授|名叫|主讲|由[\u3400-\u9fff]{2,3}(?:担任|创办)"
)
_PHONE: Final = r"\d[\d -]{3,}\d|\b\d{5,}\b"

_KINDS: Final = (
    (
        r"\bhow much (?:does|do|did|is|are|will|would|must|should)\b|\bcosts?\b|\bprices?\b|\bfee\b"
        r"|多少(?:钱|元|押金|手续费|运费)|价格|收费|费用",
        _PRICE,
    ),
    (r"\b(?:which|what) year\b|哪一?年", _YEAR),
    (r"\bhow (?:long|soon)\b|多久|多长时间|多少天|几天", _SPAN),
    (r"\bwhen\b|\bwhat time\b|什么时候|几点|何时|哪天", _TIME),
    (
        r"\bwho(?:'s| is| was| are)? (?:the |your )?(?:own|found|buil|wrote|invent|design|made|paint|run|head|boss"
        r"|chief|director|mayor|manager|surgeon)|\bname of the\b|\b\w+'s name\b|是谁|叫什么|姓什么|^谁",
        _NAME,
    ),
    (r"\bphone number\b|\btelephone\b|\bfax\b|\bwhat number\b|电话|号码", _PHONE),
)
_COMPILED: Final = tuple((re.compile(asked, re.IGNORECASE), re.compile(has)) for asked, has in _KINDS)


def fit(question: str, title: str, text: str) -> float:
    """Return whether a passage has what a question asks for: FITS, MISSES, or OPEN where that cannot be told."""
    for asked, has in _COMPILED:
        if asked.search(question):
            return FITS if has.search(text) else MISSES
    counted = _HOW_MANY.search(question)
    if counted is not None:
        return _counts(counted[1], f"{title}\n{text}")
    counted = _COUNTED.search(question)
    if counted is not None:
        what = counted["what"]
        near = rf"{_NUMERAL}{_MEASURE}(?:{what}|{what[0]})|{what}{_NUMERAL}"
        return FITS if re.search(near, text) else MISSES
    return OPEN


def _counts(what: str, text: str) -> float:
    """Return whether `text` says how many of `what`; OPEN where it does not speak of it by this word."""
    wanted = stem(what.casefold())
    words = [word.casefold() for word in _WORD.findall(text)]
    places = [i for i, word in enumerate(words) if stem(word) == wanted]
    if not places:
        return OPEN
    for place in places:
        before = words[max(place - _NEAR, 0) : place]
        if any(word[0].isdigit() or word in _NUMBER_WORDS for word in before):
            return FITS
    return MISSES
