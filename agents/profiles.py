"""Agent of topic `posts.scored`: what authors are interested in, kept for each partition on that of `profiles`.

The topic is the agent's memory: it is read again whenever another worker may have written in between. Messages are
committed once what they changed is acknowledged; a post that comes again is known by its place.
"""

import asyncio
import time
from typing import Final

import faust
import msgspec
from faust.types import TP, Message

from agents.adapters import metrics
from agents.burying import bury_value
from agents.optouts import OptOutsFollowed
from agents.rereading import reread
from agents.runtime import Runtime, die, take_each
from streams.contracts.decoding import json_decoder
from streams.contracts.posts import ScoredPost
from streams.contracts.profiles import Profile
from streams.contracts.topics import PROFILES, SCORED
from streams.profiles.book import Book

FLUSH_S: Final = 10.0
MOST_WAITING: Final = 2_000
"""Authors changed after which profiles are published at once."""

_POSTS = json_decoder(list[ScoredPost])
_PROFILES = json_decoder(Profile)


class _Reading(msgspec.Struct):
    """A partition that is read: its book, the offset read next, since which rebalance, and when it was published."""

    book: Book
    next: int
    generation: int
    flushed: float


class ProfilesAgent:
    """Keeps the profiles of the partitions held."""

    def __init__(self, runtime: Runtime, opt_outs: OptOutsFollowed) -> None:
        self._runtime = runtime
        self._opt_outs = opt_outs
        self._readings: dict[int, _Reading] = {}
        self._working = asyncio.Lock()
        self._hidden = (-1, -1)

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self.take)

    async def take(self, message: Message) -> None:
        """Count the posts of a message."""
        await self._opt_outs.read()
        async with self._working:
            reading = self._readings.get(message.partition)
            if reading is None or message.offset < reading.next or message.generation_id != reading.generation:
                reading = await self._begin(message.partition, message.offset)
            value = message.value or b""
            try:
                posts = _POSTS.decode(value)
            except msgspec.MsgspecError as error:
                await bury_value(self._runtime, TP(SCORED.name, message.partition), message.offset, value, error)
                posts = []
            for post in posts:
                if _is_hash(post.author) and not self._hides(post.platform, int(post.author, 16)):
                    reading.book.take(post)
            reading.next = message.offset + 1
            if reading.book.waiting >= MOST_WAITING:
                await self._publish(message.partition, reading)

    async def tick(self) -> None:
        """Publish what changed, and take back who is not to be known any more, for as long as the worker lives."""
        while True:
            await asyncio.sleep(1.0)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    async def look(self, within_s: float = FLUSH_S) -> None:
        """Publish what waits for `within_s` seconds or more; at once where somebody is not to be known any more."""
        held = {tp.partition for tp in self._runtime.held() if tp.topic == SCORED.name}
        async with self._working:
            for partition in self._readings.keys() - held:
                del self._readings[partition]
            for partition in held - self._readings.keys():
                # A partition that brings nothing has profiles too: somebody in them may ask not to be known.
                await self._begin(partition, self._runtime.done(TP(SCORED.name, partition)))
            hidden = (self._runtime.taken_back.changes, self._runtime.intake.opted_out.changes)
            era = self._runtime.intake.rotations.era_at(time.time_ns() // 1_000_000)
            for partition, reading in self._readings.items():
                reading.book.turn(era)  # all partitions at once, one that brings no posts too
                if hidden != self._hidden:
                    reading.book.hide(self._hides)
                if hidden != self._hidden or time.monotonic() - reading.flushed >= within_s:
                    await self._publish(partition, reading)
            self._hidden = hidden
            metrics.PROFILES.set(sum(len(reading.book) for reading in self._readings.values()))

    async def flush(self) -> None:
        """Publish all that waits, before the worker leaves."""
        await self.look(0.0)

    def _hides(self, platform: str, author: int) -> bool:
        now_ms = time.time_ns() // 1_000_000
        opted_out = self._runtime.intake.opted_out.wants_none(author, now_ms)
        return opted_out or self._runtime.taken_back.hides(platform, "", author)

    async def _publish(self, partition: int, reading: _Reading) -> None:
        producer = await self._runtime.producer()
        sent = []
        for author, profile in reading.book.changed():
            value = None if profile is None else msgspec.json.encode(profile)
            sent.append(await producer.send(PROFILES.name, value, author.encode(), partition=partition))
            metrics.PROFILES_TAKEN_BACK.inc(profile is None)
        await asyncio.gather(*sent)
        reading.flushed = time.monotonic()
        await self._runtime.commit(TP(SCORED.name, partition), reading.next)

    async def _begin(self, partition: int, offset: int) -> _Reading:
        """Begin to read a partition at an offset, with the profiles that stand on it."""
        generation = self._runtime.app.consumer_generation_id
        reading = _Reading(await self._remembered(partition), offset, generation, time.monotonic())
        self._readings[partition] = reading
        self._hidden = (-1, -1)
        return reading

    async def _remembered(self, partition: int) -> Book:
        """Return the profiles that stand on a partition."""
        newest: dict[bytes, bytes | None] = {}
        async for record in reread(self._runtime.consumer, TP(PROFILES.name, partition), 0, None):
            newest.pop(record.key or b"", None)  # the order of the book is that of the newest values
            newest[record.key or b""] = record.value
        book = Book(self._runtime.settings.profiles, self._runtime.intake.rotations)
        for value in newest.values():
            if value is not None:
                try:
                    profile = _PROFILES.decode(value)
                except msgspec.MsgspecError:
                    continue
                if _is_hash(profile.author):
                    book.restore(profile)
        return book


def _is_hash(author: str) -> bool:
    try:
        return len(author) == 16 and int(author, 16) >= 0
    except ValueError:
        return False
