"""The `subscribers` topics, read and written: definitions, how far each subscriber was told, what was tried."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord

from agents.adapters import metrics
from agents.adapters.following import connected
from agents.adapters.watchlist_log import take_record
from streams.contracts.decoding import json_decoder
from streams.contracts.subscriptions import Delivery, Outcome, Subscriber, SubscriberState
from streams.contracts.times import format_time
from streams.contracts.topics import DELIVERIES, SUBSCRIBER_STATES, SUBSCRIBERS, WATCHLISTS
from streams.subscriptions.definitions import Definitions
from streams.subscriptions.queue import message_id
from streams.watching.book import Book

CURSOR: Final = "*"
"""Key of the record that says up to which alert all subscribers were judged; no subscriber's name can be this."""
READ_TIMEOUT_S: Final = 60.0

_SUBSCRIBER = json_decoder(Subscriber)
_STATE = json_decoder(SubscriberState)


def subscriber_of(record: "ConsumerRecord[bytes, bytes]") -> tuple[str, Subscriber | None]:
    """Return the name and the definition of a record, None for one that removes.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return (record.key or b"").decode("utf-8", "replace"), None if record.value is None else _SUBSCRIBER.decode(
        record.value
    )


def state_of(record: "ConsumerRecord[bytes, bytes]") -> tuple[str, SubscriberState | None]:
    """Return the name and the state of a record, None for one that was removed."""
    return _name_of(record), None if record.value is None else _STATE.decode(record.value)


def _name_of(record: "ConsumerRecord[bytes, bytes]") -> str:
    return (record.key or b"").decode("utf-8", "replace")


async def read_to_end(consumer: AIOKafkaConsumer, partition: TopicPartition, start: int = 0) -> list[Any]:
    """Return the records of a partition from `start` to its present end. The consumer must have it assigned.

    Raises:
        TimeoutError: the broker took too long.
    """
    begin = (await consumer.beginning_offsets([partition]))[partition]
    end = (await consumer.end_offsets([partition]))[partition]
    consumer.seek(partition, max(begin, min(start, end)))
    records: list[Any] = []
    deadline = time.monotonic() + READ_TIMEOUT_S
    while await consumer.position(partition) < end:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{partition.topic} was not read within {READ_TIMEOUT_S:.0f} s")
        records += (await consumer.getmany(partition, timeout_ms=500)).get(partition, [])
    return records


async def read_definitions(make_consumer: Callable[[], AIOKafkaConsumer]) -> Definitions:
    """Return the subscribers as they stand."""
    return definitions_of(await _read_all(make_consumer, SUBSCRIBERS.name))


def definitions_of(records: Iterable[Any]) -> Definitions:
    """Return the subscribers that the records of their topic make; what cannot be read is passed over."""
    found = Definitions()
    for record in records:
        try:
            found.apply(*subscriber_of(record))
        except msgspec.MsgspecError:
            continue
    return found


async def read_states(make_consumer: Callable[[], AIOKafkaConsumer]) -> dict[str, SubscriberState]:
    """Return how far each subscriber was told."""
    return states_of(await _read_all(make_consumer, SUBSCRIBER_STATES.name))


def states_of(records: Iterable[Any]) -> dict[str, SubscriberState]:
    """Return the states that the records of their topic make."""
    found: dict[str, SubscriberState] = {}
    for record in records:
        try:
            name, state = state_of(record)
        except msgspec.MsgspecError:
            continue
        if state is None:
            found.pop(name, None)
        else:
            found[name] = state
    return found


async def read_watchlists(make_consumer: Callable[[], AIOKafkaConsumer]) -> Book:
    """Return the watchlists as they stand."""
    book = Book()
    for record in await _read_all(make_consumer, WATCHLISTS.name):
        take_record(book, record)
    return book


async def _read_all(make_consumer: Callable[[], AIOKafkaConsumer], topic: str) -> list[Any]:
    async with connected(make_consumer()) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        return await read_to_end(consumer, partition)


async def write_subscriber(producer: AIOKafkaProducer, name: str, subscriber: Subscriber | None) -> None:
    """Write a definition, or None to remove it."""
    value = None if subscriber is None else msgspec.json.encode(subscriber)
    await producer.send_and_wait(SUBSCRIBERS.name, value, name.encode(), partition=0)


async def write_states(producer: AIOKafkaProducer, states: Iterable[tuple[str, SubscriberState | None]]) -> None:
    """Write states; returns when all are acknowledged."""
    sent = [
        await producer.send(
            SUBSCRIBER_STATES.name, None if state is None else msgspec.json.encode(state), name.encode(), partition=0
        )
        for name, state in states
    ]
    await asyncio.gather(*sent)


async def note(
    producer: AIOKafkaProducer,
    subscriber: Subscriber,
    alerts: tuple[str, ...],
    outcome: Outcome,
    *,
    attempt: int = 1,
    detail: str = "",
    seconds: float = 0.0,
) -> None:
    """Count what became of a message and write its line of the log; it is not waited for, a lost one loses no alert."""
    metrics.DELIVERIES.labels(channel=subscriber.channel, outcome=outcome).inc()
    line = Delivery(
        subscriber=subscriber.name,
        channel=subscriber.channel,
        message_id=message_id(subscriber.name, alerts),
        alerts=alerts,
        at=format_time(now_ms()),
        outcome=outcome,
        attempt=attempt,
        seconds=round(seconds, 3),
        detail=detail[:300],
    )
    await producer.send(DELIVERIES.name, msgspec.json.encode(line), subscriber.name.encode(), partition=0)


def now_ms() -> int:
    """Return the present."""
    return time.time_ns() // 1_000_000
