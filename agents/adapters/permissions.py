"""What each principal needs of Kafka, derived from the registry of topics: the table of the docs, `redian topics acls`.

Whoever writes a topic and whoever reads it stands in the registry; nothing is granted beyond that.
"""

from typing import Final

import msgspec

from agents.settings import Settings
from streams.contracts.topics import (
    ANSWERS,
    CONTENT_REQUESTS,
    CURSORS,
    DEAD,
    DELETED,
    FEEDBACK,
    OPT_OUTS,
    OUTSIDE_LISTINGS,
    POSTS,
    QUESTIONS,
    RECOMMENDATION_REQUESTS,
    SUBSCRIBERS,
    TOPICS,
    WATCHLISTS,
)

ROLES: Final = ("worker", "source", "operator", "consumer")
"""`redian worker`; whoever writes posts; who runs the other commands; programs of other teams."""

_ADMINISTERS: Final = ("Create", "Describe", "DescribeConfigs", "AlterConfigs")
_OUTPUTS: Final = ("posts.scored", "hotspots", "alerts", "briefs")


class Permission(msgspec.Struct, frozen=True):
    """Operations on one resource: `kind` is topic, group or cluster; a name that ends in * is a prefix."""

    kind: str
    name: str
    operations: tuple[str, ...]


def permissions_of(role: str, settings: Settings) -> list[Permission]:
    """Return what a role needs.

    Raises:
        KeyError: there is no such role.
    """
    own = [topic.name for topic in TOPICS if topic.owner.startswith("agents.")]
    if role == "worker":
        read = [topic.name for topic in TOPICS if topic is not DEAD]
        return [
            *(
                Permission("topic", name, ("Describe", *_if(name in read, "Read"), *_if(name in own, "Write")))
                for name in dict.fromkeys([*read, *own])
            ),
            Permission("group", settings.app_id, ("Read", "Describe")),
        ]
    if role == "source":
        # A source reads back its cursor, and what it wrote, at its start.
        own_topics = dict.fromkeys((topic.name for topic in (POSTS, CURSORS, DELETED, DEAD, OUTSIDE_LISTINGS)), False)
        own_topics |= {POSTS.name: True, CURSORS.name: True}
        return [
            *(
                Permission("topic", name, ("Describe", *_if(reads, "Read"), "Write"))
                for name, reads in own_topics.items()
            ),
            Permission("topic", OPT_OUTS.name, ("Describe", "Read")),
            # People who write to a source are answered by it.
            Permission("topic", QUESTIONS.name, ("Describe", "Write")),
            Permission("topic", ANSWERS.name, ("Describe", "Read")),
        ]
    if role == "operator":
        names = [topic.name for topic in TOPICS]
        asked = (QUESTIONS, CONTENT_REQUESTS, RECOMMENDATION_REQUESTS, FEEDBACK)
        written = (POSTS, DEAD, DELETED, OPT_OUTS, SUBSCRIBERS, WATCHLISTS, *asked)
        writes = [topic.name for topic in written]
        return [
            *(Permission("topic", name, (*_ADMINISTERS, "Read", *_if(name in writes, "Write"))) for name in names),
            Permission("group", settings.app_id, ("Describe",)),
        ]
    if role == "consumer":
        return [
            *(Permission("topic", name, ("Describe", "Read")) for name in _OUTPUTS),
            Permission("group", "*", ("Read",)),
        ]
    raise KeyError(role)


def commands_of(role: str, principal: str, settings: Settings) -> list[str]:
    """Return the permissions of a role as lines for `kafka-acls.sh`."""
    lines = []
    for needed in permissions_of(role, settings):
        operations = " ".join(f"--operation {name}" for name in needed.operations)
        lines.append(
            f"kafka-acls.sh --add --allow-principal User:{principal} {operations} --{needed.kind} '{needed.name}'"
        )
    return lines


def _if(holds: bool, operation: str) -> tuple[str, ...]:
    return (operation,) if holds else ()
