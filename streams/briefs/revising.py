"""A brief without the posts that were taken back: what was taken from them goes, what others say as well stays."""

from collections.abc import Set
from typing import Final, TypeVar

from msgspec.structs import replace

from streams.briefs.brief import HEADLINE_CHARS, shortened
from streams.contracts.outputs import Brief, Doubt, Sentence, Voice

Part = TypeVar("Part", Sentence, Voice, Doubt)
_END: Final = ".。!！…"


def without(brief: Brief, gone: Set[str]) -> Brief:
    """Return a brief that says nothing of the posts `gone` and does not name them, as the next revision of itself.

    A text is that of the first post of its evidence and goes with it. Names and terms stay while another post has them.
    What was counted stays: it says how many wrote, not what. With nothing else to quote, the headline is made of terms.
    """
    parts: tuple[Sentence | Voice | Doubt, ...] = (*brief.sentences, *brief.voices, *brief.unconfirmed)
    texts = [part.text.rstrip(_END) for part in parts if part.evidence[0] in gone]
    left = replace(
        brief,
        sentences=_told(brief.sentences, gone),
        what=_named(brief.what, gone),
        who=_named(brief.who, gone),
        where=_named(brief.where, gone),
        when=_named(brief.when, gone),
        voices=_told(brief.voices, gone),
        # Figures that differ are told of several posts at once, so none of them may be missing.
        unconfirmed=tuple(
            doubt
            for doubt in _told(brief.unconfirmed, gone)
            if doubt.reason != "figures differ" or doubt in brief.unconfirmed
        ),
        changes=tuple(line for line in brief.changes if not any(text in line for text in texts)),
        quoted=tuple(post for post in brief.quoted if post.id not in gone),
        expired=brief.expired + len(gone),
        revision=brief.revision + 1,
    )
    title, evidence = _title(left, gone)
    return replace(left, headline=title, headline_evidence=evidence)


def _told(parts: tuple[Part, ...], gone: Set[str]) -> tuple[Part, ...]:
    """Return the parts whose words are not those of a post that is gone."""
    return tuple(_less(part, gone) for part in parts if part.evidence[0] not in gone)


def _named(parts: tuple[Sentence, ...], gone: Set[str]) -> tuple[Sentence, ...]:
    """Return the names that some post still has."""
    return tuple(left for part in parts if (left := _less(part, gone)).evidence)


def _less(part: Part, gone: Set[str]) -> Part:
    return replace(part, evidence=tuple(post for post in part.evidence if post not in gone))


def _title(brief: Brief, gone: Set[str]) -> tuple[str, tuple[str, ...]]:
    """Return the headline and the posts that it rests on."""
    left = tuple(post for post in brief.headline_evidence if post not in gone)
    if brief.headline_evidence[:1] == left[:1]:
        return brief.headline, left
    if brief.sentences:
        first = brief.sentences[0]
        text, limit = first.text.rstrip(_END), HEADLINE_CHARS["zh" if brief.lang == "zh" else "en"]
        return text if len(text) <= limit else shortened(text, limit), first.evidence
    return " · ".join(term.text for term in brief.what[:5]) or brief.figures[0], ()
