"""Writes files to `posts` through kafka-python: idempotent, acknowledged by all replicas, in order by partition."""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError

from agents.adapters.admin import partitions_by_topic
from agents.adapters.connection import blocking
from agents.errors import BrokerUnavailable
from agents.files import lines_of
from agents.settings import Settings
from streams.contracts.framing import ARRIVED_AT, messages_of
from streams.contracts.posts import DeadLetter
from streams.contracts.topics import DEAD, POSTS

ENVELOPE_BYTES = 1024
"""What a record adds to its value, generously."""


Header = tuple[str, bytes]


class Sent(msgspec.Struct):
    """What a replay wrote."""

    messages: int = 0
    bytes: int = 0
    dead: int = 0


def replay_files(
    settings: Settings, files: Iterable[Path], *, speed: float, on_bytes: Callable[[int], None] = lambda _: None
) -> Sent:
    """Write files to topic `posts`; see `replay_lines`.

    Raises:
        UnreadableFile: a file cannot be read.
    """
    return replay_lines(settings, (line for path in files for line in lines_of(path, on_bytes)), speed=speed)


def replay_lines(
    settings: Settings,
    lines: Iterable[bytes],
    *,
    speed: float,
    latest_ms: int | None = None,
    headers: Sequence[Header] = (),
) -> Sent:
    """Write lines to topic `posts`; with a `speed` above 0 paced at that many times real time.

    A line too large for a message goes to `posts.dead`, with its beginning and its sha256.

    Args:
        settings: say where, and how many posts a message holds.
        lines: JSON objects in order of time.
        speed: times real time, 0 for as fast as it goes.
        latest_ms: a post dated after this has a wrong date; the present if absent.
        headers: of every message, beside the arrival time.

    Raises:
        BrokerUnavailable: none answers, one goes away, or the topic is missing.
    """
    partitions = partitions_by_topic(settings).get(POSTS.name)
    if partitions is None:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} has no topic posts; run: redian topics create")
    limit = POSTS.max_message_bytes - ENVELOPE_BYTES
    sent = Sent()
    try:
        producer = KafkaProducer(
            **blocking(settings),
            enable_idempotence=True,
            acks="all",
            linger_ms=5,
            batch_size=256 * 1024,
            max_request_size=POSTS.max_message_bytes * 2,
        )
        pace = Pace(speed)
        for message in messages_of(
            lines,
            posts_per_message=settings.posts_per_message,
            partitions=partitions,
            lateness_ms=settings.lateness_s * 1000,
            now_ms=time.time_ns() // 1_000_000 if latest_ms is None else latest_ms,
        ):
            if len(message.value) > limit:
                letter = _too_large(message.value, sent.dead)
                producer.send(DEAD.name, msgspec.json.encode(letter))
                sent.dead += 1
                continue
            pace.wait_for(message.arrived_ms)
            arrived = (ARRIVED_AT, str(message.arrived_ms).encode())
            producer.send(POSTS.name, message.value, partition=message.partition, headers=[arrived, *headers])
            sent.messages += 1
            sent.bytes += len(message.value)
        producer.flush()
        producer.close()
    except KafkaError as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} stopped answering: {error}") from None
    return sent


def _too_large(value: bytes, number: int) -> DeadLetter:
    return DeadLetter.of(
        value,
        topic=POSTS.name,
        partition=-1,
        offset=number,
        index=-1,
        stage="source",
        reason="too_large",
        detail=f"{len(value)} bytes do not fit a message",
    )


class Pace:
    """Lets event time pass `speed` times as fast as real time, from the first time it is asked about."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began: tuple[float, int] | None = None

    def wait_for(self, time_ms: int) -> None:
        """Return when it is time for `time_ms`; at once for a speed of 0."""
        if self._speed <= 0:
            return
        now = time.monotonic()
        if self._began is None:
            self._began = (now, time_ms)
        began, first_ms = self._began
        time.sleep(max(0.0, began + (time_ms - first_ms) / 1000 / self._speed - now))
