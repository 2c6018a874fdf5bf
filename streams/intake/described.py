"""What the media of a post add to its terms: cleaned like a text, limited, and never in place of the author's own.

The encoder and near-duplicate keys see the author's words alone: a mood is the author's, not that of a picture.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from streams.contracts.posts import Described
from streams.contracts.terms import MAX_TERMS_PER_POST
from streams.intake.cleaning import clean
from streams.intake.language import LanguageReader
from streams.intake.terms import terms_of
from streams.intake.words import units

MOST_DESCRIBED: Final = 8
MOST_CHARS: Final = 2_000
"""Descriptions of a post, and characters of each, that are read; the rest is left, and the post with it stays."""

_MOST_NAME: Final = 64


class MediaWords(NamedTuple):
    """Descriptions as they may be shown, and the terms that the post's own text did not have."""

    described: tuple[Described, ...]
    terms: tuple[str, ...]


def media_words(described: Sequence[Described], own: Sequence[str], languages: LanguageReader) -> MediaWords:
    """Return what the descriptions of a post's media add.

    Args:
        described: as they stand in the post, by whomever: anything may be in them.
        own: terms of the post's text, which go first: together they are at most `MAX_TERMS_PER_POST`.
        languages: tells the language of each description; a picture need not be in that of the post.
    """
    kept: list[Described] = []
    added: dict[str, None] = {}
    known = set(own)
    for one in described[:MOST_DESCRIBED]:
        cleaned = clean(one.text, max_chars=MOST_CHARS)
        if not cleaned.text.strip():
            continue
        kept.append(
            msgspec.structs.replace(
                one, kind=one.kind[:_MOST_NAME], by=one.by[:_MOST_NAME], text=cleaned.text, media=max(one.media, 0)
            )
        )
        words = units(cleaned.marked, languages.language(cleaned.text, None))
        for term in terms_of(cleaned, words, repost_of=None, copy_key=0):
            if term not in known:
                added[term] = None
    room = max(MAX_TERMS_PER_POST - len(own), 0)
    return MediaWords(tuple(kept), tuple(added)[:room])
