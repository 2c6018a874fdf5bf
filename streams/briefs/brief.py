"""Puts a brief together from a hotspot and the posts of its evidence. Deterministic: the same posts, the same bytes."""

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from itertools import islice
from typing import Final

from msgspec.structs import replace

from streams.briefs.choosing import Quote, choose, quotes_of, repeats
from streams.briefs.company import company_of
from streams.briefs.doubts import DENIED, HEDGED, doubts_of
from streams.briefs.facts import people_of, places_of, terms_in, times_of
from streams.briefs.figures import changes_of, figures_of
from streams.briefs.originals import plain_title, quotes_from
from streams.briefs.quoting import quoted_in
from streams.briefs.sentences import EvidencePost, sentences_of
from streams.briefs.tidy import closed
from streams.briefs.voices import voices_of
from streams.briefs.words import words_of
from streams.contracts.outputs import Brief, Hotspot, Sentence
from streams.contracts.terms import name_of

SENTENCES: Final = 5
FEWEST: Final = 3
HEADLINE_CHARS: Final = {"zh": 40, "en": 110}
_LEADING: Final = 3
"""Strongest terms, of which a quoted post must have a word: the weaker ones are words that any story might use."""
_CLAUSE: Final = re.compile(r"[,;:]\s|\s[-–—]\s|[，；：。！？]")
_PLAIN: Final = 0.8
"""Quality from which a sentence may be a headline."""


def write_brief(
    hotspot: Hotspot,
    posts: Sequence[EvidencePost],
    previous: Brief | None = None,
    original: EvidencePost | None = None,
) -> Brief:
    """Return the brief of a hotspot's state.

    Args:
        hotspot: what was flagged, why, and in which stage it is.
        posts: its evidence, as far as it could be read back, in any order.
        previous: the brief before this one. While too little new is said, its sentences stand.
        original: the post that is passed on (`originals.py`); quoted where the evidence has nothing that can be.

    With nothing quotable the headline is made of the terms and there are no sentences.
    """
    expired = len(set(hotspot.evidence) - {post.id for post in posts})
    read = posts = sorted(posts, key=lambda post: post.id)
    leading, strangers = company_of(posts, {post.id: words_of(post.text) for post in posts})
    posts = [post for post in posts if post.id not in strangers]
    behind = [*posts, original] if original is not None else posts
    main, lang = _languages(posts or behind or read, previous)
    sentences = sentences_of(posts)
    quotes = quotes_of(sentences, _about(hotspot), main)
    if not quotes and original is not None:
        quotes = quotes_from(original)
    headline = _headline(quotes, HEADLINE_CHARS[lang])
    told = _told(quotes, headline, previous, lang, leading)
    title, sources = _title(headline, hotspot, previous, lang)
    least = min(2, len(posts))
    what = terms_in(posts, hotspot.why.top_terms)
    brief = Brief(
        brief_id=blake2b(f"brief/{hotspot.hotspot_id}/{hotspot.emitted_at}".encode(), digest_size=8).hexdigest(),
        hotspot_id=hotspot.hotspot_id,
        stage=hotspot.stage,
        emitted_at=hotspot.emitted_at,
        lang=lang,
        headline=title,
        headline_evidence=sources,
        sentences=told,
        what=what or (previous.what if previous else ()),
        who=people_of(posts, least, {term.text.casefold() for term in what}) or (previous.who if previous else ()),
        where=places_of(posts, least) or (previous.where if previous else ()),
        when=times_of(posts, least) or (previous.when if previous else ()),
        figures=figures_of(hotspot, lang, expired),
        mood=hotspot.why.sentiment,
        mood_before=previous.mood if previous else None,
        voices=voices_of(posts, sentences, quotes) or (previous.voices if previous else ()),
        unconfirmed=doubts_of(quotes),
        changes=changes_of(hotspot, told, lang, previous),
        previous=previous.brief_id if previous else None,
        authors=hotspot.why.distinct_authors,
        alerts=hotspot.alerts,
        expired=expired,
        simulated=hotspot.simulated,
    )
    return replace(brief, quoted=quoted_in(brief, behind, previous))


def is_due(hotspot: Hotspot, previous: Brief | None) -> bool:
    """Say whether a state of a hotspot deserves a brief: the first with evidence, each new stage, each alert."""
    if previous is None:
        return bool(hotspot.sources)
    return hotspot.stage != previous.stage or hotspot.alerts > previous.alerts


def _about(hotspot: Hotspot) -> frozenset[str]:
    """Return the words of the story's first and strongest terms, of all that it is called where it has none."""
    named = (words_of(name) for term in hotspot.terms if (name := name_of(term)) != term)
    leading = islice(filter(None, named), _LEADING)
    return frozenset[str]().union(*leading) or words_of(" ".join((*hotspot.terms, *hotspot.why.top_terms)))


def _languages(posts: Sequence[EvidencePost], previous: Brief | None) -> tuple[str, str]:
    """Return the language of most posts, and that of the brief's own words: Chinese or English."""
    counted = Counter(post.lang for post in posts)
    if not counted:
        lang = previous.lang if previous else "en"
        return lang, lang
    main = min(counted, key=lambda name: (-counted[name], name))
    return main, "zh" if main == "zh" else "en"


def _headline(quotes: Sequence[Quote], limit: int) -> Quote | None:
    """Return the most central quote that is short, plain and said without reserve, else the most central of all."""
    fit = [quote for quote in quotes if len(quote.text) <= limit and quote.quality >= _PLAIN]
    sure = [quote for quote in fit[:SENTENCES] if not HEDGED.search(quote.text) and not DENIED.search(quote.text)]
    return next(iter((*sure, *fit, *quotes)), None)


def _told(
    quotes: Sequence[Quote], headline: Quote | None, previous: Brief | None, lang: str, leading: str
) -> tuple[Sentence, ...]:
    """Return the sentences: new ones, and where these are few, those of the brief before that they do not repeat.

    An older sentence must have the leading word of the present evidence: stories wander, and are merged.
    """
    begun = [] if headline is None else [headline.words]
    chosen = choose(quotes, SENTENCES, begun)
    told = [Sentence(quote.text, quote.posts) for quote in chosen]
    if previous is None or len(told) >= FEWEST:
        return tuple(told)
    said = [*begun, *(quote.words for quote in chosen)]
    older = previous.sentences
    if headline is not None and previous.headline_evidence:
        older = (Sentence(closed(previous.headline, lang), previous.headline_evidence), *older)
    for sentence in older:
        words = words_of(sentence.text)
        if len(told) < FEWEST and (leading in words or not leading) and not repeats(words, said):
            told.append(sentence)
            said.append(words)
    return tuple(told)


def shortened(text: str, limit: int) -> str:
    """Return the clauses of a text that fit; where the first is too long, its words, and a mark that they go on."""
    clauses = [found.start() for found in _CLAUSE.finditer(text[:limit])]
    if clauses and clauses[-1] * 3 >= limit:
        return text[: clauses[-1]]
    cut = text[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def _title(headline: Quote | None, hotspot: Hotspot, previous: Brief | None, lang: str) -> tuple[str, tuple[str, ...]]:
    limit = HEADLINE_CHARS[lang]
    if headline is not None:
        text = headline.text.rstrip(".。!！")
        return text if len(text) <= limit else shortened(text, limit), headline.posts
    if previous is not None and previous.headline_evidence:
        return previous.headline, previous.headline_evidence
    return plain_title(hotspot, lang), ()
