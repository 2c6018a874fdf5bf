"""Agents of the watchlists: the lists themselves, what each partition counts of them, and the one that reports.

The posts agent finds the mentions (topic `mentions`); a keeper counts them bucket by bucket (`watchlists.buckets`);
one place unites the partitions and tells (`watchlists.reports`, `watchlists.alerts`). After a kill what was told may be
told again, with the same bytes.
"""

import asyncio

import faust
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.adapters import metrics
from agents.adapters.following import keep_up
from agents.adapters.watchlist_log import take_record
from agents.keeper import Keeper
from agents.runtime import Runtime, die, take_each
from streams.contracts.envelopes import envelope_of
from streams.contracts.topics import (
    MENTIONS,
    MENTIONS_SNAPSHOTS,
    WATCH_ALERTS,
    WATCH_BUCKETS,
    WATCH_REPORTS,
    WATCH_SNAPSHOTS,
    WATCHLISTS,
)
from streams.watching.board import Decided, WatchBoard
from streams.watching.book import Book
from streams.watching.counting import PartitionCount
from streams.watching.reading import read_bucket, read_mentions

_ENCODER = msgspec.msgpack.Encoder()


class WatchlistsFollowed:
    """The watchlists in force, followed from their topic by every worker."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._book = Book()
        self._read = asyncio.Event()

    async def book(self) -> Book:
        """Return the watchlists, once all that stand on the topic have been read."""
        await self._read.wait()
        return self._book

    async def follow(self) -> None:
        """Follow the topic for as long as the worker lives."""
        try:
            await keep_up("the watchlists", self._runtime.consumer, self._follow)
        except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
            die(error)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        partition = TopicPartition(WATCHLISTS.name, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while True:
            if not self._read.is_set() and await consumer.position(partition) >= end:
                self._read.set()
            for record in (await consumer.getmany(partition, timeout_ms=500)).get(partition, []):
                take_record(self._book, record)
            metrics.WATCHLISTS.set(len(self._book))


class MentionsAgent:
    """Counts the mentions of the partitions held."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        lateness_ms = runtime.pipeline().lateness_ms
        self.keeper = Keeper(
            runtime, MENTIONS, MENTIONS_SNAPSHOTS, lambda found: PartitionCount(lateness_ms, found), self._apply
        )

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self.keeper.take)

    async def _apply(self, count: PartitionCount, value: bytes) -> None:
        closed = count.take(read_mentions(value))
        if not closed:
            return
        producer = await self._runtime.producer()
        sent = [
            await producer.send(WATCH_BUCKETS.name, _ENCODER.encode(told), str(told.partition).encode(), partition=0)
            for told in closed
        ]
        await asyncio.gather(*sent)


class WatchBoardAgent:
    """Unites the partitions, on the worker that holds the one partition of `watchlists.buckets`."""

    def __init__(self, runtime: Runtime, followed: WatchlistsFollowed) -> None:
        self._runtime = runtime
        self._followed = followed
        settings = runtime.pipeline()
        self.keeper = Keeper(
            runtime,
            WATCH_BUCKETS,
            WATCH_SNAPSHOTS,
            lambda found: WatchBoard(settings.lateness_ms, settings.budget, found, runtime.intake.rotations),
            self._apply,
        )

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self.keeper.take)

    async def _apply(self, board: WatchBoard, value: bytes) -> None:
        told = read_bucket(value)
        decided = board.take(told, await self._followed.book())
        if decided.reports:
            await self._publish(decided)

    async def _publish(self, decided: Decided) -> None:
        producer = await self._runtime.producer()
        sent = []
        for topic, values in ((WATCH_REPORTS, decided.reports), (WATCH_ALERTS, decided.alerts)):
            for value in values:
                body, key = msgspec.json.encode(value), value.name.encode()
                sent.append(await producer.send(topic.name, body, key, partition=0, headers=envelope_of(value)))
        await asyncio.gather(*sent)
        metrics.MOOD_ALERTS.inc(len(decided.alerts))
