"""Replies to people who wrote to us: what is a question, what is said to it, and what was said already.

A reply cannot be taken back, and no platform says whether one that was cut off arrived. So each is noted as told before
it goes out: a kill in between leaves someone without a reply, never with two.
"""

import re
from typing import Final, Literal

import msgspec

from streams.contracts.answers import Answer

Asking = Literal["none", "questions", "all"]
"""Which messages are questions: none, those that ask, every one."""

REMEMBERED: Final = 500
"""Told replies that are remembered though no answer before them is open: a platform may call again for seconds."""

OPEN: Final = 2000
"""Answers that may stand between the oldest that is open and the newest; the oldest is given up beyond."""

_ASKS: Final = re.compile(
    r"[?？]"
    r"|什么|怎么|怎样|如何|为何|哪[里儿个些天位]|几[点时个天]|多少|多久|是否|能不能|可不可以|有没有|请问|谁"
    r"|[吗呢么][。！!~～\s]*$"
    r"|^\W*(?:who|what|when|where|which|why|how|is|are|can|could|do|does|did|will|may|should)\b",
    re.IGNORECASE,
)


def is_question(text: str, asking: Asking) -> bool:
    """Say whether a message is a question by the operator's setting.

    >>> is_question("你们几点开门", "questions"), is_question("谢谢！", "questions"), is_question("谢谢！", "all")
    (True, False, True)
    """
    return asking == "all" or (asking == "questions" and _ASKS.search(text) is not None)


def reply_text(answer: Answer, max_bytes: int) -> str:
    """Return what is said: the answer's text, cut at a character where it is longer than the platform takes.

    >>> answer = Answer(question_id="1", status="answered", text="四个月左右", lang="zh", sureness=0.9)
    >>> reply_text(answer, 15), reply_text(answer, 14)
    ('四个月左右', '四个月…')
    """
    whole = answer.text.encode("utf-8", "replace")
    if len(whole) <= max_bytes:
        return whole.decode()
    return whole[: max_bytes - len("…".encode())].decode("utf-8", "ignore") + "…"


class Told(msgspec.Struct):
    """What was told, by question id with the offset of its answer, and where `answers` is read again from.

    Every answer before `next` is done with; behind it those in `told` are.
    """

    next: int
    told: dict[str, int] = {}

    def begin(self, question_id: str, offset: int) -> bool:
        """Note that someone is being told; return whether nobody told them before."""
        if question_id in self.told:
            return False
        self.told[question_id] = offset
        return True

    def take_back(self, question_id: str) -> None:
        """Note that the platform refused it before anyone was told: it may be told later."""
        self.told.pop(question_id, None)

    def move(self, oldest_open: int) -> None:
        """Note that every answer before an offset is done with; forget what nobody asks for any more."""
        self.next = max(self.next, oldest_open)
        settled = [question_id for question_id, offset in self.told.items() if offset < self.next]
        for question_id in settled[: max(len(settled) - REMEMBERED, 0)]:
            del self.told[question_id]
