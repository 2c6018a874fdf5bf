"""Agent of topic `questions`: answers from what is live and from the operator's documents, or hands over.

Keeps nothing of its own: what may be quoted is read again from the topics and the folder by the worker that holds the
one partition of `questions`; what a judge cost of late stands on `answers`. A question is committed once its answer is
acknowledged.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import faust
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP, Message

from agents.adapters import metrics
from agents.adapters.document_folder import Read, read_documents
from agents.adapters.following import keep_up
from agents.errors import RedianError
from agents.paying import PaidModel, judge_of
from agents.readback import evidence_at
from agents.rereading import reread
from agents.runtime import Runtime, die, take_each
from streams.briefs import EvidencePost
from streams.contracts.answers import Answer, Question
from streams.contracts.decoding import Decoder, json_decoder
from streams.contracts.envelopes import envelope_of
from streams.contracts.outputs import Alert, Brief, Hotspot
from streams.contracts.topics import ALERTS, ANSWERS, BRIEFS, HOTSPOTS, QUESTIONS
from streams.scoring import Scorer
from streams.support.answering import Answerer, Shortlist, by_judge, by_signs, refused
from streams.support.judging import question_to
from streams.support.library import Library
from streams.support.live import LiveHotspots, passages_of_brief, passages_of_posts
from streams.support.meaning import meaning_with
from streams.support.passages import Passage

log = logging.getLogger(__name__)

T = TypeVar("T")

LOOK_S: Final = 60.0
"""Seconds between two looks at the folder of documents."""
READY_S: Final = 120.0
"""How long the first question waits until everything was read once."""
MAX_ID_CHARS: Final = 256
EVIDENCE_POSTS: Final = 16
_AT_ONCE: Final = 32
"""Texts embedded at a time, so that posts do not wait long behind a large document."""

_COUNTED: Final = 100_000
"""Answers at most that are read again for what they cost."""


class _Paid(msgspec.Struct):
    cost: float = 0.0


_QUESTIONS = json_decoder(Question)
_PAID = json_decoder(_Paid)
_LIVE: Final[dict[str, Decoder[Any]]] = {
    HOTSPOTS.name: json_decoder(Hotspot),
    BRIEFS.name: json_decoder(Brief),
    ALERTS.name: json_decoder(Alert),
}


class _Desk(msgspec.Struct):
    library: Library
    answerer: Answerer


class SupportAgent:
    """Answers, on the worker that holds the one partition of `questions`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._live = LiveHotspots()
        self._desk: _Desk | None = None
        self._opening = asyncio.Lock()
        self._documents: dict[str, tuple[int, int]] = {}
        self._unreadable: set[str] = set()
        self._shown: dict[str, list[EvidencePost]] = {}
        self._taken_back = 0
        judge = judge_of(runtime.settings)
        self._judge = None if judge is None else PaidModel(judge, runtime.settings, "answers")
        self._judge_fails = ""
        self._next = -1
        self._documents_read = asyncio.Event()
        self._live_read = asyncio.Event()

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self._take)

    async def _take(self, message: Message) -> None:
        began = time.monotonic()
        if self._judge is not None and message.offset != self._next:
            await self._remember(self._judge)
        answer = await self._answer(message)
        producer = await self._runtime.producer()
        value, key = msgspec.json.encode(answer), answer.question_id.encode("utf-8", "replace")
        await producer.send_and_wait(ANSWERS.name, value, key, partition=0, headers=envelope_of(answer))
        metrics.ANSWERS.labels(status=answer.status).inc()
        metrics.ANSWER_SECONDS.observe(time.monotonic() - began)
        self._next = message.offset + 1
        await self._runtime.commit(TP(QUESTIONS.name, message.partition), self._next)

    async def _answer(self, message: Message) -> Answer:
        try:
            question = _QUESTIONS.decode(message.value or b"")
        except msgspec.MsgspecError as error:
            log.warning("%s/%d at %d is no question: %s", message.topic, message.partition, message.offset, error)
            question = None
        if question is None or not 0 < len(question.id) <= MAX_ID_CHARS:
            return refused(f"{message.topic}/{message.partition}/{message.offset}", "unreadable", "en")
        try:
            async with asyncio.timeout(READY_S):
                await self._documents_read.wait()
                await self._live_read.wait()
        except TimeoutError:
            log.warning("a question is answered although not everything that may be quoted has been read")
        desk = await self._open_desk()
        considered = await self._compute(lambda _: desk.answerer.consider(question))
        return await self._decided(considered) if isinstance(considered, Shortlist) else considered

    async def _decided(self, shortlist: Shortlist) -> Answer:
        """Return the answer that the judge chooses; by signs where there is no judge or it says nothing."""
        if self._judge is None:
            return by_signs(shortlist)
        told = await self._judge.ask(question_to(shortlist.text, shortlist.passages))
        if told.detail != self._judge_fails:  # a line for a change, not for each question
            self._judge_fails = told.detail
            log.warning("answers are chosen by %s", f"signs alone: {told.detail}" if told.why else self._judge.name)
        answer = by_signs(shortlist) if told.why else by_judge(shortlist, told.text, self._judge.name)
        metrics.JUDGED_ANSWERS.labels(outcome=told.why or answer.status).inc()
        return msgspec.structs.replace(answer, cost=told.cost)

    async def _remember(self, judge: PaidModel) -> None:
        """Read what judging cost of late, as another worker may have answered in between."""
        judge.forget()
        async for record in reread(self._runtime.consumer, TP(ANSWERS.name, 0), -_COUNTED, None):
            try:
                judge.remember(record.timestamp, _PAID.decode(record.value or b"").cost)
            except msgspec.MsgspecError:
                continue

    async def _compute(self, work: Callable[[Scorer | None], T]) -> T:
        """Do what touches the library where it belongs: in the encoder's thread, or here without an encoder."""
        scoring = self._runtime.scoring
        return work(None) if scoring is None else await scoring.run(work)

    async def _open_desk(self) -> _Desk:
        async with self._opening:
            if self._desk is None:
                self._desk = await self._compute(self._open)
            return self._desk

    def _open(self, scorer: Scorer | None) -> _Desk:
        meaning = meaning_with(scorer)
        library = Library(meaning)
        return _Desk(library, Answerer(library, self._live, meaning))

    async def _put(self, source: str, passages: list[Passage]) -> None:
        library = (await self._open_desk()).library
        if self._runtime.scoring is not None:
            texts = [f"{passage.title}. {passage.text}" for passage in passages]
            for begin in range(0, len(texts), _AT_ONCE):  # the scorer remembers them
                await self._runtime.scoring.score(texts[begin : begin + _AT_ONCE])
        await self._compute(lambda _: library.put(source, passages))
        metrics.QUOTABLE_PASSAGES.set(len(library))

    def _holds(self) -> bool:
        return TP(QUESTIONS.name, 0) in self._runtime.held()

    async def read_folder(self) -> None:
        """Read the operator's documents, and again what changed, for as long as the worker lives."""
        folder = self._runtime.settings.documents
        while True:
            if self._holds():
                try:
                    if folder is not None:
                        await self._read_folder(folder)
                except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                    die(error)
                self._documents_read.set()
            await asyncio.sleep(LOOK_S if self._documents_read.is_set() else 0.5)

    async def _read_folder(self, folder: Path) -> None:
        try:
            changed: list[Read] = await asyncio.to_thread(lambda: list(read_documents(folder, self._documents)))
        except RedianError as error:
            log.error("%s", error)
            return
        for read in changed:
            self._unreadable.discard(read.source)
            if read.why:
                self._unreadable.add(read.source)
                log.warning("document %s is not used: %s", read.source, read.why)
            await self._put(read.source, read.passages)
            if read.stamp == (0, 0):
                self._documents.pop(read.source, None)
            else:
                self._documents[read.source] = read.stamp
        metrics.UNREADABLE_DOCUMENTS.set(len(self._unreadable))

    async def follow(self) -> None:
        """Follow hotspots, briefs and the evidence of alerts, for as long as the worker lives."""
        while True:
            if not self._holds():
                await asyncio.sleep(0.5)
                continue
            try:
                await keep_up("what may be quoted of hotspots", self._runtime.consumer, self._follow)
            except Exception as error:  # noqa: BLE001 - crash-only: anything unforeseen ends the worker
                die(error)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        partitions = [TopicPartition(name, 0) for name in _LIVE]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        newest: dict[str, dict[bytes, bytes]] = {name: {} for name in _LIVE}
        while self._holds():
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    if record.value is not None:
                        newest[partition.topic][record.key or b""] = record.value
            if not self._live_read.is_set():
                places = [await consumer.position(partition) for partition in partitions]
                if any(place < ends[partition] for place, partition in zip(places, partitions, strict=True)):
                    continue  # of thirty days of briefs only the newest of what is live matter
            await self._take_live(newest)
            await self._forget_what_was_taken_back()
            newest = {name: {} for name in _LIVE}
            self._live_read.set()

    async def _take_live(self, newest: dict[str, dict[bytes, bytes]]) -> None:
        changed: dict[str, list[Passage]] = {}
        for name, decoder in _LIVE.items():
            for value in newest[name].values():
                try:
                    told = decoder.decode(value)
                except msgspec.MsgspecError as error:
                    log.warning("a message of %s is not quoted: %s", name, error)
                    continue
                if isinstance(told, Hotspot):
                    changed.update(self._live.hotspot(told))
                elif isinstance(told, Brief):
                    changed.update(self._live.told(told.hotspot_id, "brief", passages_of_brief(told)))
                elif self._live.knows(told.hotspot_id):
                    changed.update(self._live.told(told.hotspot_id, "post", await self._evidence(told)))
        for source, passages in changed.items():
            await self._put(source, passages)

    async def _evidence(self, alert: Alert) -> list[Passage]:
        self._shown[alert.hotspot_id] = await evidence_at(self._runtime, alert.sources[:EVIDENCE_POSTS])
        return self._passages(alert.hotspot_id)

    def _passages(self, hotspot_id: str) -> list[Passage]:
        return passages_of_posts(hotspot_id, [(post.id, post.lang, post.text) for post in self._shown[hotspot_id]])

    async def _forget_what_was_taken_back(self) -> None:
        """Quote a post no more once its platform took it back; a brief that quotes it comes again by itself."""
        taken_back = self._runtime.taken_back
        if taken_back.changes == self._taken_back:
            return
        self._taken_back = taken_back.changes
        self._shown = {name: posts for name, posts in self._shown.items() if self._live.knows(name)}
        for hotspot_id, posts in self._shown.items():
            left = [post for post in posts if not taken_back.hides(post.platform, post.id, post.author)]
            if len(left) == len(posts):
                continue
            self._shown[hotspot_id] = left
            for source, passages in self._live.told(hotspot_id, "post", self._passages(hotspot_id)).items():
                await self._put(source, passages)
