"""What a worker shows of itself: health, metrics, consumer lag and the live page."""

import asyncio
import logging
import shutil
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from aiohttp.web import AppRunner
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from agents.adapters import metrics
from agents.adapters.admin import READ
from agents.adapters.following import BrokerLost, asked, leave
from agents.author_keys import fingerprint_of
from agents.rereading import LogUnreadable, reread
from agents.runtime import Runtime, die_if_failed
from agents.standing import STILL_S, Standing, StoodStill
from agents.takenback import follow_deletions
from agents.web.board import Board
from agents.web.evidence import EvidenceReader
from agents.web.feed import follow, follow_profiles, followed
from agents.web.guarding import Rate, guard
from agents.web.judging import TopicFeedback
from agents.web.people import People
from agents.web.readiness import Readiness
from agents.web.server import make_web, start_web
from agents.web.suggesting import TopicSuggestions
from streams.contracts.topics import BURSTS, POSTS

log = logging.getLogger(__name__)

LOOK_S: Final = 2.0
SOON_S: Final = 0.1
"""Between looks at the worker itself while it is not ready: whoever waits for it should not wait for a look."""
ANSWER_S: Final = 5.0
"""A broker that takes longer is not there: the client's own patience is 40 s."""


class Watching:
    """Serves a worker's web side for as long as it lives.

    Args:
        runtime: of the worker.
        recovering: whether some state is still being read back.
        listening: the socket to serve on.
    """

    def __init__(self, runtime: Runtime, recovering: Callable[[], bool], listening: socket.socket) -> None:
        self._runtime = runtime
        self._recovering = recovering
        self._listening = listening
        self._board = Board()
        self._people = People(self._hides)
        self._suggestions = TopicSuggestions(runtime.producer)
        self._readiness = Readiness()
        self._runner: AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._asking: AIOKafkaConsumer | None = None
        self._standing = Standing()
        self._ends: dict[TP, int] = {}

    async def start(self) -> None:
        """Begin to serve; returns at once."""
        self._look_at_model()
        evidence = EvidenceReader(
            self._runtime.consumer,
            self._runtime.intake,
            self._runtime.taken_back,
            lambda author: author in self._people,
        )
        settings = self._runtime.settings
        token = settings.web_token.get_secret_value() if settings.web_token is not None else None
        feedback = TopicFeedback(self._runtime.producer)
        explain = None if self._runtime.scoring is None else self._runtime.scoring.explain
        served = make_web(
            self._board,
            self._readiness,
            evidence,
            feedback,
            explain,
            people=self._people,
            suggestions=self._suggestions,
        )
        served.middlewares.append(guard(token, Rate(settings.web_rate)))
        self._runner = await start_web(served, self._listening)
        host, port = self._listening.getsockname()[:2]
        log.info("health, metrics and the live page are at http://%s:%d/", host, port)
        self._tasks = [
            asyncio.create_task(follow(self._runtime.consumer, followed(self._board, self._suggestions.take))),
            asyncio.create_task(follow_profiles(self._runtime.consumer, self._runtime.partitions_of, self._people)),
            asyncio.create_task(self._look_often()),
            asyncio.create_task(follow_deletions(self._runtime.consumer, self._runtime.taken_back)),
        ]
        for task in self._tasks:
            task.add_done_callback(die_if_failed)

    def _hides(self, platform: str, author: int) -> bool:
        """Return whether an author is not to be known any more."""
        opted_out = self._runtime.intake.opted_out.wants_none(author, time.time_ns() // 1_000_000)
        return opted_out or self._runtime.taken_back.hides(platform, "", author)

    async def stop(self) -> None:
        """Close every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._asking is not None:
            await leave(self._asking)
        if self._runner is not None:
            await self._runner.cleanup()

    def _look_at_model(self) -> None:
        settings, scoring = self._runtime.settings, self._runtime.scoring
        metrics.BUILD.labels(version=_version()).set(1)
        metrics.AUTHOR_KEYS.labels(keys=f"{fingerprint_of(settings.author_keys()):08x}").set(1)
        metrics.FALSE_ALERTS_A_DAY.set(settings.budget)
        in_use = ("off", "off") if scoring is None else (scoring.model.name, scoring.provider)
        metrics.ENCODER_PROVIDER.labels(model=in_use[0], asked=settings.provider, provider=in_use[1]).set(1)
        if scoring is None:
            self._readiness.set("model", True, "off")
            self._readiness.set("provider", True, "none is needed")
        else:
            self._readiness.set("model", True, f"{scoring.model.name} {scoring.model.sha256[:12]}")
            self._readiness.set("provider", True, scoring.provider)

    async def _look_often(self) -> None:
        while True:
            self._look_at_disk()
            await self._look_at_broker()
            until = time.monotonic() + LOOK_S
            while (left := until - time.monotonic()) > 0:
                self._look_at_state()
                for check, found in self._readiness.found.items():
                    metrics.READY.labels(check=check).set(found.ok)
                await asyncio.sleep(left if self._readiness.ready else min(left, SOON_S))

    async def _look_at_broker(self) -> None:
        if self._asking is None:
            self._asking = self._runtime.consumer()
            looking = self._begin_to_ask(self._asking)
        else:
            looking = self._measure_lag(self._asking)
        address = self._runtime.settings.bootstrap
        try:
            await asked(looking, ANSWER_S)
        except BrokerLost as lost:
            self._readiness.set("broker", False, f"{address}: {lost}"[:200])
            self._standing.forget()
            consumer, self._asking = self._asking, None
            await leave(consumer)
        else:
            self._readiness.set("broker", True, address)
            await self._look_at_standing()

    async def _begin_to_ask(self, consumer: AIOKafkaConsumer) -> None:
        await asked(consumer.start())
        await self._measure_lag(consumer)

    def _look_at_state(self) -> None:
        joined = self._runtime.joined
        held = Counter(tp.topic for tp in self._runtime.held())
        number = held.total()
        self._readiness.set("assignment", joined, f"{number} partitions" if joined else "the group is rebalancing")
        metrics.GROUP_GENERATION.set(max(self._runtime.app.consumer_generation_id, 0))
        for topic in READ:
            metrics.ASSIGNED_PARTITIONS.labels(topic=topic).set(held[topic])
        if joined and not held[BURSTS.name]:  # another worker decides now
            metrics.HOTSPOTS_LIVE.set(0)
            metrics.FALSE_ALERTS_LEFT.set(0)
        recovering = self._recovering()
        stopped = self._runtime.stopped_because
        self._readiness.set("input", stopped is None, stopped or "sound")
        self._readiness.set("recovery", not recovering, "state is being read back" if recovering else "done")

    def _look_at_disk(self) -> None:
        try:
            disk = shutil.disk_usage(self._runtime.settings.data_dir)
        except OSError:  # a folder that nobody made yet holds nothing that could fill up
            return
        metrics.DATA_DIR_BYTES.set(disk.total)
        metrics.DATA_DIR_FREE_BYTES.set(disk.free)

    async def _measure_lag(self, consumer: AIOKafkaConsumer) -> None:
        """Measure, for the partitions held, what the topic has and the group has not committed."""
        held = sorted(self._runtime.held())
        places = [TopicPartition(tp.topic, tp.partition) for tp in held]
        ends = await consumer.end_offsets(places or [TopicPartition(POSTS.name, 0)])
        if not self._runtime.joined:  # what was known stays known: a gap would start an alert's patience anew
            return
        self._ends = {tp: ends[place] for tp, place in zip(held, places, strict=True)}
        metrics.LAG.clear()
        for tp, end in self._ends.items():
            lag = end - self._runtime.done(tp)
            metrics.LAG.labels(topic=tp.topic, partition=str(tp.partition)).set(max(lag, 0))

    async def _look_at_standing(self) -> None:
        """End the worker if it stands still although the broker answers: whoever runs it starts it again."""
        runtime = self._runtime
        if self._recovering() or runtime.stopped_because is not None:
            self._standing.forget()
            return
        if not runtime.joined:
            if (rejoined := self._standing.rejoins_for()) >= STILL_S:
                raise StoodStill(f"the group has been giving its partitions anew for {rejoined:.0f} s")
            return
        done = {tp: runtime.done(tp) for tp in self._ends}
        for tp in self._standing.look(done, self._ends):
            self._standing.begin_anew(tp)  # where nothing is left but the marks of transactions, too
            await self._end_if_unread(tp, done[tp], self._ends[tp])

    async def _end_if_unread(self, tp: TP, begin: int, end: int) -> None:
        with suppress(BrokerLost, LogUnreadable):
            async for _ in reread(self._runtime.consumer, tp, begin, end):
                raise StoodStill(f"{tp.topic}/{tp.partition} stands at offset {begin} though its log goes on to {end}")


def _version() -> str:
    try:
        return version("redian")
    except PackageNotFoundError:  # a checkout
        return "checkout"
