"""Agent of topic `posts`: intake, scoring and counting of a partition in one pass, a slice at a time.

Order is everything here. A slice's parts, scored posts and dead letters are acknowledged by the broker before its
offsets are committed, and slices of a partition go out in the order in which they were cut.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence

import faust
import msgspec
from faust.types import TP, Message

from agents.adapters import metrics
from agents.adapters.tracing import LINKS, origin_of
from agents.burying import bury
from agents.optouts import OptOutsFollowed
from agents.rereading import reread
from agents.runtime import Runtime, die, record_of, take_each
from agents.scoring_watch import ScoringWatch, letter_of
from agents.watchlists import WatchlistsFollowed
from streams.contracts.envelopes import Headers, envelope_of_scored
from streams.contracts.posts import DeadLetter, Model, ReadPost, ScoredPost
from streams.contracts.times import format_time
from streams.contracts.topics import MENTIONS, POSTS, SCORED, TERMS
from streams.counting import Slice, SliceBuilder, due_s, parts_of
from streams.counting.parts import encode_part
from streams.intake import Record
from streams.intake.budget import DeadBudget
from streams.pipeline import sentiment_of
from streams.scoring import Score
from streams.watching.mentioning import mentions_of

log = logging.getLogger(__name__)

QUEUED_SLICES = 2
"""Slices that wait for the encoder or the broker. When they are full the agent stops reading: backpressure."""

SLICE_LETTERS = 256
"""Dead letters after which a slice is cut: with their originals they may be large."""
SCORED_IN_A_TURN = 64
"""Scored posts that are written before others have their turn."""
TICK_S = 0.1
HISTORY = "history"
"""Header of a message that is history: counted, not scored."""


class Reading(msgspec.Struct):
    """One partition under one assignment: its slice under construction and what goes with it."""

    generation: int
    builder: SliceBuilder
    dead: list[DeadLetter] = []
    unscored: set[int] = set()
    origins: list[str] = []
    logged_ms: int = 0
    began: float = 0.0
    heard: float = 0.0
    marked: float = 0.0
    compared: bool = False


class Job(msgspec.Struct):
    """A slice on its way out.

    `unscored` are positions of posts that are history, `logged_ms` is the time of its oldest record, `origins` are the
    traces that its records bring along.
    """

    made: Slice
    dead: list[DeadLetter]
    unscored: set[int]
    logged_ms: int
    origins: list[str] = []


class PostsAgent:
    """Reads the partitions of `posts` that this worker holds."""

    def __init__(self, runtime: Runtime, watchlists: WatchlistsFollowed, opt_outs: OptOutsFollowed) -> None:
        self._runtime = runtime
        self._watchlists = watchlists
        self._opt_outs = opt_outs
        self._settings = runtime.settings
        self._slice_posts = runtime.settings.slice_posts
        if runtime.scoring is not None:
            # A slice that is being scored must be finished within the time a worker has to leave.
            self._slice_posts = min(self._slice_posts, runtime.settings.scored_slice_posts)
        self._readings: dict[int, Reading] = {}
        self._jobs: asyncio.Queue[Job] = asyncio.Queue(QUEUED_SLICES)
        self._unsent: deque[Job] = deque()
        self._cutting = asyncio.Lock()
        self._watch = ScoringWatch()
        self._budgets: dict[int, DeadBudget] = {}

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self._take)

    async def _take(self, message: Message) -> None:
        reading = self._reading(message.partition, message.generation_id)
        if message.offset < reading.builder.next_offset:
            if not reading.compared:
                await self._runtime.compare_with_log(TP(POSTS.name, message.partition), reading.builder.next_offset)
                reading.compared = True
            return
        if message.offset > reading.builder.next_offset and not await self._read_between(reading, message):
            return
        await self._add(reading, record_of(message))

    async def _read_between(self, reading: Reading, message: Message) -> bool:
        """Take what the log holds before `message`; False if the partition was lost meanwhile.

        Usually that is nothing: transaction markers, or records past their retention. But a slice says that all below
        its end is counted, so that is looked at, and not believed of whatever Faust delivers next.
        """
        tp = TP(POSTS.name, message.partition)
        async for found in reread(self._runtime.consumer, tp, reading.builder.next_offset, message.offset):
            if self._readings.get(message.partition) is not reading:
                return False
            await self._add(
                reading,
                Record(
                    topic=tp.topic,
                    partition=tp.partition,
                    offset=found.offset,
                    value=found.value,
                    timestamp_ms=found.timestamp,
                    headers=dict(found.headers),
                ),
            )
        metrics.OFFSETS_SKIPPED.inc(message.offset - reading.builder.next_offset)
        return self._readings.get(message.partition) is reading

    async def _add(self, reading: Reading, record: Record) -> None:
        await self._opt_outs.read()
        taken = self._runtime.intake.take(record)
        now = time.monotonic()
        if not reading.builder.pending:
            reading.began, reading.logged_ms = now, record.timestamp_ms
        reading.heard = now
        late = reading.builder.late
        reading.builder.add(record.offset, taken.posts, taken.arrived_ms, heartbeat=taken.heartbeat)
        metrics.POSTS_IN.inc(len(taken.posts) + len(taken.dead))
        if taken.left_out:
            metrics.POSTS_OPTED_OUT.inc(taken.left_out)
        if reading.builder.late > late:
            metrics.POSTS_LATE.inc(reading.builder.late - late)
        reading.dead += taken.dead
        enough = self._budget(record.partition).spend(len(taken.posts), taken.dead)
        if self._runtime.traces.on and len(reading.origins) < LINKS and (origin := origin_of(record.headers)):
            reading.origins.append(origin)
        if HISTORY in record.headers:
            reading.unscored.update(post.position for post in taken.posts)
        if len(reading.builder) >= self._slice_posts or len(reading.dead) >= SLICE_LETTERS:
            await self._cut(reading)
        if enough is not None:
            await self._stop_reading(f"partition {record.partition} of posts: {enough}")

    def _budget(self, partition: int) -> DeadBudget:
        if partition not in self._budgets:
            self._budgets[partition] = DeadBudget(self._settings.dead_share, self._settings.dead_run)
        return self._budgets[partition]

    async def _stop_reading(self, why: str) -> None:
        """Read no more, and stay: a worker that ended would be started again and would bury the rest bit by bit."""
        self._runtime.stopped_because = why
        metrics.DEAD_BUDGET_SPENT.set(1)
        log.critical("no more posts are read: %s. Mend the source, then restart the worker; docs/operator.md", why)
        await asyncio.Event().wait()

    def _reading(self, partition: int, generation: int) -> Reading:
        held = self._readings.get(partition)
        if held is None or held.generation != generation:
            # A new assignment begins at what the group has committed, whatever an earlier one had read beyond it.
            tp = TP(POSTS.name, partition)
            builder = SliceBuilder(partition, self._runtime.done(tp), self._runtime.pipeline().lateness_ms)
            held = Reading(generation, builder, heard=time.monotonic())
            self._readings[partition] = held
        return held

    async def _cut(self, reading: Reading, *, idle: bool = False) -> None:
        async with self._cutting:  # fair, so slices queue in the order in which they were cut
            if self._readings.get(reading.builder.partition) is not reading:
                return
            if not reading.builder.pending and not idle:
                return
            logged_ms = reading.logged_ms if reading.builder.pending else 0
            job = Job(reading.builder.cut(idle=idle), reading.dead, reading.unscored, logged_ms, reading.origins)
            reading.dead, reading.unscored, reading.origins = [], set(), []
            self._unsent.append(job)
            await self._jobs.put(job)

    async def tick(self) -> None:
        """Cut slices that have waited long enough, mark partitions that are read to their end and silent."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self._show_age()
                await self._look_around()
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    def _show_age(self) -> None:
        waiting = [job.logged_ms for job in self._unsent if job.logged_ms]
        waiting += [reading.logged_ms for reading in self._readings.values() if reading.builder.pending]
        age = time.time() - min(waiting) / 1000 if waiting else 0.0
        metrics.OLDEST_POST_AGE_SECONDS.set(max(age, 0.0))

    async def _look_around(self) -> None:
        if not self._runtime.joined:
            return
        generation = self._runtime.app.consumer_generation_id
        now = time.monotonic()
        assigned = {tp.partition for tp in self._runtime.held() if tp.topic == POSTS.name}
        for partition in [lost for lost in self._readings if lost not in assigned]:
            del self._readings[partition]
        due = due_s(self._settings.slice_s, len(assigned))
        for partition in assigned:
            reading = self._reading(partition, generation)
            if reading.builder.pending:
                if now - reading.began >= due:
                    await self._cut(reading)
                continue
            if now - max(reading.heard, reading.marked) >= self._settings.idle_s:
                reading.marked = now
                await self._mark_idle(reading)

    async def _mark_idle(self, reading: Reading) -> None:
        """Say that a partition is silent, unless there is more of it than was read."""
        tp = TP(POSTS.name, reading.builder.partition)
        # The consumer knows the end as of its last fetch: by that, a starved partition would pass for a silent one.
        end = (await self._runtime.app.consumer.highwaters(tp)).get(tp)
        if end is not None and reading.builder.next_offset >= end and not reading.builder.pending:
            await self._cut(reading, idle=True)

    async def send(self) -> None:
        """Send the queued slices, in order, for as long as the worker lives."""
        while True:
            job = await self._jobs.get()
            made = job.made
            place = {"partition": made.partition, "start": made.start, "end": made.end, "posts": len(made.posts)}
            try:
                with self._runtime.traces.of_slice(job.origins, **place) as carried:
                    await self._send(job, carried)
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)
            finally:
                self._unsent.popleft()
                self._jobs.task_done()

    async def drain(self, timeout_s: float) -> None:
        """Send what was read so far, for at most `timeout_s`; what remains is read again by the next owner."""
        try:
            async with asyncio.timeout(timeout_s):
                for reading in list(self._readings.values()):
                    await self._cut(reading)
                await self._jobs.join()
        except TimeoutError:
            log.warning("left with slices unsent; they are read again")

    async def _send(self, job: Job, carried: Headers) -> None:
        made, runtime = job.made, self._runtime
        producer = await runtime.producer()
        scores = await self._score(job)
        partitions = await runtime.partitions_of(POSTS.name)
        scored_partitions = await runtime.partitions_of(SCORED.name)
        parts = parts_of(
            made,
            [sentiment_of(score) for score in scores],
            shards=self._settings.shards,
            partitions=partitions,
        )
        sent = [
            await producer.send(
                TERMS.name,
                encode_part(part),
                str(part.shard).encode(),
                partition=part.shard % self._settings.terms_partitions,
                headers=carried,
            )
            for part in parts
        ]
        sent += [
            await producer.send(SCORED.name, value, headers=told, partition=made.partition % scored_partitions)
            async for value, told in self._scored_values(made, scores, carried)
        ]
        book = await self._watchlists.book()
        if len(book):
            moods = [sentiment_of(score) for score in scores]
            sent += [
                await producer.send(MENTIONS.name, msgspec.msgpack.encode(piece), partition=made.partition)
                for piece in mentions_of(made, moods, book, partitions)
            ]
        sent += [await bury(runtime, letter) for letter in job.dead]
        await asyncio.gather(*sent)
        metrics.POSTS_OUT.inc(len(made.posts))
        metrics.SLICE_POSTS.observe(len(made.posts))
        if made.posts:
            waited = time.time() - made.posts[0].arrived_ms / 1000
            metrics.ARRIVAL_TO_COUNTED_SECONDS.observe(max(waited, 0.0))
        if made.end > made.start:
            await runtime.commit(TP(POSTS.name, made.partition), made.next_offset)

    async def _score(self, job: Job) -> list[Score | None]:
        scoring, posts = self._runtime.scoring, job.made.posts
        if scoring is None:
            return [None] * len(posts)
        wanted = [i for i, post in enumerate(posts) if post.position not in job.unscored]
        scores: list[Score | None] = [None] * len(posts)
        began = time.perf_counter()
        with self._runtime.traces.step("score", posts=len(wanted)):
            told = await scoring.score([posts[i].text for i in wanted])
        for i, score in zip(wanted, told, strict=True):
            scores[i] = score
            self._watch.take(posts[i], score)
            if score.failed:
                job.dead.append(await letter_of(self._runtime, posts[i]))
        if wanted:
            metrics.INFERENCE_SECONDS.observe(time.perf_counter() - began)
            metrics.BATCH_POSTS.observe(len(wanted))
            self._watch.show(scoring.counted)
        return scores

    async def _scored_values(
        self, made: Slice, scores: list[Score | None], carried: Headers
    ) -> AsyncIterator[tuple[bytes, Headers]]:
        model = self._runtime.scoring.model if self._runtime.scoring else None
        size = self._settings.posts_per_message
        written = 0
        for begin in range(0, len(made.posts), size):
            posts = made.posts[begin : begin + size]
            headers = envelope_of_scored(made.partition, posts[0].position, posts[-1].position)
            yield scored_list(posts, scores[begin : begin + size], model), headers + carried
            written += len(posts)
            if written >= SCORED_IN_A_TURN:
                written = 0
                await asyncio.sleep(0)


def scored_list(posts: Sequence[ReadPost], scores: Sequence[Score | None], model: Model | None) -> bytes:
    """Return a message of `posts.scored`: a list of read posts with their scores, one a post."""
    return msgspec.json.encode([scored_post(post, score, model) for post, score in zip(posts, scores, strict=True)])


def scored_post(post: ReadPost, score: Score | None, model: Model | None) -> ScoredPost:
    """Return a read post and its score as they are published."""
    told = {} if score is None else {"model": model, **score.published()}
    return ScoredPost(
        id=post.id,
        platform=post.platform,
        author=f"{post.author:016x}",
        created_at=format_time(post.created_ms),
        lang=post.lang,
        terms=post.terms,
        partition=post.partition,
        offset=post.offset,
        index=post.index,
        repost_of=post.repost_of,
        restricted=post.restricted,
        media_terms=post.media_terms,
        **told,
    )
