"""Values of a topic, for commands: from the folder that `backtest` wrote, from the topic itself, and put there."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from agents.errors import BrokerUnavailable
from agents.files import UnreadableFile, lines_of
from agents.settings import Settings
from streams.contracts.decoding import json_decoder
from streams.contracts.topics import Topic

Value = TypeVar("Value")

POLL_MS = 500
PUT_S = 30
LONGEST_POLLS = 20
"""Polls in a row without a record after which a topic that should have more is given up."""


def values_in(folder: Path, topic: Topic, kind: type[Value]) -> Iterator[Value]:
    """Yield the values of `topic` that backtest wrote into `folder`.

    Raises:
        UnreadableFile: they are not there, or are something else.
    """
    decoder = json_decoder(kind)
    for number, line in enumerate(lines_of(folder / f"{topic.name}.jsonl"), 1):
        try:
            yield decoder.decode(line)
        except msgspec.MsgspecError as error:
            name = f"{folder / topic.name}.jsonl"
            raise UnreadableFile(f"{name}, line {number}, is not what backtest writes: {error}") from None


def newest_on(settings: Settings, topic: Topic) -> list[bytes]:
    """Return the newest value of each key on each partition of a compacted topic, without those that were removed.

    Raises:
        BrokerUnavailable: no broker answers, or the topic is missing.
    """
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import KafkaError

    from agents.adapters.admin import partitions_by_topic
    from agents.adapters.connection import blocking

    there = partitions_by_topic(settings)
    if topic.name not in there:
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} has no topic {topic.name}; run: redian topics create"
        )
    partitions = [TopicPartition(topic.name, number) for number in range(there[topic.name])]
    newest: dict[tuple[int, bytes], bytes | None] = {}
    try:
        consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False)
        try:
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            ends = consumer.end_offsets(partitions)
            quiet = 0
            while quiet < LONGEST_POLLS and any(consumer.position(place) < ends[place] for place in partitions):
                found = consumer.poll(timeout_ms=POLL_MS)
                quiet = 0 if found else quiet + 1
                for place, records in found.items():
                    newest |= {(place.partition, record.key or b""): record.value for record in records}
        finally:
            consumer.close()
    except KafkaError as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} does not give {topic.name}: {error}") from error
    return [value for value in newest.values() if value is not None]


def values_on(settings: Settings, topic: Topic, kind: type[Value]) -> Iterator[Value]:
    """Yield what stands on the one partition of `topic` now, oldest first; values that do not decode are passed over.

    Raises:
        BrokerUnavailable: no broker answers, or the topic is missing.
    """
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import KafkaError

    from agents.adapters.admin import partitions_by_topic
    from agents.adapters.connection import blocking

    if topic.name not in partitions_by_topic(settings):
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} has no topic {topic.name}; run: redian topics create"
        )
    decoder = json_decoder(kind)
    partition = TopicPartition(topic.name, 0)
    try:
        consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False)
        try:
            consumer.assign([partition])
            consumer.seek_to_beginning(partition)
            end = consumer.end_offsets([partition])[partition]
            quiet = 0
            while consumer.position(partition) < end and quiet < LONGEST_POLLS:
                found = consumer.poll(timeout_ms=POLL_MS).get(partition, [])
                quiet = 0 if found else quiet + 1
                for record in found:
                    try:
                        yield decoder.decode(record.value or b"")
                    except msgspec.MsgspecError:
                        continue
        finally:
            consumer.close()
    except KafkaError as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} does not give {topic.name}: {error}") from error


def put_on(settings: Settings, topic: Topic, key: bytes, value: msgspec.Struct | None) -> None:
    """Put a value on the one partition of `topic`, None to remove its key; return once all replicas have it.

    Raises:
        BrokerUnavailable: no broker answers, or it does not take it.
    """
    from kafka import KafkaProducer
    from kafka.errors import KafkaError

    from agents.adapters.connection import blocking

    try:
        producer = KafkaProducer(**blocking(settings), acks="all")
        body = None if value is None else msgspec.json.encode(value)
        producer.send(topic.name, body, key, partition=0).get(PUT_S)
        producer.close()
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} does not take it: {error}") from None
