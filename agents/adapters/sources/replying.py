"""The desk behind a door: puts questions on `questions`, follows `answers`, and tells each reply once at most.

What was told is noted on `sources.cursors`, under the source's name and "replies", before it goes out. An answer that
is there while the caller still waits goes with the answer to the call; any other goes by the platform's own way.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, Protocol

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from agents.adapters import metrics
from agents.adapters.connection import asynchronous
from agents.adapters.following import connected, keep_up
from agents.adapters.reading import between
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.source import Refused
from agents.settings import Settings
from streams.contracts.answers import Answer, Question
from streams.contracts.decoding import json_decoder
from streams.contracts.sources import SourceCursor
from streams.contracts.times import format_time
from streams.contracts.topics import ANSWERS, CURSORS, QUESTIONS
from streams.ingesting.replies import OPEN, Told

log = logging.getLogger(__name__)

WAITING: Final = 256
"""Callers that wait for an answer at a time; further ones are told later."""

_ASKED: Final = 1000
"""Messages that are remembered, so that one that a platform sends again is not asked again."""

WAYS: Final = ("call", "message", "lost")
"""What becomes of a reply: `metrics.LABELS` tells them."""

_ANSWER: Final = json_decoder(Answer)
_CURSOR: Final = json_decoder(SourceCursor)
_TOLD: Final = json_decoder(Told)
_ANSWERS: Final = TopicPartition(ANSWERS.name, 0)


class NotNow(Exception):
    """Nobody was told; after `wait_s` it may go."""

    def __init__(self, why: str, wait_s: float) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class NotTold(Exception):
    """Nobody was told, or nobody knows; it is not tried again."""


class Teller(Protocol):
    """A platform's way to tell somebody something, other than in the answer to a call."""

    async def tell(self, person: str, answer: Answer) -> None:
        """Tell a person an answer.

        Raises:
            NotNow: nobody was told; later it may go.
            NotTold: it is not tried again.
            Refused: a person has to mend something.
        """


