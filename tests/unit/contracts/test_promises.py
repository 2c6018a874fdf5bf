"""What other teams rely on stays: no change of a schema may break who reads or writes a topic."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from deploy.generate.asyncapi import DOCUMENT, PUBLISHED, RECEIVED, asyncapi, asyncapi_text
from deploy.generate.promised import FOLDER, PROMISED, READ, kept
from streams.contracts.compatibility import breaks
from streams.contracts.envelopes import ATTRIBUTES, envelope_of, envelope_of_scored, type_of
from streams.contracts.outputs import Alert, Brief, Hotspot, Why
from streams.contracts.posts import DeadLetter
from streams.contracts.topics import ALERTS, OPT_OUTS, POSTS, SCORED, SUBSCRIBERS, WATCHLISTS, Topic

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
WHY = Why(
    term="quake",
    observed=9,
    expected=0.1,
    scale_min=5,
    p_value=1e-9,
    distinct_authors=9,
    languages={"en": 1.0},
    platforms={"x": 1.0},
    top_terms=("quake",),
    series=(0, 9),
)
ALERT = Alert(
    alert_id="a1",
    hotspot_id="h1",
    stage="emerging",
    emitted_at="2026-03-01T00:00:00.000Z",
    started_at="2026-03-01T00:00:00.000Z",
    terms=("word:quake",),
    why=WHY,
    rank=1.0,
    credibility=1.0,
    credibility_reasons=(),
    evidence=("1",),
    sources=(),
)


@pytest.mark.parametrize("topic", PROMISED, ids=lambda topic: topic.name)
def test_what_was_promised_is_kept(topic: Topic) -> None:
    promised = json.loads(kept(topic).read_text("utf-8"))
    broken = breaks(promised, topic.schema(), written_by_us=topic not in READ)
    assert not broken, "raise the schema's version and tell it in the changelog; then: make promise"


def changed(change: Callable[[dict[str, Any]], object], topic: Topic = ALERTS) -> dict[str, Any]:
    schema = json.loads(json.dumps(topic.schema()))
    change(schema["$defs"])
    return dict(schema)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda defs: defs["Why"]["properties"].pop("p_value"), "why.p_value was removed"),
        (lambda defs: defs["Alert"]["properties"].update(rank={"type": "string"}), "rank may now be string"),
        (lambda defs: defs["Alert"]["required"].remove("terms"), "terms may now be absent"),
        (
            lambda defs: defs["Alert"]["properties"].update(stage={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            "stage may now be null",
        ),
        (lambda defs: defs["Source"]["properties"].pop("offset"), "sources[].offset was removed"),
        (
            lambda defs: defs["Why"]["properties"]["languages"].update(additionalProperties={"type": "string"}),
            "why.languages{} may now be string",
        ),
    ],
)
def test_a_change_that_breaks_a_reader_is_found(change: Callable[[dict[str, Any]], object], line: str) -> None:
    assert breaks(ALERTS.schema(), changed(change), written_by_us=True) == [line]


def test_a_new_field_breaks_nobody_who_reads() -> None:
    def add(defs: dict[str, Any]) -> None:
        defs["Alert"]["properties"]["novelty"] = {"type": "number"}
        defs["Alert"]["required"].append("novelty")

    new = changed(add)
    assert breaks(ALERTS.schema(), new, written_by_us=True) == []
    value = {**msgspec.json.decode(msgspec.json.encode(ALERT)), "novelty": 0.5}
    jsonschema.validate(value, new)
    jsonschema.validate(value, ALERTS.schema())


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda defs: defs["Post"]["required"].append("lang"), "lang is now required"),
        (
            lambda defs: defs["Post"]["properties"].update(followers={"type": "integer"}),
            "followers may no longer be null",
        ),
    ],
)
def test_a_change_that_breaks_a_source_is_found(change: Callable[[dict[str, Any]], object], line: str) -> None:
    broken = breaks(POSTS.schema(), changed(change, POSTS), written_by_us=False)
    assert set(broken) == {line} | {f"[].{line}" for found in broken if found.startswith("[]")}


def test_no_promise_is_kept_for_a_topic_that_makes_none() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == {topic.name for topic in PROMISED}


@pytest.mark.parametrize(
    ("topic", "change", "line"),
    [
        (WATCHLISTS, lambda defs: defs["Watchlist"]["required"].append("group"), "group is now required"),
        (SUBSCRIBERS, lambda defs: defs["Rule"]["properties"].pop("quiet"), "rule.quiet was removed"),
        (
            OPT_OUTS,
            lambda defs: defs["OptOut"]["properties"].update(since={"type": "integer"}),
            "since may no longer be string",
        ),
    ],
)
def test_a_change_that_loses_what_people_wrote_is_found(
    topic: Topic, change: Callable[[dict[str, Any]], object], line: str
) -> None:
    assert breaks(topic.schema(), changed(change, topic), written_by_us=topic not in READ) == [line]


def test_the_asyncapi_document_is_current_and_valid() -> None:
    assert DOCUMENT.read_text("utf-8") == asyncapi_text(), "run: make generated"
    schema = json.loads(gzip.decompress((GOLDEN / "asyncapi-3.0.0.schema.json.gz").read_bytes()))
    document = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate({**document, "chanels": {}})


def resolved(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/")]
    return found


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(value) for value in part.values()))
    return set().union(*(references(value) for value in part)) if isinstance(part, list) else set()


def test_the_asyncapi_document_tells_every_topic_of_others_and_leads_nowhere() -> None:
    document = asyncapi()
    assert document["channels"].keys() == {topic.name for topic in (*RECEIVED, *PUBLISHED)}
    for reference in references(document):
        assert resolved(document, reference)


def test_an_envelope_is_what_the_document_says() -> None:
    headers = {name: value.decode() for name, value in envelope_of(ALERT)}
    jsonschema.validate(headers, asyncapi()["components"]["messages"]["Alert"]["headers"])
    assert headers["ce_id"] == ALERT.alert_id
    assert headers["ce_subject"] == ALERT.hotspot_id
    assert headers["ce_time"] == ALERT.emitted_at
    assert {name.removeprefix("ce_") for name in headers} - {"content-type"} == set(ATTRIBUTES)
    assert headers["ce_type"] == "redian.alerts.v1" == type_of(ALERTS)


def test_ids_tell_messages_apart_and_stay_when_sent_again() -> None:
    hotspots = [
        Hotspot(
            hotspot_id="h1",
            stage="rising",
            emitted_at=f"2026-03-01T00:0{minute}:00.000Z",
            started_at="",
            updated_at="",
            terms=(),
            why=WHY,
            peak_authors=9,
            rank=1.0,
            warming=1.0,
            credibility=1.0,
            credibility_reasons=(),
            evidence=(),
        )
        for minute in (1, 2)
    ]
    brief = Brief(
        brief_id="b1", hotspot_id="h1", stage="rising", emitted_at="", lang="en", headline="", sentences=(), figures=()
    )
    letter = DeadLetter(
        topic="posts",
        partition=0,
        offset=7,
        index=-1,
        stage="intake",
        reason="not_json",
        detail="",
        original=b"",
        size=0,
        sha256="",
    )
    ids = [dict(envelope_of(value))["ce_id"] for value in (*hotspots, brief, letter, ALERT)]
    assert len(set(ids)) == len(ids)
    assert envelope_of(hotspots[0]) == envelope_of(hotspots[0])
    assert dict(envelope_of_scored(2, 7 << 16 | 1, 9 << 16))["ce_id"] == b"2/7.1-9.0"
    assert dict(envelope_of_scored(2, 0, 0))["ce_type"].decode() == type_of(SCORED)
