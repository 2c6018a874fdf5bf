"""Who, where, when and what: names that posts agree on, each with the posts that use it.

By rule, not by a model of names: in European languages capitalised words behind a word of place or before a word of
saying, in Chinese jieba's parts of speech. What a rule is not sure of it leaves out.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from typing import Final

import rjieba

from streams.briefs.choosing import MAX_POSTS
from streams.briefs.masking import masked
from streams.briefs.sentences import EvidencePost
from streams.contracts.outputs import Sentence
from streams.intake.stopwords import ENGLISH

MOST: Final = 3
READ: Final = 200
_READ_CHARS: Final = 600
"""Posts, and characters of each, that are searched for names, which bounds the time."""

_WORD: Final = r"[A-ZÀ-Þ][\w’'.-]{0,30}\w"
_NAME: Final = rf"{_WORD}(?:\s+(?:of|the|de|del|di|do|da|la|du)\s+{_WORD}|\s+{_WORD}){{0,3}}"
_PLACE: Final = re.compile(
    rf"\b(?:in|at|near|outside|across|around|en|em|a|de)\s+(?:the\s+|el\s+|la\s+|las\s+)?#?({_NAME})"
)
_SPEAKER: Final = re.compile(
    rf"\b({_NAME})\s+(?:says?|said|tells?|told|confirm(?:s|ed)|report(?:s|ed)|warn(?:s|ed)|announc(?:es|ed)|den(?:ies|ied)"
    rf"|dice|dijo|informa|conferma|confirma|confirmó)\b"
    rf"|\b(?:according to|[Ss]egún|[Ss]econdo|[Ss]egundo)\s+(?:the\s+|el\s+|la\s+)?({_NAME})"
)
_TIME: Final = re.compile(
    r"(?<![\w.:])(?:\d{1,2}(?:[:.]\d{2})?\s?[ap]\.?m\.?|\d{1,2}:\d{2}(?:\s?(?:UTC|GMT|CET|[ECMP][SD]T))?"
    r"|this (?:morning|afternoon|evening)|tonight|last night|yesterday"
    r"|(?:on )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: (?:morning|afternoon|evening|night))?)(?!\w)"
    r"|(?:\d{1,2}月)?\d{1,2}日(?:凌晨|清晨|早上|上午|中午|下午|晚上?|夜里)?(?:\d{1,2}[时点](?:\d{1,2}分|半)?)?"
    r"|\d{1,2}[时点](?:\d{1,2}分|半)|(?:今|昨|明)(?:天|晨|晚)(?:凌晨|早上|上午|中午|下午|晚上)?|凌晨|傍晚",
    re.IGNORECASE,
)
_NO_NAMES: Final = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december god jesus please breaking update lol via user rt news photo
    video prayers thoughts people police sources officials witnesses authorities media who he she they it we
    you""".split()  # noqa: SIM905 - a list to read
)
_WHO_FLAGS: Final = ("nr", "nt")
_ADJECTIVE: Final = re.compile(r"[a-z](?:ish|ian|ese)$")


def places_of(posts: Sequence[EvidencePost], least: int) -> tuple[Sentence, ...]:
    """Return the places that `least` or more authors name, most named first."""
    using = _Using()
    for post in posts[:READ]:
        if post.lang == "zh":
            using.add(
                post, (word for word, flag in rjieba.tag(post.text[:_READ_CHARS]) if flag == "ns" and len(word) > 1)
            )
        else:
            using.add(post, (_plain(found[1]) for found in _PLACE.finditer(post.text[:_READ_CHARS])))
    return using.agreed(least)


def people_of(posts: Sequence[EvidencePost], least: int, terms: Set[str]) -> tuple[Sentence, ...]:
    """Return who is said to speak or act: `least` authors must name a Chinese name, one is enough for who is quoted.

    A name that is one of the story's `terms` is what it is about, and told there.
    """
    using, quoted = _Using(), _Using()
    for post in posts[:READ]:
        if post.lang == "zh":
            using.add(
                post,
                (word for word, flag in rjieba.tag(post.text[:_READ_CHARS]) if flag in _WHO_FLAGS and len(word) > 1),
            )
        else:
            quoted.add(post, (_plain(found[1] or found[2]) for found in _SPEAKER.finditer(post.text[:_READ_CHARS])))
    named = (*quoted.agreed(1), *using.agreed(least))
    return tuple(name for name in named if name.text.casefold() not in terms)[:MOST]


def times_of(posts: Sequence[EvidencePost], least: int) -> tuple[Sentence, ...]:
    """Return the times that `least` or more authors name; relative ones as they are said."""
    using = _Using()
    for post in posts[:READ]:
        using.add(post, (" ".join(found.group().split()) for found in _TIME.finditer(post.text[:_READ_CHARS])))
    return using.agreed(least)


def terms_in(posts: Sequence[EvidencePost], terms: Iterable[str]) -> tuple[Sentence, ...]:
    """Return the terms that posts use, in their order, with those posts."""
    found = []
    for term in terms:
        folded = term.casefold()
        using = tuple(post.id for post in posts if folded in post.text.casefold())
        if using:
            found.append(Sentence(masked(term), using[:MAX_POSTS]))
    return tuple(found[:MOST])


class _Using:
    """Names, the posts that use each, and how many authors these have."""

    def __init__(self) -> None:
        self._posts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._shown: dict[str, str] = {}

    def add(self, post: EvidencePost, names: Iterable[str]) -> None:
        for name in names:
            if (
                name
                and name.casefold() not in _NO_NAMES
                and name.casefold() not in ENGLISH
                and "user" not in name.split()
            ):
                key = name.casefold()
                self._shown.setdefault(key, name)
                self._posts[key][post.id] = post.author

    def agreed(self, least: int) -> tuple[Sentence, ...]:
        counted = [(len(set(using.values())), name) for name, using in self._posts.items()]
        ordered = sorted((item for item in counted if item[0] >= least), key=lambda item: (-item[0], item[1]))
        chosen: list[str] = []
        for _, name in ordered:
            if len(chosen) < MOST and not any(name in other or other in name for other in chosen):
                chosen.append(name)
        return tuple(Sentence(masked(self._shown[name]), tuple(self._posts[name])[:MAX_POSTS]) for name in chosen)


def _plain(name: str) -> str:
    words = re.sub(r"['’]s\b|[.#]+$", "", name).split()
    while words and words[0].casefold() in ENGLISH:
        del words[0]
    return "" if len(words) == 1 and _ADJECTIVE.search(words[0]) else " ".join(words)
