"""What is unconfirmed: sentences said with reserve, sentences that deny, and figures on which posts differ."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from streams.briefs.choosing import MAX_POSTS, Quote, overlap
from streams.contracts.outputs import Doubt

MOST: Final = 3
HEDGED: Final = re.compile(
    r"\b(?:reported(?:ly)?|reports of|rumou?rs?|unconfirmed|apparent(?:ly)?|alleged(?:ly)?|possibl[ey]"
    r"|perhaps|may have|might have|could be|seems?|heard (?:that|of)|claims?|suspected|likely|not (?:yet )?confirmed"
    r"|supuest\w+|aparentemente|presunt\w+|pode chegar)\b"
    r"|听说|据说|据传|网传|传言|疑似|似乎|可能是|好像|未经证实|尚未证实|有待核实|待核实|不知真假|是真的吗|消息称",
    re.IGNORECASE,
)
DENIED: Final = re.compile(
    r"\b(?:not true|untrue|false|fake|hoax|den(?:y|ies|ied)|debunk\w*|no evidence|desmient\w+|falso)\b"
    r"|辟谣|谣言|不实|虚假|假消息|假的|否认|并非事实|不属实",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(
    r"(?<![\w.,:])(\d{1,3}(?:,\d{3})+|\d{1,6})\s+(?:more\s+|m[aá]s\s+|people\s+)?([A-Za-zÀ-ÿ]{4,})"
)
_COUNTED_HAN: Final = re.compile(r"(?:(\d{1,6})|)(?:余|多)?(?:名|人|位|例|死|伤|栋|架|辆)([\u4e00-\u9fff]{0,2})")


def doubts_of(quotes: Sequence[Quote]) -> tuple[Doubt, ...]:
    """Return what is unconfirmed among the quotes, at most three: denials first, then figures, then reserve.

    Figures differ where posts give different numbers for the same noun, as tolls do while a story moves.
    """
    doubts = []
    said: list[frozenset[str]] = []
    for reason, cue in (("denied", DENIED), ("figures differ", None), ("hedged", HEDGED)):
        if cue is None:
            doubts += _differing(quotes)
            continue
        for quote in quotes:
            if cue.search(quote.text) and all(overlap(quote.words, words) < 0.5 for words in said):
                doubts.append(Doubt(reason, quote.text, quote.posts))
                said.append(quote.words)
    return tuple(doubts[:MOST])


def _differing(quotes: Sequence[Quote]) -> list[Doubt]:
    figures: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
    for quote in quotes:
        counted = [(number, noun) for number, noun in _COUNTED.findall(quote.text)]
        counted += [(number, f"人{noun}") for number, noun in _COUNTED_HAN.findall(quote.text) if number and noun]
        for number, noun in counted:
            figures[noun.casefold()].setdefault(int(number.replace(",", "")), []).extend(quote.posts)
    found = []
    for noun in sorted(figures, key=lambda noun: (-sum(map(len, figures[noun].values())), noun)):
        by_number = figures[noun]
        if len(by_number) > 1 and not _UNITS.fullmatch(noun):
            posts = tuple(dict.fromkeys(post for number in sorted(by_number) for post in by_number[number]))
            shown = " / ".join(str(number) for number in sorted(by_number))
            found.append(Doubt("figures differ", f"{shown} {noun.removeprefix('人')}".strip(), posts[:MAX_POSTS]))
    return found[:1]


_UNITS: Final = re.compile(
    r"january|february|march|april|june|july|august|september|october|november|december|minutes?|hours?|days?|years?|hrs|mins?"
)
