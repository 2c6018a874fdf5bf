"""Whether a claim is a sentence of a post with one word replaced: "the navy helped" for "the army helped".

Words that mean the same are listed; another word in the same place is taken for another meaning. So a true claim that
uses a synonym nobody listed is lost, which costs less than a false one told.
"""

import re
from difflib import SequenceMatcher
from typing import Final

from streams.briefs.words import words_of

MAX_TOKENS: Final = 200
"""Longer texts are not compared, which bounds the time."""
_LONGEST: Final = (2, 3)
"""Tokens that are replaced at most, and those that stood there."""
_LEAST_STEM: Final = 3

_SAME: Final = tuple(
    re.compile(rf"(?:{words})")
    for words in (
        r"hurt|injur\w*|wound\w*", r"kill\w*|dead|died|dies?|deaths?", "big|large|huge|major|massive",
        r"begins?|beg[au]n|start\w*|launch\w*", r"ends?|ended|stop\w*|finish\w*|complet\w*",
        r"say\w*|said|told|tells|confirm\w*|announc\w*|stat\w*|report\w*|add\w*|explain\w*|warn\w*|reveal\w*|claim\w*",
        "people|persons?|residents?|inhabitants", "homes?|houses?|households", r"kids?|child\w*", "cars?|vehicles?",
        "police|officers?", r"get\w*|got|receiv\w*", r"hit\w*|str[iu]\w*|shak\w*|shook",
        r"ask\w*|call\w*|demand\w*|request\w*|urg\w*", r"need\w*|requir\w*", r"evacuat\w*|mov\w*|relocat\w*",
        r"show\w*|indicat\w*", "about|around|some|roughly|approximately|nearly|almost",
        r"ris\w*|rose|increas\w*|climb\w*|grew|grow\w*|jump\w*|rais\w*", r"fell|fall\w*|drop\w*|declin\w*|decreas\w*",
        "firm|company|business", "chief|head|boss|leader|director", r"cancel\w*|scrap\w*", r"buy\w*|bought|acquir\w*",
        "because|after|due|owing|since|following", "who|which|that",
        r"plan\w*|intend\w*|want\w*|will|would|should|aims?",
        r"help\w*|assist\w*|support\w*", r"pric\w*|cost\w*|fares?", r"quick\w*|fast|rapid\w*", "film|movie",
        "road|street",
        r"promis\w*|pledg\w*|vow\w*", r"build\w*|construct\w*", "doctor|physician|medic",
        "因为|由于|因", "表示|说|称|透露|指出|认为|宣布|回应|介绍|告诉", "死亡|遇难|身亡|丧生|去世", "受伤|伤者",
        "发生|突发", "导致|造成|致使", "大约|约|近", "民众|居民|市民|群众", "目前|现在|如今", "撤离|疏散|转移",
        "将|会|预计", "已|已经", "开始|启动", "结束|完成", "网友|网民", "购买|买", "公布|发布|宣布",
        "帮助|协助|支援", "孩子|儿童|小孩", "取消|撤销",
    )
)  # fmt: skip
_BESIDE: Final = ((0, 0), (1, 0), (0, 1))


def replaced(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Say whether a claim, given by its tokens, has another word where a post has one, between words that both have."""
    if max(len(ours), len(theirs)) > MAX_TOKENS:
        return False
    steps = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    for place, (kind, a, a_end, b, b_end) in enumerate(steps):
        if kind != "replace" or a_end - a > _LONGEST[0] or b_end - b > _LONGEST[1]:
            continue
        between = all(steps[beside][0] == "equal" for beside in (place - 1, place + 1) if 0 <= beside < len(steps))
        if between and _differ(ours, (a, a_end), theirs, (b, b_end)):
            return True
    return False


def _differ(ours: tuple[str, ...], here: tuple[int, int], theirs: tuple[str, ...], there: tuple[int, int]) -> bool:
    new, old = ours[slice(*here)], theirs[slice(*there)]
    if set(new) & set(theirs) or set(old) & set(ours):  # only in another place
        return False
    if any(word.isdigit() for word in new):  # judged as a number
        return False
    if all(word.isascii() for word in new + old):
        if not words_of(" ".join(new)) or not words_of(" ".join(old)):
            return False
        if any(one[:_LEAST_STEM] == other[:_LEAST_STEM] for one in new for other in old):  # another form of the word
            return False
    # In Chinese the sign beside may belong to the word.
    said = [_joined(ours, here[0] - left, here[1] + right) for left, right in _BESIDE]
    was = [_joined(theirs, there[0] - left, there[1] + right) for left, right in _BESIDE]
    return not any(
        any(same.fullmatch(text) for text in said) and any(same.fullmatch(text) for text in was) for same in _SAME
    )


def _joined(tokens: tuple[str, ...], begin: int, end: int) -> str:
    piece = tokens[max(begin, 0) : end]
    return (" " if all(token.isascii() for token in piece) else "").join(piece)
