"""An alert and the texts of its evidence become a brief: extractive, every sentence with the posts that say it."""

import hashlib
from collections import Counter
from collections.abc import Mapping

from streams.briefs.choosing import choose, headline_of, headline_of_terms, scores_of
from streams.briefs.figures import lines_en, lines_zh
from streams.briefs.masking import masked
from streams.briefs.sentences import candidates_of
from streams.contracts.outputs import Alert, Brief, Sentence


def write_brief(alert: Alert, texts: Mapping[str, str], langs: Mapping[str, str]) -> Brief:
    """Return the brief of an alert; the same arguments give the same brief.

    Args:
        alert: what to tell.
        texts: cleaned texts of its evidence by post id; posts missing here have expired and are counted as such.
        langs: languages of the same posts.
    """
    evidence = tuple(dict.fromkeys(alert.evidence))
    expired = sum(post not in texts for post in evidence)
    lang = _language(alert, {post: langs[post] for post in evidence if post in texts and post in langs})
    terms = tuple(dict.fromkeys((*alert.terms, *alert.why.top_terms)))
    candidates = candidates_of(evidence, texts)
    scores = scores_of(candidates, terms)
    lines = (lines_zh if lang == "zh" else lines_en)(alert, expired, len(evidence))
    return Brief(
        brief_id=hashlib.blake2b(alert.alert_id.encode(), digest_size=8, person=b"brief").hexdigest(),
        hotspot_id=alert.hotspot_id,
        stage=alert.stage,
        emitted_at=alert.emitted_at,
        lang=lang,
        headline=headline_of(candidates, scores, terms) if candidates else masked(headline_of_terms(terms)),
        sentences=tuple(Sentence(one.text, one.posts) for one in choose(candidates, scores)),
        figures=lines,
        mood=alert.why.sentiment,
        expired=expired,
        simulated=alert.simulated,
    )


def _language(alert: Alert, langs: Mapping[str, str]) -> str:
    """Return the language most of the posts are in, by name where several are as common."""
    counts: Mapping[str, float] = Counter(langs.values()) or alert.why.languages
    return min(counts, key=lambda lang: (-counts[lang], lang)) if counts else "en"
