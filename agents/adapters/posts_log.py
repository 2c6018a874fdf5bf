"""The log as a source sees it: lists of posts out, dead letters and deletions beside them, its cursor both ways."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.adapters.connection import asynchronous
from agents.adapters.following import BrokerLost, asked, connected, leave
from agents.adapters.reading import between
from agents.errors import BrokerUnavailable
from agents.settings import Settings
from streams.contracts.framing import ARRIVED_AT
from streams.contracts.outside import Listing
from streams.contracts.posts import DeadLetter
from streams.contracts.sources import SOURCE, Deletion, SourceCursor
from streams.contracts.topics import CURSORS, DEAD, DELETED, OPT_OUTS, OUTSIDE_LISTINGS, POSTS
from streams.ingesting.recent import key_of

BATCH_BYTES: Final = 256 * 1024
REQUEST_BYTES: Final = 2 * 1024 * 1024


class _Known(msgspec.Struct):
    """As much of a post as its key needs."""

    id: str
    platform: str


_CURSOR: Final = msgspec.json.Decoder(SourceCursor)
_LIST: Final = msgspec.json.Decoder(list[_Known])
_ONE: Final = msgspec.json.Decoder(_Known)


class PostsLog:
    """One source's connection to the broker.

    Args:
        settings: say where the brokers are and who Redian is to them.
        source: the source's name, which marks what it writes.
    """

    def __init__(self, settings: Settings, source: str) -> None:
        self._settings = settings
        self._source = source
        self._producer: AIOKafkaProducer | None = None
        self._next_partition = 0
        self.next_offsets: dict[int, int] = {}
        """For each partition of `posts` the offset behind what was there at the start and what was written since."""

    async def start(self) -> None:
        """Connect.

        Raises:
            BrokerUnavailable: none answers, or the topics are missing.
        """
        producer = self._producer = AIOKafkaProducer(
            **asynchronous(self._settings),
            enable_idempotence=True,
            acks="all",
            linger_ms=5,
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
        )
        try:
            await asked(producer.start())
        except BrokerLost as error:
            await self.stop()
            raise BrokerUnavailable(
                f"no Kafka broker answers at {self._settings.bootstrap}; "
                "start one, or set REDIAN_BOOTSTRAP to where yours is"
            ) from error
        there = await producer.client.fetch_all_metadata()
        missing = [
            topic.name
            for topic in (POSTS, CURSORS, DELETED, DEAD, OPT_OUTS, OUTSIDE_LISTINGS)
            if topic.name not in there.topics()
        ]
        if missing:
            raise BrokerUnavailable(
                f"the broker at {self._settings.bootstrap} has no topic {', '.join(missing)}; run: redian topics create"
            )
        self.next_offsets = dict.fromkeys(sorted(there.partitions_for_topic(POSTS.name) or {0}), 0)

    async def stop(self) -> None:
        """Disconnect; what `write` and `save` returned from is acknowledged."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await leave(producer)

    def consumer(self) -> AIOKafkaConsumer:
        """Return a new consumer without a group, for reading given places of the log."""
        return AIOKafkaConsumer(
            **asynchronous(self._settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=REQUEST_BYTES,
        )

    async def resume(self) -> tuple[SourceCursor | None, list[int]]:
        """Return this source's last cursor, and the keys of what it wrote lately, in the order of the partitions."""
        async with connected(self.consumer()) as consumer:
            cursor = None
            mine = self._source.encode()
            place = TopicPartition(CURSORS.name, 0)
            async for record in between(consumer, {place: 0}):
                if record.key == mine:
                    cursor = _CURSOR.decode(record.value)
            partitions = [TopicPartition(POSTS.name, number) for number in self.next_offsets]
            ends = await consumer.end_offsets(partitions)
            self.next_offsets = {place.partition: end for place, end in ends.items()}
            keys: list[int] = []
            if cursor is not None:
                since = {place: cursor.since.get(str(place.partition), 0) for place in partitions}
                async for record in between(consumer, since):
                    if dict(record.headers).get(SOURCE) == mine:
                        keys += _keys(record.value)
            return cursor, keys

    async def write(
        self,
        lists: Sequence[tuple[bytes, int]],
        dead: Sequence[DeadLetter],
        deleted: Sequence[Deletion],
        listed: Sequence[Listing] = (),
    ) -> None:
        """Write lists of posts with their arrival times (ms), and what comes beside; return once acknowledged.

        Raises:
            KafkaError: something was not acknowledged; what was, is unknown.
        """
        assert self._producer is not None
        waiting = []
        for value, arrived_ms in lists:
            headers = [(ARRIVED_AT, str(arrived_ms).encode()), (SOURCE, self._source.encode())]
            partition = self._next_partition
            self._next_partition = (partition + 1) % len(self.next_offsets)
            waiting.append(await self._producer.send(POSTS.name, value, partition=partition, headers=headers))
        waiting += [await self._producer.send(DEAD.name, msgspec.json.encode(letter)) for letter in dead]
        waiting += [
            await self._producer.send(DELETED.name, msgspec.json.encode(deletion), deletion.key) for deletion in deleted
        ]
        waiting += [await self._producer.send(OUTSIDE_LISTINGS.name, msgspec.json.encode(found)) for found in listed]
        for written in await asyncio.gather(*waiting):
            if written.topic == POSTS.name:
                self.next_offsets[written.partition] = max(self.next_offsets[written.partition], written.offset + 1)

    async def save(self, cursor: SourceCursor) -> None:
        """Write a cursor; return when it is acknowledged.

        Raises:
            KafkaError: it was not.
        """
        assert self._producer is not None
        await self._producer.send_and_wait(CURSORS.name, msgspec.json.encode(cursor), cursor.source.encode())


def _keys(value: bytes | None) -> list[int]:
    """Return the keys of the posts of a value; none for a heartbeat or what cannot be read."""
    try:
        known = _LIST.decode(value or b"[]") if (value or b"[")[:1] == b"[" else [_ONE.decode(value or b"")]
    except msgspec.MsgspecError:
        return []
    return [key_of(post.platform, post.id) for post in known]
