"""Turns the text of a post into lines that read well: no marks of passing on, no labels, no heaps of tags, no stumps.

Only takes away and closes: the words of a line stand in the post in the same order, next to each other.
"""

import re
from typing import Final

LONGEST: Final = {"zh": 90, "en": 220}

_WEIBO_CUT: Final = 110
"""Characters from which a Chinese text without an end was cut by a list of posts that shows the first lines only."""

# Words of somebody else begin here: "comment RT @user : words", "“ @user : words".
_PASSED_ON: Final = re.compile(
    r"[\s“”\"«»(\[>]{0,8}\b(?:RT|MT)\b[\s“”\":]*@user\b\s*[:：]*|[“\"«]\s*@user\b\s*[:：]*|\bRT\b\s*[:：]|【|】|\s-{2,}\s|\s>{1,2}\s"
)
_ENDS: Final = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[^a-z\s])|(?<=[。！？；!?])\s*(?=[^。！？；!?”」）])|\n+|~{2,}")
_SYMBOLS: Final = re.compile(
    r"[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u2bff\u3030\ufe0f\u200d\u20e3\u2764]+"
)
_LABEL: Final = re.compile(
    r"^(?:(?:#?(?:breaking(?: news)?|just in|update[ds]?|video|photos?|pics?|watch|live|news|alert|rt|via|urgente|"
    r"[úu]ltim[ao]s?(?: hora)?|ultim'ora|fotos?|actualizaci[oó]n|lo [úu]ltimo|ora|"
    r"快讯|突发|最新|转发微博|转发|视频|组图|直播)\b\s*(?:[:：!|】\]\-–—]+|(?=#))\s*)"
    r"|#(?:breaking|update|news|urgente|video)\b\s*)+",
    re.IGNORECASE,
)
_TAG: Final = r"#[^\s#，。！？\u3400-\u9fff]{1,100}"
_WEIBO_TAG: Final = r"#[^#\n]{0,40}[\u3400-\u9fff][^#\n]{0,40}#"
_LEADING: Final = re.compile(
    rf"^(?:{_WEIBO_TAG}[\s:：]*)+|^(?:(?:{_TAG}|@user\b)[\s:：,，|\-–—»>]*){{2,}}|^@user\b[\s:：,，]*"
)
_TRAILING: Final = re.compile(
    r"\s*+(?:[(\[]?\s?(?:\b(?:via|vía|h/t|cc|por|by|from|pic|photo|video)\b\s?)?@user\b\s?[)\]]?"
    rf"|{_WEIBO_TAG}|{_TAG}"
    r"|\b(?:via|vía|cc|h/t|RT|pls|please|read more|more|pic|video|ht{0,2}p?s?:?/?/?)\b[\s:/]*+)[.!…\s]*+$",
    re.IGNORECASE,
)
"""One leaving at the end of a line; they are taken off one by one."""
_LONGEST: Final = 600
"""Characters of a line that are looked at, which bounds the time on hostile ones; a sentence is far shorter."""
HANGING: Final = re.compile(
    r"\b(?:in|at|on|of|for|to|with|from|by|and|or|the|a|an|is|are|as|que|de|del|en|el|la|los|y|con|por|para|di|il|al|per|e|da|do|em"
    r"|no|na)[.!?]?$",
    re.IGNORECASE,
)
"""The end of a line that goes on elsewhere."""
_HINT: Final = re.compile(r"[@#]|\bv[ií]a\b|\bht|h/t|RT|\b(?:cc|more|pic|video)\b[\s:/.!…]*$", re.IGNORECASE)
"""A look before `_TRAILING`, which is slow on lines that have nothing of it."""
_EDGES: Final = re.compile(r"^[\s:：,，、.·|\-–—»>)\]”’!！?？;；*_=+]+|[\s:：,，、·|\-–—«<(\[“‘;；*_=+&/]+$")
_STUMP: Final = re.compile(r"(?:…|\.\.\.)[\s.”\"]*$")
_SALVAGE: Final = re.compile(r"[;；:：]\s|\s[-–—|]\s|[。，；]")
_PAIRS: Final = (("(", ")"), ("（", "）"), ("[", "]"), ("“", "”"), ("「", "」"), ("《", "》"), ("«", "»"))
_ODD: Final = re.compile(r"(?<=[。！？])[?？]+$")
"""What an emoji becomes that a source could not write."""
_FINAL: Final = re.compile(r"[.!?。！？]+[”\"'’)）」]*$")
_SPACED: Final = re.compile(r"\s+([,.!?;:，。！？；：)\]”])")
_REPEATED: Final = re.compile(r"([!?！？,，])(?:\s*\1)+")


def lines_of(text: str, lang: str) -> list[str]:
    """Return the sentences of a cleaned post as lines that read well, in order; stumps and leavings are left out."""
    text = _SYMBOLS.sub(" ", text).rstrip()
    if lang == "zh" and len(text) >= _WEIBO_CUT and not _FINAL.search(text):
        text += "…"
    return [line for piece in _ENDS.split(_PASSED_ON.sub("\n", text)) if (line := _line(piece, lang))]


def _line(piece: str, lang: str) -> str:
    line = " ".join(piece.split())
    if not line:
        return ""
    if len(line) > _LONGEST:
        line = f"{line[:_LONGEST]}…"
    before = None
    while before != line:
        before = line
        line = _EDGES.sub("", _LABEL.sub("", _LEADING.sub("", line)))
        if _HINT.search(line):
            line = _EDGES.sub("", _without_leaving(line))
    if _STUMP.search(line):
        line = _salvaged(_STUMP.sub("", line))
    if not line:
        return ""
    limit = LONGEST["zh" if lang == "zh" else "en"]
    if len(line) > limit:
        line = _salvaged(line[:limit])
    return _mended(line, lang)


def _without_leaving(line: str) -> str:
    """Return a line without the last leaving; a tag that its sentence needs ("fire in #Boulder") is none."""
    found = _TRAILING.search(line)
    if found is None:
        return line
    rest = line[: found.start()]
    return line if found.group().lstrip().startswith("#") and HANGING.search(rest) else rest


def _salvaged(line: str) -> str:
    """Return what stands before the last boundary of a line that was cut, nothing where there is none."""
    places = [found.start() for found in _SALVAGE.finditer(line)]
    return line[: places[-1]] if places else ""


def _mended(line: str, lang: str) -> str:
    """Return a line without signs of tags, half pairs and doubled marks, with a capital and a full stop."""
    line = re.sub(r"#(?=\w)|(?<=[\u3400-\u9fff])#", " " if lang == "zh" else "", line)
    for opening, closing in _PAIRS:
        if line.count(opening) != line.count(closing):
            line = line.replace(opening, " ").replace(closing, " ")
    if line.count('"') % 2:
        line = line.replace('"', " ")
    line = _ODD.sub("", line)
    line = _REPEATED.sub(r"\1", _SPACED.sub(r"\1", " ".join(line.split())))
    line = re.sub(r"(?<=[\u3400-\u9fff，。！？]) | (?=[\u3400-\u9fff])", "", line) if lang == "zh" else line
    line = _EDGES.sub("", line.replace('""', '"'))
    line = line[:1].upper() + line[1:]
    return closed(line, lang) if line else ""


def closed(line: str, lang: str) -> str:
    """Return a line with a full stop, unless it ends with a mark of its own."""
    if _FINAL.search(line):
        return line
    return f"{line.rstrip('.…')}{'。' if lang == 'zh' else '.'}"
