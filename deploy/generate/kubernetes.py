"""What Kubernetes is told that follows from the code: topics and users for Strimzi, rules for Prometheus."""

from pathlib import Path
from typing import Any, Final

import yaml

from agents.adapters.permissions import Permission, permissions_of
from agents.settings import Settings
from deploy.generate.rules import RULES
from streams.contracts.topics import TOPICS

FOLDER: Final = Path(__file__).resolve().parents[1] / "kubernetes" / "components"
CLUSTER: Final = "redian"
_HEAD: Final = "# Written by `make generated`.\n"


def topics() -> list[dict[str, Any]]:
    """Return the topics of the registry, each kept thrice."""
    fields = Settings.model_fields
    sizes = {name: fields[name].default for name in ("posts_partitions", "terms_partitions")}
    return [
        _object("KafkaTopic", topic.name)
        | {
            "spec": {
                "partitions": topic.count(sizes),
                "replicas": 3,
                "config": topic.config() | {"min.insync.replicas": "2"},
            }
        }
        for topic in TOPICS
    ]


def users() -> list[dict[str, Any]]:
    """Return a user for each role that programs have, with what `redian topics acls` says it needs."""
    settings = Settings()
    return [
        _user(f"redian-{role}", [_rule(needed) for needed in permissions_of(role, settings)])
        for role in ("source", "worker", "consumer")
    ]


def rules() -> dict[str, Any]:
    """Return the rules of Prometheus as the operator's resource; `docs` is set as an external label there."""
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "redian"},
        "spec": {"groups": groups},
    }


def files() -> dict[Path, str]:
    """Return every file with its text."""
    return {
        FOLDER / "strimzi" / "topics.yaml": _text(topics()),
        FOLDER / "strimzi" / "users.yaml": _text(users()),
        FOLDER / "monitoring" / "rules.yaml": _text([rules()]),
    }


def write() -> None:
    """Write every file."""
    for path, text in files().items():
        path.write_text(text, "utf-8")


def _text(objects: list[dict[str, Any]]) -> str:
    return _HEAD + str(yaml.safe_dump_all(objects, sort_keys=False, allow_unicode=True, width=120))


def _object(kind: str, name: str) -> dict[str, Any]:
    labels = {"strimzi.io/cluster": CLUSTER}
    return {"apiVersion": "kafka.strimzi.io/v1", "kind": kind, "metadata": {"name": name, "labels": labels}}


def _user(name: str, acls: list[dict[str, Any]]) -> dict[str, Any]:
    spec = {"authentication": {"type": "scram-sha-512"}, "authorization": {"type": "simple", "acls": acls}}
    return _object("KafkaUser", name) | {"spec": spec}


def _rule(needed: Permission) -> dict[str, Any]:
    resource = {"type": needed.kind, "name": needed.name, "patternType": "literal"}
    return {"resource": resource, "operations": list(needed.operations)}
