"""What is said around a quotation, in English and Chinese, and a few requests that need no search."""

import re
from typing import Final

UNKNOWN: Final = {
    "en": "I don't know: nothing I may quote answers that. I pass your question on to a person.",
    "zh": "我不知道：我能引用的资料里没有答案。已将您的问题转给人工处理。",
}
PERSON: Final = {
    "en": "I pass you on to a person, with your question and what I found about it.",
    "zh": "正在为您转接人工，并附上您的问题和我找到的相关资料。",
}
REFUSED: Final = {
    "too_long": {
        "en": "Your question is too long ({size:,} characters); please ask in at most {limit:,}.",
        "zh": "您的问题太长（{size:,} 个字符），请控制在 {limit:,} 个字符以内。",
    },
    "empty": {"en": "There is no question in that.", "zh": "没有看到问题内容。"},
    "unreadable": {"en": "The question could not be read.", "zh": "无法读取该问题。"},
}
SAID_BY: Final = {"en": "People report: ", "zh": "网友称："}
"""Before what comes from posts: it is what they say, not what is known."""

FOREIGN: Final = {"en": "From a source in another language: ", "zh": "以下出自其他语言的资料："}
TRENDING: Final = {"en": "Now talked about: {listed}.", "zh": "当前热点：{listed}。"}
NOTHING_LIVE: Final = {"en": "There is no hotspot right now.", "zh": "目前没有热点。"}
LIST_JOIN: Final = {"en": "; ", "zh": "；"}

_PERSON: Final = re.compile(
    r"\b(?:speak|talk|connect|transfer|put)\b.{0,20}\b(?:human|person|agent|someone|operator|representative|staff)\b"
    r"|\b(?:real|live) (?:person|human|agent)\b"
    r"|(?:转|找|要|接)(?:接)?(?:一个|个)?(?:人工|真人)|真人客服",
    re.IGNORECASE,
)
_OVERVIEW: Final = re.compile(
    r"\bwhat(?:'s| is| are)\b.{0,12}\b(?:trending|hot|the (?:hot|trending) topics)\b"
    r"(?: (?:right )?(?:now|today))?\s*\??$"
    r"|\bwhat are people talking about(?: (?:now|today|right now))?\s*\??$"
    r"|^(?:现在|当前|今天|目前)?(?:有|有什么|有哪些|什么是|什么)?(?:热点|热搜|热门话题)(?:是什么|有哪些)?[？?]?$"
    r"|^(?:现在|今天)?大家(?:都)?在(?:聊|讨论|关注)(?:些)?什么[？?]?$",
    re.IGNORECASE,
)


def asks_for_person(question: str) -> bool:
    """Return whether a question asks for a human being and nothing else can answer it."""
    return _PERSON.search(question) is not None


def asks_for_overview(question: str) -> bool:
    """Return whether a question asks what is hot, whatever it is."""
    return _OVERVIEW.search(question.strip()) is not None
