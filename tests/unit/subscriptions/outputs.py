"""Alerts and briefs for the tests of subscribers."""

from streams.contracts.outputs import Alert, Brief, Sentence, Why
from streams.contracts.watchlists import Reason, WatchAlert


def an_alert(name: str = "a", hotspot: str = "h", **fields: object) -> Alert:
    why = Why(
        term="quake",
        observed=85,
        expected=0.2,
        scale_min=15,
        p_value=1e-12,
        distinct_authors=90,
        languages={"en": 0.8, "zh": 0.2},
        platforms={"x": 1.0},
        top_terms=("quake", "#turin"),
        series=(0, 9),
    )
    known: dict[str, object] = {
        "alert_id": name,
        "hotspot_id": hotspot,
        "stage": "emerging",
        "emitted_at": "2026-03-01T00:10:00.000Z",
        "started_at": "2026-03-01T00:00:00.000Z",
        "terms": ("word:quake", "tag:turin"),
        "why": why,
        "rank": 4.2,
        "credibility": 0.9,
        "credibility_reasons": ("32 accounts, 3% near-duplicates",),
        "evidence": ("p1",),
        "sources": (),
    }
    return Alert(**{**known, **fields})  # type: ignore[arg-type]


def a_brief(alert: Alert, headline: str = "Strong quake in Turin", **fields: object) -> Brief:
    known: dict[str, object] = {
        "brief_id": f"b{alert.alert_id}",
        "hotspot_id": alert.hotspot_id,
        "stage": alert.stage,
        "emitted_at": alert.emitted_at,
        "lang": "en",
        "headline": headline,
        "sentences": (Sentence(headline, ("p1",)), Sentence("Houses are damaged", ("p1", "p2"))),
        "figures": (),
    }
    return Brief(**{**known, **fields})  # type: ignore[arg-type]


def a_turn(name: str = "tesla", alert_id: str = "m1") -> WatchAlert:
    return WatchAlert(
        alert_id=alert_id,
        name=name,
        emitted_at="2026-03-01T00:10:00.000Z",
        direction="worse",
        mood=-0.42,
        mood_before=0.1,
        p_value=1e-9,
        authors=63,
        reasons=(Reason("battery", 0.4, 0.02, ("p1",)),),
    )
