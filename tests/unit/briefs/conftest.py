"""A hotspot and its posts, as the story stage and the log give them."""

from collections.abc import Callable, Mapping

import pytest

from streams.briefs import EvidencePost
from streams.contracts.outputs import Hotspot, Source, Why

MakeHotspot = Callable[..., Hotspot]


def hotspot_about(
    terms: tuple[str, ...],
    evidence: tuple[str, ...],
    *,
    stage: str = "emerging",
    minute: int = 10,
    authors: int = 31,
    mood: dict[str, float] | None = None,
    alerts: int = 1,
) -> Hotspot:
    why = Why(
        term=terms[0], observed=23, expected=0.4, scale_min=5, p_value=1e-12, distinct_authors=authors,
        languages={"en": 1.0}, platforms={"test": 1.0}, top_terms=terms, series=(0, 1, 5, 23), sentiment=mood,
    )  # fmt: skip
    return Hotspot(
        hotspot_id="h1", stage=stage, emitted_at=f"2026-03-02T00:{minute:02}:00.000Z",
        started_at="2026-03-02T00:02:00.000Z", updated_at=f"2026-03-02T00:{minute:02}:00.000Z", terms=terms, why=why,
        peak_authors=authors, rank=1.0, warming=1.0, credibility=1.0, credibility_reasons=(), evidence=evidence,
        sources=tuple(Source(post, 0, place, 0) for place, post in enumerate(evidence)), alerts=alerts,
    )  # fmt: skip


def posts_from(
    texts: Mapping[str, str], lang: str, moods: Mapping[str, tuple[float, ...]] | None = None
) -> list[EvidencePost]:
    return [
        EvidencePost(post, text, lang, number, 0, (moods or {}).get(post, ()))
        for number, (post, text) in enumerate(texts.items())
    ]


@pytest.fixture
def english() -> dict[str, str]:
    return {
        "a": "BREAKING: Strong earthquake shakes Pine Valley this morning. People run into the streets.",
        "b": "RT @user : strong earthquake shakes Pine Valley this morning!",
        "c": "The bridge over the Alder river collapsed after the Pine Valley earthquake, Chief Nora Lindqvist says.",
        "d": "omg",
        "e": "Write to me at ann.lee@example.org about the Pine Valley earthquake or call +86 139 1234 5678 now.",
        "f": "#quake #pinevalley #omg #prayers #breaking",
        "g": "I had noodles for lunch and they were very good indeed.",
        "h": "Reportedly 12 people are trapped under the bridge in Pine Valley.",
        "i": "At least 20 people are hurt in Pine Valley, and the hospital is full.",
        "j": "At least 35 people are hurt after the earthquake in Pine Valley… ht",
        "k": "Not true that the dam broke: the earthquake in Pine Valley left it whole, engineers say.",
    }


@pytest.fixture
def chinese() -> dict[str, str]:
    return {
        "a": "【城东老桥坍塌】城东老桥今天上午突然坍塌，消防人员已经赶到现场。目前没有伤亡报告。",
        "b": "#城东老桥坍塌#城东老桥今天上午突然坍塌，消防人员已经赶到现场！",
        "c": "听说城东老桥坍塌的原因是超载的货车，大家绕行。",
        "d": "城东老桥坍塌后，市交通局组织三十辆公交车接送附近居民出行。",
    }
