"""The CloudEvents envelope of what leaves Redian: binary mode, so the value stays as it is and headers say what it is.

By the Kafka binding of CloudEvents 1.0 attributes are headers `ce_…`. A message that is sent again has the same id.
"""

from functools import cache
from typing import Final

import msgspec

from streams.contracts.answers import Answer
from streams.contracts.content import Content
from streams.contracts.outputs import Alert, Brief, Hotspot
from streams.contracts.posts import POSITION_BITS, DeadLetter
from streams.contracts.recommendations import Recommendation
from streams.contracts.topics import (
    ALERTS,
    ANSWERS,
    BRIEFS,
    CONTENT,
    DEAD,
    HOTSPOTS,
    RECOMMENDATIONS,
    SCORED,
    WATCH_ALERTS,
    WATCH_REPORTS,
    Topic,
)
from streams.contracts.watchlists import WatchAlert, WatchReport

Headers = list[tuple[str, bytes]]
Enveloped = Alert | Brief | Hotspot | DeadLetter | Content | Answer | Recommendation | WatchReport | WatchAlert

ATTRIBUTES: Final = ("specversion", "type", "source", "id", "time", "subject")
SOURCE: Final = "/redian"


def type_of(topic: Topic) -> str:
    """Return the CloudEvents type of a topic's values: it changes with the version of their schema."""
    versions = [field.default for field in msgspec.structs.fields(topic.value) if field.name == "schema"]
    return f"redian.{topic.name}.v{versions[0] if versions else 1}"


def envelope_of(value: Enveloped) -> Headers:
    """Return the headers of a message that carries one value."""
    match value:
        case Alert():
            return _headers(ALERTS, value.alert_id, value.hotspot_id, value.emitted_at)
        case Brief():
            return _headers(BRIEFS, value.brief_id, value.hotspot_id, value.emitted_at)
        case Hotspot():
            return _headers(HOTSPOTS, f"{value.hotspot_id}/{value.emitted_at}", value.hotspot_id, value.emitted_at)
        case Content():
            return _headers(CONTENT, value.request_id, value.request_id)
        case Answer():
            return _headers(ANSWERS, value.question_id, value.question_id)
        case Recommendation():
            return _headers(RECOMMENDATIONS, value.request_id, value.request_id)
        case WatchReport():
            return _headers(WATCH_REPORTS, f"{value.name}/{value.emitted_at}", value.name, value.emitted_at)
        case WatchAlert():
            return _headers(WATCH_ALERTS, value.alert_id, value.name, value.emitted_at)
        case DeadLetter():
            place = f"{value.topic}/{value.partition}/{value.offset}/{value.index}"
            return _headers(DEAD, place, value.reason)


def envelope_of_scored(partition: int, first: int, last: int) -> Headers:
    """Return the headers of a list of scored posts, by the positions of its first and its last.

    Redelivery may cut lists otherwise: then the ids differ, and so do the lists.
    """
    return _headers(SCORED, f"{partition}/{_place(first)}-{_place(last)}", f"{partition}")


def _place(position: int) -> str:
    return f"{position >> POSITION_BITS}.{position & ((1 << POSITION_BITS) - 1)}"


def _headers(topic: Topic, name: str, subject: str, time: str = "") -> Headers:
    told = (("ce_id", name), ("ce_time", time), ("ce_subject", subject))
    return [*_of_all(topic), *((key, value.encode("utf-8", "replace")) for key, value in told if value)]


@cache
def _of_all(topic: Topic) -> tuple[tuple[str, bytes], ...]:
    """Return the headers that are the same for all messages of a topic."""
    return (
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_type", type_of(topic).encode()),
        ("ce_source", f"{SOURCE}/{topic.name}".encode()),
    )
