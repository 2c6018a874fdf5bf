"""Sentences worth quoting: which lines of a post can stand in a brief, and how well each reads."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from streams.briefs.masking import MAIL_MASK, NUMBER_MASK, masked
from streams.briefs.tidy import HANGING, lines_of
from streams.briefs.words import words_of

_MIN_WORDS: Final = 5
_MIN_HAN: Final = 8
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_UNFIT: Final = re.compile(
    r"@user|[#@\\<>{}\[\]|]|://|www\.|\bRT\b|\b(?:fuck\w*|shit\w*|sick{2,}\w*|wtf|bitch\w*|cazzo|mierda|porra|fag\w*|nigg\w+|whore\w*|cunt\w*)\b|傻逼|卧槽|他妈",
    re.IGNORECASE,
)
_OWN: Final = re.compile(
    r"\b(?:i|i'm|im|i've|i'll|me|my|mine|we|our|us|you|your|lol|omg|haha\w*|yo|mi|mis)\b|我|咱|俺|你|哈哈|呵呵",
    re.IGNORECASE,
)
_BEGGING: Final = re.compile(
    r"\b(?:please|pls|plz|retweet|follow|click|check out|tune in|donat\w+|use the)\b|求转|扩散|关注|转发", re.IGNORECASE
)
_LEANING: Final = re.compile(
    r"^(?:this|that|these|those|it|its|he|she|they|and|but|so|because|then|which|also|yes|no|well|yo)\b|^(?:这|那|他|她|它|而且|但是|但|所以|因为|然后|其实)",
    re.IGNORECASE,
)
_FEELING: Final = re.compile(
    r"\b(?:hope(?:fully)?|horribl[ey]|terribl[ey]|pray(?:ers?|ing)?|thoughts|crazy|wow|sad(?:ly)?|scary|rip|condolences|heartbr\w+|"
    r"shock(?:ed|ing)|unbelievable|insane|amazing|awful|tragic|damn|conforte|condolencias)\b"
    r"|can'?t believe|祈福|保佑|心疼|加油|可怕|希望|天啊|默哀|一路走好|安息|难过|愿|唉|哎|泪|太惨|好惨|震惊|恐怖",
    re.IGNORECASE,
)
_WORST: Final = 0.2
"""Quality under which a line is not worth quoting."""
_VERB: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|be|been|will|can|could|may|says?|said|hits?|kills?|\w{2,}(?:ed|es|ing)|[a-z]{3,}s|dead|injured|hurt|hit|cut|shut|fell|felt|set|off|out|on)\b"
)


class EvidencePost(msgspec.Struct, frozen=True):
    """A post of the evidence as it was read back: cleaned text, keyed author hash.

    `sentiment` is (negative, neutral, positive), empty without a score. (`partition`, `offset`, `index`) say where it
    stands on `posts`.
    """

    id: str
    text: str
    lang: str
    author: int = 0
    created_ms: int = 0
    sentiment: tuple[float, ...] = ()
    platform: str = ""
    partition: int = -1
    offset: int = -1
    index: int = -1


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of one post, the words by which it is compared, and how well it reads, in (0, 1].

    `context` are the words of the whole post, its tags included.
    """

    text: str
    post: EvidencePost
    words: frozenset[str]
    context: frozenset[str]
    quality: float


def sentences_of(posts: Iterable[EvidencePost]) -> list[Sentence]:
    """Return the quotable sentences of posts, in order; the same line of the same author counts once.

    A sentence needs five words or eight Han characters, and none of: a mention, an address, a masked number, a curse.
    """
    found = []
    seen: set[tuple[str, int]] = set()
    for post in posts:
        context = words_of(post.text)
        for line in lines_of(masked(post.text), post.lang):
            key = (line.casefold(), post.author)
            if key in seen:
                continue
            seen.add(key)
            quality = quality_of(line, post.lang)
            if quality > _WORST:
                found.append(Sentence(line, post, words_of(line), context, quality))
    return found


def quality_of(line: str, lang: str) -> float:
    """Return how well a line would read in a brief: 0 for not at all, 1 for a plain statement."""
    han, plain = len(_HAN.findall(line)), _WORD.findall(line)
    if han < _MIN_HAN and len(plain) < _MIN_WORDS:
        return 0.0
    if MAIL_MASK in line or NUMBER_MASK in line or _UNFIT.search(line):
        return 0.0
    if lang != "zh" and HANGING.search(line):
        return 0.0
    quality = 1.0
    if _OWN.search(line):
        quality *= 0.6
    if "?" in line or "？" in line:
        quality *= 0.5
    if _BEGGING.search(line):
        quality *= 0.6
    if _LEANING.search(line):
        quality *= 0.6
    if _FEELING.search(line):
        quality *= 0.5
    if lang == "zh":
        return quality
    if line[0].islower():
        quality *= 0.8
    if sum(map(str.isupper, line)) * 2 > sum(map(str.isalpha, line)):
        quality *= 0.7
    if lang == "en" and not _VERB.search(line.split(" ", 1)[-1]):
        quality *= 0.5
    return quality
