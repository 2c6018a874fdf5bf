"""docs/asyncapi.yaml: the topics that others write and read, as AsyncAPI 3 tells them, from the registry."""

from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from agents.settings import Settings
from streams.contracts.envelopes import ATTRIBUTES, SOURCE, type_of
from streams.contracts.framing import ARRIVED_AT
from streams.contracts.topics import (
    ALERTS,
    ANSWERS,
    BRIEFS,
    CONTENT,
    CONTENT_REQUESTS,
    DEAD,
    HOTSPOTS,
    POSTS,
    QUESTIONS,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
    SCORED,
    WATCH_ALERTS,
    WATCH_REPORTS,
    Topic,
)

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "asyncapi.yaml"
RECEIVED: Final = (POSTS, CONTENT_REQUESTS, QUESTIONS, RECOMMENDATION_REQUESTS)
"""What others send to Redian."""
PUBLISHED: Final = (
    ALERTS, BRIEFS, HOTSPOTS, SCORED, DEAD, CONTENT, ANSWERS, RECOMMENDATIONS, WATCH_REPORTS, WATCH_ALERTS,
)  # fmt: skip
"""What Redian sends to others."""
_REF: Final = "#/components/schemas/{name}"
_ABOUT: Final = """\
Redian reads posts and says what becomes hot. Values are JSON in UTF-8. Fields are added, never changed or removed,
within one version of a schema; ignore what you do not know. A message may come again, with the same bytes and the
same `ce_id`.
"""


def asyncapi_text() -> str:
    """Return the document."""
    head = "# Written by `make generated` from streams/contracts.\n"
    return head + str(yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=120))


def asyncapi() -> dict[str, Any]:
    """Return the document as data."""
    topics = (*RECEIVED, *PUBLISHED)
    schemas = msgspec.json.schema_components([topic.value for topic in topics], ref_template=_REF)[1]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Redian",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "The Kafka cluster of the deployment.",
                "variables": {"bootstrap": {"default": Settings.model_fields["bootstrap"].default}},
            }
        },
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {f"{_verb(topic)}-{topic.name.replace('.', '-')}": _operation(topic) for topic in topics},
        "components": {"messages": {_message_name(topic): _message(topic) for topic in topics}, "schemas": schemas},
    }


def _verb(topic: Topic) -> str:
    return "receive" if topic in RECEIVED else "send"


def _message_name(topic: Topic) -> str:
    return f"{topic.value.__name__}{'List' if topic.many else ''}"


def _channel(topic: Topic) -> dict[str, Any]:
    partitions = (
        topic.partitions if isinstance(topic.partitions, int) else Settings.model_fields[topic.partitions].default
    )
    kafka = {
        "partitions": partitions,
        "topicConfiguration": {"cleanup.policy": topic.cleanup.split(","), "retention.ms": topic.retention_ms},
        "bindingVersion": "0.5.0",
    }
    name = _message_name(topic)
    return {
        "address": topic.name,
        "description": topic.about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"kafka": kafka},
    }


def _operation(topic: Topic) -> dict[str, Any]:
    channel = topic.name.replace("/", "~1")
    return {
        "action": _verb(topic),
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": topic.about,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{_message_name(topic)}"}],
    }


def _message(topic: Topic) -> dict[str, Any]:
    value = {"$ref": _REF.format(name=topic.value.__name__)}
    headers = _arrival() if topic is POSTS else _envelope(topic) if topic in PUBLISHED else None
    return {
        "name": _message_name(topic),
        "title": topic.about,
        "contentType": "application/json",
        **({"headers": headers} if headers is not None else {}),
        "payload": {"anyOf": [value, {"type": "array", "items": value}]} if topic.many else value,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": "0.5.0"}},
    }


def _arrival() -> dict[str, Any]:
    about = "When the message arrived, RFC 3339 or milliseconds; without it the record's timestamp counts."
    return {"type": "object", "properties": {ARRIVED_AT: {"type": "string", "description": about}}}


def _envelope(topic: Topic) -> dict[str, Any]:
    fixed = {"specversion": "1.0", "type": type_of(topic), "source": f"{SOURCE}/{topic.name}"}
    properties: dict[str, Any] = {
        f"ce_{name}": {"type": "string", **({"const": fixed[name]} if name in fixed else {})} for name in ATTRIBUTES
    }
    properties["content-type"] = {"const": "application/json"}
    required = ["ce_specversion", "ce_type", "ce_source", "ce_id"]
    return {
        "type": "object",
        "description": "CloudEvents 1.0, binary mode.",
        "properties": properties,
        "required": required,
    }
