"""What can be recommended: live hotspots, and the posts that their briefs quote. Whom it may interest is elsewhere."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from streams.briefs.words import tokens_of
from streams.contracts.outputs import Brief, Hotspot
from streams.contracts.terms import name_of
from streams.contracts.times import to_ms

POSTS_EACH: Final = 2
"""Quoted posts of a hotspot that stand for themselves."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A hotspot or a post: `terms` are names without their kinds, `size` is authors, `quality` in [0, 1].

    `said` are the tokens of its words, a space around each.
    """

    kind: str
    id: str
    hotspot_id: str
    title: str
    lang: str
    terms: frozenset[str]
    updated_ms: int
    size: int
    quality: float
    said: str = ""

    def has(self, name: str) -> bool:
        """Say whether the candidate is about a name: by its terms, or in its words."""
        return name in self.terms or (bool(self.said) and spoken(name) in self.said)


def spoken(text: str) -> str:
    """Return the tokens of a text with a space around each, so that a name is found as words and not within one."""
    tokens = tokens_of(text)
    return f" {' '.join(tokens)} " if tokens else "\0"


def candidates_of(hotspots: Iterable[Hotspot], briefs: Mapping[str, Brief]) -> list[Candidate]:
    """Return the candidates of live hotspots that have words, by their newest briefs.

    Args:
        hotspots: the newest state of each.
        briefs: the newest brief by hotspot id.
    """
    found: list[Candidate] = []
    for hotspot in hotspots:
        brief = briefs.get(hotspot.hotspot_id)
        if hotspot.stage == "closed" or brief is None or not brief.headline_evidence:
            continue
        try:
            updated_ms = to_ms(msgspec.convert(hotspot.updated_at, datetime))
        except (msgspec.ValidationError, OverflowError, ValueError):
            continue
        names = frozenset(name_of(term).casefold() for term in hotspot.terms)
        whole = Candidate(
            kind="hotspot",
            id=hotspot.hotspot_id,
            hotspot_id=hotspot.hotspot_id,
            title=brief.headline,
            lang=brief.lang,
            terms=names,
            updated_ms=updated_ms,
            size=hotspot.why.distinct_authors,
            quality=min(max(hotspot.credibility, 0.0), 1.0),
            said=spoken(" . ".join((brief.headline, *(sentence.text for sentence in brief.sentences)))),
        )
        found.append(whole)
        for sentence in brief.sentences[:POSTS_EACH]:
            said = spoken(sentence.text)
            found.append(
                msgspec.structs.replace(
                    whole,
                    kind="post",
                    id=sentence.evidence[0] if sentence.evidence else hotspot.hotspot_id,
                    title=sentence.text,
                    terms=frozenset(name for name in names if spoken(name) in said),
                    said=said,
                )
            )
    return found
