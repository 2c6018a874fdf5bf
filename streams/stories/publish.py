"""A story as others see it: the hotspot and the alert, filled from what is held."""

import math
from collections.abc import Sequence

import xxhash

from streams.contracts.bursts import Evidence
from streams.contracts.outputs import Alert, Hotspot, Pace, RankParts, Source, Why
from streams.contracts.terms import shown
from streams.contracts.times import bucket_end_ms, format_time
from streams.linking import Gazetteer
from streams.privacy.groups import SMALLEST, shares
from streams.stories.credibility import credibility
from streams.stories.evidence import evidence_of
from streams.stories.settings import StorySettings
from streams.stories.story import Story

_TOP_TERMS = 8
_PUBLISHED_TERMS = 32
_SIMULATED = "simulated"
_MOST_SURPRISE = 20.0
_QUARTER = 15
_LABELS = ("negative", "neutral", "positive")


def hotspot_of(story: Story, bucket: int, settings: StorySettings, gazetteer: Gazetteer) -> Hotspot:
    """Return the state of a story at the close of `bucket`."""
    terms = terms_of(story, bucket)
    evidence = evidence_of(story, bucket, settings.evidence, settings.min_evidence)
    value, reasons = credibility(evidence, story.first)
    at = format_time(bucket_end_ms(bucket) + settings.lateness_ms)
    why, parts = why_of(story, bucket, evidence), rank_parts_of(story, bucket, value)
    return Hotspot(
        hotspot_id=story.id,
        stage=story.stage,
        emitted_at=at,
        started_at=format_time(story.started_ms),
        updated_at=format_time(bucket_end_ms(bucket)),
        terms=terms,
        why=why,
        peak_authors=story.peak,
        rank=rank_of(parts),
        warming=story.warming,
        credibility=value,
        credibility_reasons=reasons,
        evidence=tuple(post.id for post in evidence),
        merged=tuple(story.merged),
        simulated=is_simulated(evidence),
        sources=tuple(Source(post.id, post.partition, post.offset, post.index, post.sentiment) for post in evidence),
        alerts=story.told,
        entities=gazetteer.named_by(terms),
        rank_parts=parts,
        pace=pace_of(why.series),
    )


def alert_of(story: Story, hotspot: Hotspot) -> Alert:
    """Return the alert that tells of `hotspot`, the number `story.told` of its story."""
    return Alert(
        alert_id=f"{xxhash.xxh3_64_intdigest(f'{story.id}|{story.told}'.encode()):016x}",
        hotspot_id=story.id,
        stage=hotspot.stage,
        emitted_at=hotspot.emitted_at,
        started_at=hotspot.started_at,
        terms=hotspot.terms,
        why=hotspot.why,
        rank=hotspot.rank,
        credibility=hotspot.credibility,
        credibility_reasons=hotspot.credibility_reasons,
        evidence=hotspot.evidence,
        sources=hotspot.sources,
        simulated=hotspot.simulated,
        relevance=hotspot.relevance,
        entities=hotspot.entities,
        rank_parts=hotspot.rank_parts,
        pace=hotspot.pace,
        size=hotspot.size,
    )


def terms_of(story: Story, bucket: int) -> tuple[str, ...]:
    """Return the story's terms that enough authors used: its first term first, then the strongest of the last hour."""
    told = (held.burst.term for held in story.current(bucket) if held.burst.authors[-1] >= SMALLEST)
    terms = dict.fromkeys((story.first, *told))
    return tuple(terms)[:_PUBLISHED_TERMS]


def why_of(story: Story, bucket: int, evidence: Sequence[Evidence]) -> Why:
    """Return the figures of the strongest term and what the evidence looks like."""
    burst = story.lead(bucket).burst
    scored = [post.sentiment for post in evidence if post.sentiment]
    mood = None
    if scored:
        mood = {name: round(sum(s[place] for s in scored) / len(scored), 4) for place, name in enumerate(_LABELS)}
    return Why(
        term=shown(burst.term),
        observed=burst.observed,
        expected=burst.expected,
        scale_min=burst.scale_min,
        p_value=float(f"{10.0**burst.log10_p:.3g}"),
        distinct_authors=story.authors,
        languages=shares((post.lang, post.author) for post in evidence),
        platforms=shares((post.platform, post.author) for post in evidence),
        top_terms=tuple(shown(term) for term in terms_of(story, bucket)[:_TOP_TERMS]),
        series=burst.series,
        sentiment=mood,
        places=shares((post.place, post.author) for post in evidence if post.place),
    )


def rank_parts_of(story: Story, bucket: int, credible: float) -> RankParts:
    """Return surprise (capped: past a point it is certain anyway), size and credibility."""
    surprise = min(-story.lead(bucket).burst.log10_p, _MOST_SURPRISE) / _MOST_SURPRISE
    return RankParts(
        surprise=round(surprise, 4), size=round(math.log2(1 + story.authors), 4), credibility=round(credible, 4)
    )


def rank_of(parts: RankParts) -> float:
    """Return the product of its parts."""
    return round(parts.surprise * parts.size * parts.credibility * parts.relevance, 4)


def pace_of(series: Sequence[int]) -> Pace:
    """Return how fast people come, from their number a minute, the newest last."""
    latest, before = sum(series[-_QUARTER:]) / _QUARTER, sum(series[-2 * _QUARTER : -_QUARTER]) / _QUARTER
    return Pace(speed=round(latest, 3), acceleration=round((latest - before) / _QUARTER, 4))


def is_simulated(evidence: Sequence[Evidence]) -> bool:
    """Say whether a story rests on simulated posts alone."""
    return bool(evidence) and all(post.platform.startswith(_SIMULATED) for post in evidence)
