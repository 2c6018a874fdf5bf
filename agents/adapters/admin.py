"""Topics and lag through kafka-python: made from the registry, compared with it, never altered behind anyone's back."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import CoordinatorNotAvailableError, KafkaError, TopicAlreadyExistsError

from agents.adapters.connection import blocking
from agents.errors import BrokerUnavailable, RedianError
from agents.settings import Settings
from streams.contracts.topics import TOPICS, Topic

REQUEST_MS = 10_000
BOOTSTRAP_MS = 4_000


class Created(msgspec.Struct, frozen=True):
    """What `create_topics` did for one topic: made it, found it as described, or found it otherwise.

    `differing` is what its configuration has in the place of what the registry says, by name.
    """

    topic: Topic
    outcome: str
    partitions: int
    differing: dict[str, str] = {}


class PartitionLag(msgspec.Struct, frozen=True):
    """One partition of a topic that the workers read; `committed` is -1 where the group has committed nothing."""

    topic: str
    partition: int
    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Messages not committed yet."""
        return self.end - max(self.committed, 0)


@contextmanager
def _admin(settings: Settings) -> Iterator[Any]:
    try:
        client = KafkaAdminClient(
            **blocking(settings), request_timeout_ms=REQUEST_MS, bootstrap_timeout_ms=BOOTSTRAP_MS
        )
    except (KafkaError, OSError, ValueError) as error:
        raise BrokerUnavailable(_unavailable(settings)) from error
    try:
        yield client
    finally:
        client.close()


def _unavailable(settings: Settings) -> str:
    told = f"no Kafka broker answers at {settings.bootstrap}; start one, or set REDIAN_BOOTSTRAP to where yours is"
    if settings.security_protocol != "PLAINTEXT":
        told += f"; it must speak {settings.security_protocol} and accept what the settings say of Redian"
    return told


def partitions_by_topic(settings: Settings) -> dict[str, int]:
    """Return the number of partitions of every topic of a cluster.

    Raises:
        BrokerUnavailable: none answers.
    """
    with _admin(settings) as admin:
        return {found["name"]: len(found["partitions"]) for found in admin.describe_topics() if found.get("name")}


def create_topics(settings: Settings, *, update: bool = False) -> list[Created]:
    """Create the topics of the registry that are not there, and say of each what was found.

    Args:
        settings: where, and how many partitions.
        update: give topics that are there the configuration of the registry.

    Raises:
        BrokerUnavailable: none answers.
        RedianError: the broker refuses a topic.
    """
    sizes = {"posts_partitions": settings.posts_partitions, "terms_partitions": settings.terms_partitions}
    found = partitions_by_topic(settings)
    created = []
    with _admin(settings) as admin:
        differing = _differing(admin, [topic for topic in TOPICS if topic.name in found])
        if update and differing:
            _configure(admin, differing)
        for topic in TOPICS:
            count, other = topic.count(sizes), differing.get(topic, {})
            if topic.name not in found:
                described = {"num_partitions": count, "replication_factor": -1, "configs": topic.config()}
                try:
                    admin.create_topics({topic.name: described}, timeout_ms=REQUEST_MS)
                except TopicAlreadyExistsError:
                    pass
                except KafkaError as error:
                    raise RedianError(f"the broker refuses topic {topic.name}: {error}") from None
                created.append(Created(topic, "created", count))
            elif found[topic.name] == count:
                changed = "updated" if update else "configured otherwise"
                created.append(Created(topic, changed if other else "there", count, other))
            else:
                created.append(Created(topic, f"differs: {count} wanted", found[topic.name], other))
    if any(one.outcome == "created" for one in created):
        _wait_until_seen(settings)
    return created


def _differing(admin: Any, topics: Sequence[Topic]) -> dict[Topic, dict[str, str]]:
    """Return what topics have in the place of what the registry says; of one that may not be described, nothing."""
    if not topics:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name, dict.fromkeys(topic.config())) for topic in topics]
    described = admin.describe_configs(asked, config_filter="all").get("topic", {})
    differing = {}
    for topic in topics:
        told = described.get(topic.name)
        has = {key: found["value"] for key, found in told.items()} if isinstance(told, dict) else {}
        other = {key: has[key] for key, value in topic.config().items() if key in has and has[key] != value}
        if other:
            differing[topic] = other
    return differing


def _configure(admin: Any, differing: dict[Topic, dict[str, str]]) -> None:
    wanted = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, {key: topic.config()[key] for key in keys})
        for topic, keys in differing.items()
    ]
    for name, said in admin.alter_configs(wanted).get("topic", {}).items():
        if said != "OK":
            raise RedianError(f"the broker does not configure topic {name}: {said}")


def _wait_until_seen(settings: Settings) -> None:
    """Return when the cluster tells of every topic: it says "created" before all of it knows."""
    deadline = time.monotonic() + REQUEST_MS / 1000
    while {topic.name for topic in TOPICS} - partitions_by_topic(settings).keys():
        if time.monotonic() > deadline:
            raise RedianError("the topics are created, but the broker does not tell of them yet; try again in a minute")
        time.sleep(0.2)


def lag_of(settings: Settings) -> list[PartitionLag]:
    """Return the lag of the workers' group on every partition of every topic that they read.

    Raises:
        BrokerUnavailable: none answers.
    """
    found = partitions_by_topic(settings)
    partitions = [
        TopicPartition(topic.name, number)
        for topic in TOPICS
        if topic.name in READ and topic.name in found
        for number in range(found[topic.name])
    ]
    # What is committed first, then the ends: the other way round, messages between the two would go unseen.
    with _admin(settings) as admin:
        try:
            committed = admin.list_group_offsets({settings.app_id: partitions}).get(settings.app_id, {})
        except CoordinatorNotAvailableError:
            committed = {}  # no group was ever on this cluster
    consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False)
    try:
        ends = consumer.end_offsets(partitions)
    finally:
        consumer.close()
    return [
        PartitionLag(tp.topic, tp.partition, committed[tp].offset if tp in committed else -1, ends[tp])
        for tp in partitions
    ]


READ = (
    "posts",
    "posts.scored",
    "terms",
    "bursts",
    "hotspots",
    "questions",
    "content.requests",
    "recommendations.requests",
    "mentions",
    "watchlists.buckets",
)
"""Topics that the agents read."""
