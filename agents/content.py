"""Agent of topic `content.requests`: makes news items, articles, advertisements, posts, replies and reports.

What it remembers stands on the topics: the newest briefs on `briefs`; on `content` which requests were answered and
what they cost, read again whenever another worker may have written in between. A request is committed once its answer
is acknowledged, and before that its dead letter where it cannot be used.
"""

import time
from typing import Final

import faust
import msgspec
from faust.types import TP, Message

from agents.adapters import metrics
from agents.burying import bury_value
from agents.paying import PaidModel, model_of
from agents.rereading import reread
from agents.runtime import Runtime, take_each
from streams.briefs.reading import read_brief
from streams.content.composing import accepted, composed, prompt_of
from streams.content.requests import made, material_for, most_of, read_request, refused
from streams.content.shelf import Shelf
from streams.contracts.content import Content, ContentRequest
from streams.contracts.decoding import json_decoder
from streams.contracts.envelopes import envelope_of
from streams.contracts.outputs import Brief
from streams.contracts.requests import Unusable
from streams.contracts.topics import BRIEFS, CONTENT, CONTENT_REQUESTS
from streams.ingesting.recent import GENERATION, RecentIds, key_of

EXTRACTIVE: Final = "extractive"


class _Answered(msgspec.Struct):
    request_id: str
    cost: float = 0.0


_ANSWERED = json_decoder(_Answered)


class ContentAgent:
    """Makes content, on the worker that holds the one partition of `content.requests`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._shelf = Shelf()
        self._briefs_next = 0
        self._next = -1
        self._answered = RecentIds({})
        model = model_of(runtime.settings)
        self._model = None if model is None else PaidModel(model, runtime.settings, "content")

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self.take)

    async def take(self, message: Message) -> None:
        """Answer one request and commit it."""
        tp = TP(CONTENT_REQUESTS.name, message.partition)
        if message.offset != self._next:
            await self._remember()
        value = message.value or b""
        try:
            request = read_request(value)
            repeated = self._known(request.id)
            answer = None if repeated else await self._make(request, tp, message.offset)
        except Unusable as why:
            repeated = why.request_id is not None and self._known(why.request_id)
            answer = None if repeated else refused(why)
            if not repeated:
                await bury_value(self._runtime, tp, message.offset, value, why, reason=why.reason)
        if answer is not None:
            await self._publish(answer)
        metrics.CONTENT.labels(status="repeated" if repeated else answer.status if answer else "refused").inc()
        self._next = message.offset + 1
        await self._runtime.commit(tp, self._next)

    async def _make(self, request: ContentRequest, tp: TP, offset: int) -> Content:
        began = time.monotonic()
        await self._read_briefs()
        brief, hotspots = material_for(request, self._shelf)
        content = made(request, composed(brief, request.kind, most=most_of(request)), hotspots)
        if request.generator != EXTRACTIVE and (self._model is not None or request.generator != "auto"):
            content = await self._told(request, brief, content, await self._waiting(tp, offset))
        metrics.CONTENT_SECONDS.observe(time.monotonic() - began)
        return content

    async def _told(self, request: ContentRequest, brief: Brief, content: Content, waiting: int) -> Content:
        """Return the content as a language model tells it, or as it is, with the reason."""
        asked = "" if request.generator == "auto" else request.generator
        if self._model is None or not self._model.name.startswith(asked):
            setting = "REDIAN_GENERATOR_FOLDER" if asked == "onnx" else "REDIAN_GENERATOR_URL"
            return _fallen_back(content, "no_generator", f"no such language model is set up: {setting}")
        if waiting > self._runtime.settings.content_queue:
            return _fallen_back(content, "queue", f"{waiting} requests wait")
        most = most_of(request)
        answer = await self._model.ask(prompt_of(brief, request.kind, request.tone, most))
        if answer.why:
            return msgspec.structs.replace(_fallen_back(content, answer.why, answer.detail), cost=answer.cost)
        piece = accepted(brief, request.kind, answer.text, self._model.name, most=most)
        told = made(request, piece, content.hotspots)
        if piece.fallback:
            told = _fallen_back(told, "unsupported", piece.fallback)
        return msgspec.structs.replace(told, tokens_in=answer.tokens_in, tokens_out=answer.tokens_out, cost=answer.cost)

    async def _publish(self, content: Content) -> None:
        producer = await self._runtime.producer()
        key = content.request_id.encode("utf-8", "replace")
        value, headers = msgspec.json.encode(content), envelope_of(content)
        await producer.send_and_wait(CONTENT.name, value, key, partition=0, headers=headers)
        self._answered.add(key_of(CONTENT.name, content.request_id))
        self._answered.turn({})

    def _known(self, request_id: str) -> bool:
        return key_of(CONTENT.name, request_id) in self._answered

    async def _waiting(self, tp: TP, offset: int) -> int:
        """Return how many requests stand behind this one."""
        end = (await self._runtime.app.consumer.highwaters(tp)).get(tp)
        return max(0, (end or 0) - offset - 1)

    async def _read_briefs(self) -> None:
        """Read the briefs that were written since."""
        async for record in reread(self._runtime.consumer, TP(BRIEFS.name, 0), self._briefs_next, None):
            self._briefs_next = record.offset + 1
            if (brief := read_brief(record.value or b"")) is not None:
                self._shelf.keep(brief)

    async def _remember(self) -> None:
        """Read which requests were answered, as far back as repeats are known, and what was spent of late."""
        self._answered = RecentIds({})
        if self._model is not None:
            self._model.forget()
        async for record in reread(self._runtime.consumer, TP(CONTENT.name, 0), -GENERATION, None):
            try:
                answered = _ANSWERED.decode(record.value or b"")
            except msgspec.MsgspecError:
                continue
            self._answered.add(key_of(CONTENT.name, answered.request_id))
            self._answered.turn({})
            if self._model is not None:
                self._model.remember(record.timestamp, answered.cost)


def _fallen_back(content: Content, why: str, detail: str) -> Content:
    metrics.CONTENT_FALLBACKS.labels(reason=why).inc()
    return msgspec.structs.replace(content, fallback=why, detail=detail)
