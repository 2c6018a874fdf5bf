"""Puts a brief together from an alert and the texts of its evidence. Deterministic: the same texts, the same bytes."""

from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from streams.briefs.choosing import Quote, choose, quotes_of
from streams.briefs.figures import figures_of
from streams.briefs.masking import masked
from streams.briefs.sentences import sentences_of, words_of
from streams.contracts.outputs import Alert, Brief, Sentence

SENTENCES: Final = 5
_HEADLINE: Final = {"zh": 40, "en": 100}


def write_brief(alert: Alert, texts: Mapping[str, str], langs: Mapping[str, str]) -> Brief:
    """Return the brief of an alert.

    Args:
        alert: what was flagged and why.
        texts: cleaned text by post id, of the evidence that could be read back.
        langs: language by post id.

    With no text left (all expired, or nothing quotable) the headline is made of the terms and there are no sentences.
    """
    lang = _language(langs)
    sentences = [s for post in sorted(texts) for s in sentences_of(post, texts[post])]
    about = words_of(" ".join((*alert.terms, *alert.why.top_terms)))
    expired = len(set(alert.evidence) - texts.keys())
    quotes = quotes_of(sentences, about)
    chosen = choose(quotes, SENTENCES)
    return Brief(
        brief_id=blake2b(f"brief/{alert.alert_id}".encode(), digest_size=8).hexdigest(),
        hotspot_id=alert.hotspot_id,
        stage=alert.stage,
        emitted_at=alert.emitted_at,
        lang=lang,
        headline=_headline(chosen, alert, _HEADLINE[lang]),
        sentences=tuple(Sentence(quote.text, quote.posts) for quote in chosen),
        figures=figures_of(alert, lang, expired),
        mood=alert.why.sentiment,
        expired=expired,
        simulated=alert.simulated,
    )


def _language(langs: Mapping[str, str]) -> str:
    counted = Counter("zh" if lang.startswith("zh") else "en" for lang in langs.values())
    return "zh" if counted["zh"] > counted["en"] else "en"


def _headline(chosen: list[Quote], alert: Alert, limit: int) -> str:
    short = next((quote.text for quote in chosen if len(quote.text) <= limit), None)
    if short is not None:
        return short
    if chosen:
        text = chosen[0].text[: limit - 1]
        return (text.rsplit(" ", 1)[0] if " " in text else text) + "…"
    return masked(" · ".join(alert.terms[:5]))
