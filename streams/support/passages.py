"""Passages: what an answer may quote, each with the place it comes from. Cut so that one fits the encoder whole."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from streams.support.words import HAN

MAX_CHARS: Final = 420
"""Longest passage: about what the encoder reads at once (128 tokens), three times as many letters as Chinese signs."""
_HAN_CHARS: Final = 140
_END: Final = re.compile(r"(?<=[.!?…])\s+(?=[^a-z\s])|(?<=[。！？；!?])\s*|\n+")


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of text that can be quoted.

    `id` is unique and stable ("faq.csv#3"), `kind` one of `KINDS`, `source` what a citation names (a path, a hotspot),
    `title` the headings above it or the question of a FAQ, `text` what is quoted. `posts` are ids of the posts behind
    it, for what comes from posts.
    """

    id: str
    kind: str
    source: str
    title: str
    text: str
    lang: str
    posts: tuple[str, ...] = ()


KINDS: Final = ("document", "faq", "brief", "post")


def sentences_in(text: str) -> list[str]:
    """Return the sentences of a text, in order, English and Chinese."""
    return [line for piece in _END.split(text) if (line := " ".join(piece.split()))]


def language_of(text: str) -> str:
    """Return "zh" for a text with more Chinese signs than a third of its Latin words, "en" for any other."""
    han = len(HAN.findall(text))
    return "zh" if han * 3 > len(re.findall(r"[A-Za-z]+", text)) and han else "en"


def pieces_of(text: str) -> Iterator[str]:
    """Yield a text in pieces short enough for a passage, cut between sentences, a very long sentence inside."""
    held: list[str] = []
    size = 0.0
    for sentence in sentences_in(text):
        for begin in range(0, len(sentence), MAX_CHARS):
            part = sentence[begin : begin + MAX_CHARS]
            weight = len(part) / MAX_CHARS + len(HAN.findall(part)) * (1 / _HAN_CHARS - 1 / MAX_CHARS)
            if held and size + weight > 1.0:
                yield joined(held)
                held, size = [], 0.0
            held.append(part)
            size += weight
    if held:
        yield joined(held)


def joined(sentences: list[str]) -> str:
    """Join sentences as their script does: Chinese without a space."""
    text = ""
    for sentence in sentences:
        text += sentence if not text or text[-1] in "。！？；" else f" {sentence}"
    return text
