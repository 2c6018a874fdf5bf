"""Runs a source: repeats left out, lists acknowledged, then the cursor; interruptions waited out; a clean way to stop.

At any kill, -9 included, the last saved cursor covers only what was acknowledged, so nothing is lost; what was written
behind it is read back from the log at the start, so it is not written again.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

import msgspec
from aiokafka.errors import KafkaError

from agents.adapters import metrics
from agents.adapters.posts_log import PostsLog
from agents.adapters.sources.backoff import Backoff
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.described import DescribedSource
from agents.adapters.sources.measured import Measured, created_ms
from agents.adapters.sources.source import Batch, Interrupted, Malformed, Source
from agents.describing import make_describing
from agents.optouts import OptOutsFollowed
from agents.settings import Settings
from streams.contracts.framing import LIST_BYTES
from streams.contracts.outside import Listing
from streams.contracts.posts import DeadLetter, Post
from streams.contracts.sources import Deletion, SourceCursor
from streams.contracts.times import format_time
from streams.contracts.topics import POSTS
from streams.ingesting.dates import settled
from streams.ingesting.recent import RecentIds, key_of
from streams.ingesting.rhythm import Rhythm
from streams.privacy.optouts import OptOuts

log = logging.getLogger(__name__)

HELD_POSTS: Final = 8192
"""Posts that wait for the broker; a source that is faster waits for room."""

SAVE_MS: Final = 1000
LOOK_S: Final = 10.0
MESSAGE_BYTES: Final = POSTS.max_message_bytes - 1024

_encode = msgspec.json.Encoder().encode


def _known_by(platform: str, author: str) -> tuple[int]:
    """Return by which number a source knows an author; it knows no key, so there is one."""
    return (key_of(platform, author),)


class Taken(msgspec.Struct):
    """What waits to be written: encoded posts by key, with their arrival; the cursor behind them."""

    posts: dict[int, tuple[bytes, int]] = {}
    dead: list[DeadLetter] = []
    deleted: list[Deletion] = []
    listed: list[Listing] = []
    cursor: str | None = None
    done: list[Callable[[], None]] = []

    @property
    def something(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.posts or self.dead or self.deleted or self.listed or self.cursor is not None or self.done)


class Ingestion:
    """One source on its way to `posts`.

    Args:
        source: what to read.
        log: where to write; started.
        clock: of this machine, or of a test.
        opted_out: whose posts are not written.
        posts_per_message: how many posts a list holds at most.
        linger_s: how long a post may wait for company.
        seed: of the jitter.
    """

    def __init__(
        self,
        source: Source,
        log: PostsLog,
        *,
        clock: Clock,
        opted_out: OptOuts | None = None,
        posts_per_message: int = 64,
        linger_s: float = 0.2,
        seed: int | None = None,
    ) -> None:
        self._source = source
        self._log = log
        self._clock = clock
        self._opted_out = OptOuts(_known_by) if opted_out is None else opted_out
        self._posts_per_message = posts_per_message
        self._linger_s = linger_s
        self._backoff = Backoff(random.Random(seed))  # noqa: S311 - jitter
        self._measured = Measured(source.name)
        self._recent = RecentIds({})
        self._rhythm = Rhythm()
        self._taken = Taken()
        self._saved_ms = 0
        self._unsaved: str | None = None
        self._ended = False
        self._room = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None
        self._stopping = False

    async def run(self) -> None:
        """Read until the source ends or `stop` is called; what was taken is written and the cursor saved then.

        Raises:
            Refused: the source needs a person.
            KafkaError: the broker did not acknowledge; a new run goes on without loss.
        """
        saved, keys = await self._log.resume()
        since = {int(place): offset for place, offset in saved.since.items()} if saved else self._log.next_offsets
        self._recent = RecentIds(since)
        for key in keys:
            self._recent.add(key)
        if saved is None:
            # Killed before its first cursor, it must know where its own posts begin.
            await self._save(None)
            self._saved_ms = 0
        sending = asyncio.create_task(self._send_often())
        watching = asyncio.create_task(self._look_often())
        self._reading = asyncio.create_task(self._read(saved.cursor if saved else None))
        if self._stopping:
            self._reading.cancel()
        try:
            await asyncio.wait({self._reading, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._reading.cancel()
            watching.cancel()
            await asyncio.gather(self._reading, watching, return_exceptions=True)
            async with self._room:
                self._ended = True
                self._room.notify_all()
            await sending
        if not self._reading.cancelled() and (error := self._reading.exception()) is not None:
            raise error

    def stop(self) -> None:
        """Have `run` write what was taken and return."""
        self._stopping = True
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self, cursor: str | None) -> None:
        """Read, and come back after interruptions, behind the last batch that was taken."""
        while True:
            began_ms = self._clock.now_ms()
            try:
                async with aclosing(self._source.batches(cursor)) as batches:
                    self._measured.connected(True)
                    async for batch in batches:
                        await self._take(batch)
                        cursor = cursor if batch.cursor is None else batch.cursor
                return
            except Interrupted as interrupted:
                wait_s = self._backoff.after(self._clock.now_ms() - began_ms, interrupted.retry_after_s)
                self._measured.interrupted(interrupted.reason)
                log.warning("%s: %s; back in %.1f s", self._source.name, interrupted, wait_s)
            finally:
                self._measured.connected(False)
            await self._clock.sleep(wait_s)

    async def _take(self, batch: Batch) -> None:
        if len(self._taken.posts) >= HELD_POSTS:
            async with self._room:
                await self._room.wait_for(lambda: len(self._taken.posts) < HELD_POSTS)
        taken = self._taken
        arrived_ms = self._clock.now_ms()
        repeats = opted_out = 0
        for post in batch.posts:
            if self._opted_out.covers(key_of(post.platform, post.author), arrived_ms):
                opted_out += 1
                continue
            key = key_of(post.platform, post.id)
            if key in self._recent:
                repeats += 1
                continue
            value = self._encoded(post, arrived_ms)
            if len(value) > MESSAGE_BYTES:
                found = Malformed(value, "too_large", f"{len(value)} bytes do not fit a message")
                taken.dead.append(self._letter(found))
                continue
            self._recent.add(key)
            taken.posts[key] = (value, arrived_ms)
        taken.dead += [self._letter(found) for found in batch.malformed]
        for deletion in batch.deleted:
            # A post that was taken back before it went out stays here; the deletion goes out all the same.
            if deletion.id is not None:
                taken.posts.pop(key_of(deletion.platform, deletion.id), None)
            taken.deleted.append(deletion)
        taken.listed += batch.listed
        if batch.cursor is not None:
            taken.cursor = batch.cursor
        if batch.done is not None:
            taken.done.append(batch.done)
        fresh = len(batch.posts) - repeats - opted_out
        if fresh:
            self._rhythm.heard(fresh, arrived_ms)
        self._measured.batch(batch, fresh=fresh, repeats=repeats, opted_out=opted_out, now_ms=arrived_ms)

    def _encoded(self, post: Post, arrived_ms: int) -> bytes:
        if self._source.live:
            created = created_ms(post)
            if created is not None:
                self._measured.arrived(arrived_ms - created)
                if (moved := settled(created, arrived_ms)) != created:
                    post = msgspec.structs.replace(post, created_at=format_time(moved))
        return _encode(post)

    def _letter(self, found: Malformed) -> DeadLetter:
        metrics.POSTS_DEAD.labels(stage="source", reason=found.reason).inc()
        return DeadLetter.of(
            found.original,
            topic=self._source.name,
            partition=-1,
            offset=-1,
            index=-1,
            stage="source",
            reason=found.reason,
            detail=found.detail[:200],
        )

    async def _send_often(self) -> None:
        """Write what was taken, again and again, until reading has ended and all is written."""
        while True:
            ended = self._ended
            told = await self._send() if self._taken.something else []
            if ended:
                await self._save_what_is_written()
                for done in told:
                    done()
                return
            if self._clock.now_ms() - self._saved_ms >= SAVE_MS:
                await self._save_what_is_written()
            for done in told:
                done()
            async with self._room:
                self._room.notify_all()
                if not self._ended:
                    try:
                        async with asyncio.timeout(self._linger_s):
                            await self._room.wait_for(lambda: self._ended)
                    except TimeoutError:
                        pass

    async def _send(self) -> list[Callable[[], None]]:
        """Write what was taken; return whom to tell."""
        taken, self._taken = self._taken, Taken()
        await self._log.write(self._lists(taken), taken.dead, taken.deleted, taken.listed)
        self._recent.turn(self._log.next_offsets)
        self._measured.written(len(taken.posts))
        if taken.cursor is not None:
            self._unsaved = taken.cursor
        return taken.done

    def _lists(self, taken: Taken) -> list[tuple[bytes, int]]:
        lists: list[tuple[bytes, int]] = []
        held: list[bytes] = []
        size = 0
        first_ms = 0
        for value, arrived_ms in taken.posts.values():
            if held and (len(held) >= self._posts_per_message or size + len(value) > LIST_BYTES):
                lists.append((b"[" + b",".join(held) + b"]", first_ms))
                held, size = [], 0
            if not held:
                first_ms = arrived_ms
            held.append(value)
            size += len(value) + 1
        if held:
            lists.append((b"[" + b",".join(held) + b"]", first_ms))
        return lists

    async def _save_what_is_written(self) -> None:
        if self._unsaved is not None:
            cursor, self._unsaved = self._unsaved, None
            await self._save(cursor)

    async def _save(self, cursor: str | None) -> None:
        now_ms = self._clock.now_ms()
        since = {str(place): offset for place, offset in self._recent.since.items()}
        await self._log.save(
            SourceCursor(source=self._source.name, cursor=cursor, saved_at=format_time(now_ms), since=since)
        )
        self._saved_ms = now_ms

    async def _look_often(self) -> None:
        """Say, now and then, whether the source is silent for longer than its rhythm explains."""
        stalled = False
        while True:
            await asyncio.sleep(LOOK_S)
            now_ms = self._clock.now_ms()
            was, stalled = stalled, self._source.live and self._rhythm.stalled(now_ms)
            self._measured.stalled(stalled)
            if stalled and not was:
                log.error(
                    "%s is silent: %.0f posts were due since the last", self._source.name, self._rhythm.due(now_ms)
                )


async def ingest(source: Source, settings: Settings, *, clock: Clock) -> None:
    """Run a source until it ends or this task is cancelled; a broker that goes away is waited for.

    Raises:
        BrokerUnavailable: none answers at the start, or the topics are missing.
        Refused: the source needs a person.
        SettingsError: what should describe media is not there.
    """
    opted_out = OptOuts(_known_by)
    describing = make_describing(settings)
    if describing is None:
        await _ingest(source, settings, clock, opted_out)
        return
    described = DescribedSource(
        source, describing, lambda post: not opted_out.covers(key_of(post.platform, post.author), clock.now_ms())
    )
    try:
        await _ingest(described, settings, clock, opted_out)
    finally:
        await describing.close()


async def _ingest(source: Source, settings: Settings, clock: Clock, opted_out: OptOuts) -> None:
    backoff = Backoff(random.Random())  # noqa: S311 - jitter
    followed = OptOutsFollowed(PostsLog(settings, source.name).consumer, opted_out)
    started = False
    while True:
        written = PostsLog(settings, source.name)
        began_ms = clock.now_ms()
        following: asyncio.Task[None] | None = None
        try:
            await written.start()
            started = True
            following = asyncio.create_task(followed.follow())
            await followed.read()
            ingestion = Ingestion(
                source, written, clock=clock, opted_out=opted_out, posts_per_message=settings.posts_per_message
            )
            running = asyncio.create_task(ingestion.run())
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                ingestion.stop()
                await running
                raise
            return
        except (KafkaError, OSError) as error:
            if not started:
                raise
            wait_s = backoff.after(clock.now_ms() - began_ms)
            log.warning("the broker at %s: %r; back in %.1f s", settings.bootstrap, error, wait_s)
        finally:
            if following is not None:
                following.cancel()
            await written.stop()
        await clock.sleep(wait_s)
