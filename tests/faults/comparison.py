"""Compares what a cluster published with what `backtest` says of the same log: the one meaning of "exact"."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from kafka import KafkaConsumer, TopicPartition

from streams.contracts.bursts import BucketRecord
from streams.contracts.topics import ALERTS, BURSTS, HOTSPOTS, SCORED
from streams.scoring import Scorer

TOLERANCE = 0.02
"""By how much probabilities of one post may differ: its neighbours in a batch move the last bits of int8 arithmetic."""


@dataclass
class Published:
    """Outputs by identity. A value that came twice under one identity must have the same bytes both times.

    `hotspots` and `alerts` map (id, stage time) to a digest of the bytes, `counts` maps (shard, bucket) to a digest
    of the shard's record, `scored` are post ids, `moods` their
    sentiment where there is one; `conflicts` names identities that came with different bytes.
    """

    hotspots: dict[str, str] = field(default_factory=dict)
    alerts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    scored: set[str] = field(default_factory=set)
    moods: dict[str, dict[str, float]] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)

    def add(self, kind: str, identity: str, value: bytes) -> None:
        """Note a value under its identity."""
        held: dict[str, str] = getattr(self, kind)
        digest = hashlib.sha256(value).hexdigest()[:16]
        if held.setdefault(identity, digest) != digest:
            self.conflicts.append(f"{kind} {identity}")

    def add_record(self, record: BucketRecord) -> None:
        """Note a shard's record. Where dormant buckets are cut depends on what came when, and tells of nothing."""
        if not record.dormant:
            self.add("counts", f"{record.shard}/{record.bucket}", without_sentiment(record))

    def differences(self, other: "Published") -> dict[str, int]:
        """Return how many identities are missing, additional or of other bytes, by kind; empty means equal."""
        found = {}
        for kind in ("hotspots", "alerts", "counts"):
            ours, theirs = getattr(self, kind), getattr(other, kind)
            wrong = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
            if wrong:
                found[kind] = len(wrong)
        if lost := other.scored - self.scored:
            found["scored posts lost"] = len(lost)
        moved = [post for post, mood in other.moods.items() if _apart(mood, self.moods.get(post, {})) > TOLERANCE]
        if moved:
            found["scores that differ"] = len(moved)
        if self.conflicts:
            found["same id, other bytes"] = len(self.conflicts)
        return found


def _apart(mood: dict[str, float], other: dict[str, float]) -> float:
    return max((abs(share - other.get(label, 2.0)) for label, share in mood.items()), default=0.0)


def _identity_of_hotspot(value: bytes) -> str:
    decoded = msgspec.json.decode(value)
    return f"{decoded['hotspot_id']} {decoded['emitted_at']}"


def without_scores(value: bytes) -> bytes:
    """Return an output without what depends on the encoder's arithmetic."""
    decoded = msgspec.json.decode(value)
    decoded.get("why", {}).pop("sentiment", None)
    for source in decoded.get("sources", ()):
        source.pop("sentiment", None)
    return msgspec.json.encode(decoded, order="sorted")


def without_sentiment(record: BucketRecord) -> bytes:
    """Return a shard's record without what depends on the encoder's arithmetic."""
    bursts = tuple(
        msgspec.structs.replace(
            burst, sample=tuple(msgspec.structs.replace(post, sentiment=()) for post in burst.sample)
        )
        for burst in record.bursts
    )
    return msgspec.msgpack.encode(msgspec.structs.replace(record, bursts=bursts))


def published_on(bootstrap: str, *, scores: bool) -> Published:
    """Read the output topics of a cluster from their beginning to their present end."""
    found = Published()
    plain: Callable[[bytes], bytes] = (lambda value: value) if scores else without_scores
    for value in _values(bootstrap, HOTSPOTS.name):
        found.add("hotspots", _identity_of_hotspot(value), plain(value))
    for value in _values(bootstrap, ALERTS.name):
        found.add("alerts", msgspec.json.decode(value)["alert_id"], plain(value))
    for value in _values(bootstrap, BURSTS.name):
        found.add_record(msgspec.msgpack.decode(value, type=BucketRecord))
    for value in _values(bootstrap, SCORED.name):
        for post in msgspec.json.decode(value):
            found.scored.add(post["id"])
            if post.get("sentiment"):
                found.moods[post["id"]] = post["sentiment"]
    return found


def _values(bootstrap: str, topic: str) -> Iterator[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(tp) < ends[tp] for tp in partitions):
            for records in consumer.poll(timeout_ms=500).values():
                yield from (record.value for record in records if record.value is not None)
    finally:
        consumer.close()


def expected_of(
    files: list[Path],
    *,
    partitions: int,
    author_key: bytes,
    posts_per_message: int = 64,
    scorer: Scorer | None = None,
    **settings: object,
) -> Published:
    """Return what `backtest` says of a log."""
    from agents.adapters.gazetteers import load_gazetteer
    from agents.backtest import run_backtest
    from streams.intake import Intake, IntakeSettings
    from streams.pipeline import PipelineSettings

    found = Published()
    runs = run_backtest(
        files,
        settings=PipelineSettings(partitions=partitions, gazetteer=load_gazetteer(None), **settings),  # type: ignore[arg-type]
        intake=Intake(IntakeSettings(author_key=author_key)),
        scorer=scorer,
        posts_per_message=posts_per_message,
    )
    for outputs, _ in runs:
        for hotspot in outputs.hotspots:
            value = msgspec.json.encode(hotspot)
            found.add("hotspots", _identity_of_hotspot(value), without_scores(value))
        for alert in outputs.alerts:
            found.add("alerts", alert.alert_id, without_scores(msgspec.json.encode(alert)))
        for record in outputs.records:
            found.add_record(record)
        found.scored.update(post.id for post, _ in outputs.scored)
        found.moods.update((post.id, dict(score.sentiment)) for post, score in outputs.scored if score is not None)
    return found