class Desk:
    """Questions and replies of one source.

    Args:
        source: its name: ids of questions and conversations begin with it.
        teller: for what comes too late for the call.
        settings: where the brokers are.
        clock: for waiting.
    """

    def __init__(self, source: str, teller: Teller, settings: Settings, *, clock: Clock) -> None:
        self._source = source
        self._teller = teller
        self._settings = settings
        self._clock = clock
        self._producer: AIOKafkaProducer | None = None
        self._told = Told(0)
        self._read_to = 0
        self._noting = asyncio.Lock()
        self._asked: OrderedDict[str, None] = OrderedDict()
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._open: deque[tuple[int, Answer]] = deque()
        self._something = asyncio.Event()
        for way in WAYS:
            metrics.SOURCE_REPLIES.labels(source=source, way=way)  # at 0, so that a rate sees the first one

    @asynccontextmanager
    async def opened(self, fail: Callable[[BaseException], Awaitable[None]]) -> AsyncIterator[None]:
        """Follow and tell for the body of the `async with`; what ends that before its time is given to `fail`."""
        producer = AIOKafkaProducer(**asynchronous(self._settings), enable_idempotence=True, acks="all")
        async with connected(producer):
            self._producer = producer
            await self._resume()
            tasks = [asyncio.create_task(_kept(work(), fail)) for work in (self._follow_on, self._tell_on)]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(self, message_id: str, person: str, text: str, until: float) -> Answer | None:
        """Put a question; return its answer if it is there in time, as told: the caller tells it now.

        Args:
            message_id: of the platform; one that comes again is not asked again.
            person: who asks, as the platform knows them.
            text: the question.
            until: time of the event loop up to which the answer is waited for.

        Raises:
            KafkaError: the question was not acknowledged.
        """
        question_id = f"{self._source}:{message_id}"
        if question_id in self._told.told or question_id in self._asked:
            return None
        self._asked[question_id] = None
        if len(self._asked) > _ASKED:
            self._asked.popitem(last=False)
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if len(self._waiting) < WAITING:
            self._waiting[question_id] = waiting
        try:
            await self._put(Question(id=question_id, text=text, conversation=f"{self._source}:{person}"))
            await asyncio.wait({waiting}, timeout=max(until - asyncio.get_running_loop().time(), 0.0))
        finally:
            self._waiting.pop(question_id, None)
        if not waiting.done():
            return None
        metrics.SOURCE_REPLIES.labels(source=self._source, way="call").inc()
        return waiting.result()

    async def _put(self, question: Question) -> None:
        assert self._producer is not None
        try:
            await self._producer.send_and_wait(
                QUESTIONS.name, msgspec.json.encode(question), question.id.encode(), partition=0
            )
        except KafkaError:
            self._asked.pop(question.id, None)  # the platform calls again
            raise

    def _consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(**asynchronous(self._settings), enable_auto_commit=False, auto_offset_reset="earliest")

    async def _resume(self) -> None:
        """Read back what was told; the first time, begin with the answers that come from now on."""
        key = self._key()
        found = None
        self._open.clear()
        async with connected(self._consumer()) as consumer:
            async for record in between(consumer, {TopicPartition(CURSORS.name, 0): 0}):
                if record.key == key and record.value is not None:
                    found = _CURSOR.decode(record.value).cursor
            if found is None:
                self._told = Told((await consumer.end_offsets([_ANSWERS]))[_ANSWERS])
            else:
                self._told = _TOLD.decode(found.encode())
        self._read_to = self._told.next
        await self._note()

    def _key(self) -> bytes:
        return f"{self._source}:replies".encode()

    async def _note(self) -> None:
        """Write what was told; return when it is acknowledged."""
        assert self._producer is not None
        async with self._noting:
            self._told.move(self._open[0][0] if self._open else self._read_to)
            cursor = SourceCursor(
                source=self._key().decode(),
                cursor=msgspec.json.encode(self._told).decode(),
                saved_at=format_time(self._clock.now_ms()),
            )
            await self._producer.send_and_wait(CURSORS.name, msgspec.json.encode(cursor), self._key())

    async def _follow_on(self) -> None:
        await keep_up("answers", self._consumer, self._follow)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        consumer.assign([_ANSWERS])
        beginning = (await consumer.beginning_offsets([_ANSWERS]))[_ANSWERS]
        consumer.seek(_ANSWERS, max(self._read_to, beginning))
        mine = f"{self._source}:".encode()
        while True:
            for record in (await consumer.getmany(_ANSWERS, timeout_ms=500)).get(_ANSWERS, []):
                if record.value is not None and (record.key or b"").startswith(mine):
                    await self._take(record.offset, record.value)
                self._read_to = record.offset + 1

    async def _take(self, offset: int, value: bytes) -> None:
        try:
            answer = _ANSWER.decode(value)
        except msgspec.MsgspecError as error:
            log.warning("%s at %d is no answer: %s", ANSWERS.name, offset, error)
            return
        waiting = self._waiting.get(answer.question_id)
        if waiting is not None and not waiting.done():
            if self._told.begin(answer.question_id, offset):
                await self._note()
                if waiting.done() or answer.question_id not in self._waiting:
                    self._told.take_back(answer.question_id)  # the call ended meanwhile
                else:
                    waiting.set_result(answer)
                    return
            else:
                return
        if len(self._open) >= OPEN:
            del self._open[1]
            self._lost("more answers wait than may")
        self._open.append((offset, answer))
        self._something.set()

    async def _tell_on(self) -> None:
        while True:
            while not self._open:
                self._something.clear()
                await self._something.wait()
            wait_s = await self._tell(*self._open[0])
            if wait_s is None:
                self._open.popleft()
            else:
                await self._clock.sleep(wait_s)

    async def _tell(self, offset: int, answer: Answer) -> float | None:
        """Tell an answer unless that was done; return None when it is done with, else how long to wait."""
        person = (answer.conversation or "").removeprefix(f"{self._source}:")
        if not person or not self._told.begin(answer.question_id, offset):
            return None
        await self._note()
        try:
            await self._teller.tell(person, answer)
        except NotNow as error:
            self._told.take_back(answer.question_id)
            await self._note()
            log.warning("%s: nobody is told just now: %s; again in %.0f s", self._source, error, error.wait_s)
            return error.wait_s
        except NotTold as error:
            self._lost(str(error))
        except Refused:
            self._told.take_back(answer.question_id)
            await self._note()
            raise
        else:
            metrics.SOURCE_REPLIES.labels(source=self._source, way="message").inc()
        return None

    def _lost(self, why: str) -> None:
        metrics.SOURCE_REPLIES.labels(source=self._source, way="lost").inc()
        log.error("%s: a reply is lost: %s", self._source, why)


async def _kept(work: Awaitable[None], fail: Callable[[BaseException], Awaitable[None]]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - crash-only: whoever serves the source hears of it
        await fail(error)
