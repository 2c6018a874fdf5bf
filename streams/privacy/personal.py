"""Finds what identifies a person in a text: addresses of mail, numbers of telephones, cards, accounts and identity.

Numbers that carry a check digit count only where it agrees, so that figures of the news stay. What is found is for
intake to take out before anything is counted, scored or published, and for briefs to mask once more.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from streams.privacy.checksums import is_card, is_chinese_id, is_hong_kong_id, is_iban, is_taiwan_id

KINDS: Final = ("mail", "phone", "chinese_id", "card", "iban", "ssn", "nino", "taiwan_id", "hong_kong_id", "passport",
                "account")  # fmt: skip

Found = tuple[int, int, str]
"""Where it begins and ends, and its kind."""

# Looked for first, because most texts have nothing of the kind: five digits near each other, mail, accounts.
_NUMBER: Final = re.compile(r"\d(?:\D{0,3}\d){4}", re.ASCII)
_ADDRESSED: Final = re.compile(
    r"[@%\[(](?:(?<=[A-Za-z0-9]@)[A-Za-z0-9]|(?<=[A-Za-z0-9]%)40"
    r"|(?:(?<=[A-Za-z0-9][\[(])|(?<=[A-Za-z0-9] [\[(]))[aA][tT][\])])"
)
_ACCOUNTED: Final = re.compile(r"[Qq微WwVv](?:(?<=[Qq])[Qq]|(?<=微)信|(?<=[Ww])e[Cc]hat|(?<=W)ECHAT|(?<=[Vv])[Xx信])")
_SPACES: Final = re.compile(r"[ .-]")
_UNIT: Final = r"(?! ?(?:[元块人万亿美欧%％]|USD|RMB|EUR|people|dollars))"
# Nobody's own: what a company or a help line is called by.
_SERVICE: Final = re.compile(r"\D*1?\D?(?:800|888|877|866|855|844|833|900|400)\D")


def _adds_up(iban: re.Match[str]) -> bool:
    return is_iban(iban.group().replace(" ", "").upper())


_PATTERNS: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...]] = (
    (
        "mail",
        re.compile(
            r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}"
            r"(?:@|%40| ?[\[(]at[\])] ?)"
            r"(?:[A-Za-z0-9-]{1,63}(?:[.。]| ?[\[(](?:dot|\.)[\])] ?)){1,5}[A-Za-z]{2,24}",
            re.IGNORECASE,
        ),
        lambda _: True,
    ),
    (
        "iban",
        re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"),
        _adds_up,
    ),
    (
        "iban",  # the same without the word that follows it: few have a group without a digit after their bank's
        re.compile(
            r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2} ?[A-Za-z0-9]{4}(?: ?(?=[A-Za-z]{0,3}\d)[A-Za-z0-9]{4}){1,6}"
            r"(?: ?(?=[A-Za-z]{0,2}\d)[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
        ),
        _adds_up,
    ),
    (
        "chinese_id",
        re.compile(r"(?<![\d.])[1-8]\d{5}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?![\dA-Za-z])", re.ASCII),
        lambda found: is_chinese_id(_SPACES.sub("", found.group())),
    ),
    (
        "card",
        re.compile(r"(?<![\d.,-])(?:\d(?:[ -]?\d){12,18}|\d{4}(?:\.\d{4}){3})(?![\d]|[.,]\d)", re.ASCII),
        lambda found: is_card(_SPACES.sub("", found.group())),
    ),
    (
        "ssn",
        re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\d-])", re.ASCII),
        lambda _: True,
    ),
    (
        "nino",
        re.compile(r"(?<![A-Za-z0-9])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?![A-Za-z0-9])"),
        lambda _: True,
    ),
    (
        "taiwan_id",
        re.compile(r"(?<![A-Za-z0-9])[A-Z][12]\d{8}(?![A-Za-z0-9])"),
        lambda found: is_taiwan_id(found.group()),
    ),
    (
        "hong_kong_id",
        re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,2})(\d{6}) ?[(（]([0-9A])[)）]"),
        lambda found: is_hong_kong_id(found[1], found[2], found[3]),
    ),
    (
        "passport",
        re.compile(
            r"(?:护照|passport)(?:号码?| ?(?:no\.?|number))? ?[:：#是]? ?([A-Z]{1,2}\d{7,8}|\d{9})(?!\d)", re.IGNORECASE
        ),
        lambda _: True,
    ),
    (
        "account",
        re.compile(
            r"(?:QQ|微信|wechat|v信|(?<![A-Za-z])vx)(?:群|号码?| ?id)?"
            r"(?: ?[:：是为] ?| (?=\S*\d)|(?<=v信)(?=[a-z_-]+\d))"
            r"([A-Za-z0-9][A-Za-z0-9_-]{4,19})(?![A-Za-z0-9_-])|QQ群?号? ?(\d{5,11})(?!\d)",
            re.IGNORECASE,
        ),
        lambda _: True,
    ),
    (
        "phone",
        re.compile(
            r"(?<![A-Za-z0-9.,+/_-])(?:"
            r"(?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){7,11}"
            r"|(?:\+?86[ .‐–-]?)?1[3-9]\d[ .‐–-]?\d{4}[ .‐–-]?\d{4}"
            r"|\(1[3-9]\d\) ?\d{4}[ -]?\d{4}"
            r"|(?:\(0\d{2,3}\) ?|0\d{2,3}-)\d{7,8}"
            r"|(?:1[ .-])?(?:\(\d{3}\) ?\d{3}[-. ]|\d{3}[-.]\d{3}[-.])\d{4}"
            r"|[2-9]\d{2} \d{3} \d{4}"
            r"|07\d{3} ?\d{3} ?\d{3}"
            r"|0[1-9](?: \d\d){4}"
            r"|020 \d{4} \d{4}"
            r"|0[789]0-\d{4}-\d{4}"
            r"|09\d\d-\d{3}-\d{3}"
            r"|8 ?\(9\d\d\) ?\d{3}-\d\d-\d\d"
            r"|\(\d\d\) ?9\d{4}-\d{4}"
            r")(?![\d/_]|[.,-]\d)" + _UNIT,
            re.ASCII,
        ),
        lambda found: not _SERVICE.match(found.group()),
    ),
)
_WHOLE_GROUP: Final = 0


def may_hold(text: str) -> bool:
    """Say whether it is worth looking; most texts have nothing of the kind, and this says so quickly."""
    return _NUMBER.search(text) is not None or _has_mail(text) or _ACCOUNTED.search(text) is not None


def find(text: str) -> Iterator[Found]:
    """Yield what identifies a person, in order, without overlaps; of two that overlap the kind listed first."""
    may = {"mail": _has_mail(text), "account": _ACCOUNTED.search(text) is not None}
    number = _NUMBER.search(text) is not None
    if not (number or any(may.values())):
        return
    taken: list[Found] = []
    for kind, pattern, agrees in _PATTERNS:
        if not may.get(kind, number):
            continue
        for found in pattern.finditer(text):
            if not agrees(found):
                continue
            group = found.lastindex if kind in ("passport", "account") and found.lastindex else _WHOLE_GROUP
            begin, end = found.span(group)
            if all(end <= other[0] or begin >= other[1] for other in taken):
                taken.append((begin, end, kind))
    yield from sorted(taken)


def _has_mail(text: str) -> bool:
    return ("@" in text or "[" in text or "(" in text or "%" in text) and _ADDRESSED.search(text) is not None


def taken_out(text: str, mark: str) -> str:
    """Return `text` with `mark` where something that identifies a person stood."""
    pieces, end = [], 0
    for begin, after, _ in find(text):
        pieces += [text[end:begin], mark]
        end = after
    return "".join([*pieces, text[end:]]) if pieces else text
