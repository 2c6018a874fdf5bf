"""Agent of topic `recommendations.requests`: suggests live hotspots and posts to whom they may interest, and learns.

What it knows stands on the topics, and is read up to their ends before each answer: hotspots, briefs, profiles, the
clicks on `feedback`. Which requests were answered, and with what, is read again from `recommendations` whenever another
worker may have written in between; the model is learnt anew from there, click by click.
"""

import time
from collections import OrderedDict
from typing import Any, Final

import faust
import msgspec
from aiokafka import TopicPartition
from faust.types import TP, Message

from agents.adapters import metrics
from agents.adapters.following import connected
from agents.adapters.reading import between
from agents.burying import bury_value
from agents.runtime import Runtime, take_each
from streams.briefs.reading import read_brief, read_hotspot
from streams.contracts.decoding import json_decoder
from streams.contracts.envelopes import envelope_of
from streams.contracts.feedback import Feedback
from streams.contracts.outputs import Brief, Hotspot
from streams.contracts.profiles import Profile
from streams.contracts.recommendations import CLICKED, Recommendation
from streams.contracts.requests import Unusable
from streams.contracts.topics import BRIEFS, FEEDBACK, HOTSPOTS, PROFILES, RECOMMENDATION_REQUESTS, RECOMMENDATIONS
from streams.profiles.uniting import united
from streams.recommending.candidates import candidates_of
from streams.recommending.choosing import suggest
from streams.recommending.learning import Learner
from streams.recommending.requests import read_request

MOST_HOTSPOTS: Final = 1_000
"""Hotspots that are kept to choose from: those that changed last."""

_FEEDBACK = json_decoder(Feedback)
_PROFILES = json_decoder(Profile)
_RECOMMENDATIONS = json_decoder(Recommendation)


class RecommendingAgent:
    """Recommends, on the worker that holds the one partition of `recommendations.requests`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._next = -1
        self._places: dict[TopicPartition, int] = {}
        self._hotspots: OrderedDict[str, Hotspot] = OrderedDict()
        self._briefs: dict[str, Brief] = {}
        self._profiles: dict[tuple[int, str], bytes] = {}
        self._answered: set[str] = set()
        self._learner = Learner()

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self.take)

    async def take(self, message: Message) -> None:
        """Answer one request and commit it."""
        tp = TP(RECOMMENDATION_REQUESTS.name, message.partition)
        if message.offset != self._next:
            await self._remember()
        value = message.value or b""
        status = "repeated"
        try:
            request = read_request(value)
            if request.id not in self._answered:
                await self._catch_up()
                status = "made"
                await self._publish(self._recommendation(request.id, request.author, request.count))
        except Unusable as why:
            if why.request_id not in self._answered:
                status = "refused"
                await bury_value(self._runtime, tp, message.offset, value, why, reason=why.reason)
                if why.request_id is not None:
                    await self._publish(Recommendation(request_id=why.request_id, author="", reason=why.reason))
        metrics.RECOMMENDATIONS.labels(status=status).inc()
        self._next = message.offset + 1
        await self._runtime.commit(tp, self._next)

    def _recommendation(self, request_id: str, author: str, count: int) -> Recommendation:
        parts = self._parts_of(author)
        profile = united([_PROFILES.decode(part) for part in parts]) if parts else None
        items = suggest(
            request_id,
            profile,
            candidates_of(self._hotspots.values(), self._briefs),
            self._learner,
            now_ms=time.time_ns() // 1_000_000,
            count=count,
        )
        return Recommendation(
            request_id=request_id,
            author=author,
            items=tuple(items),
            known=profile is not None,
            clicks=self._learner.clicks,
        )

    def _parts_of(self, author: str) -> list[bytes]:
        """Return the profiles of an author, who may be named by the hash of an earlier key."""
        for meant in self._runtime.intake.rotations.names_meant(author):
            if parts := [value for (_, name), value in self._profiles.items() if name == meant]:
                return parts
        return []

    async def _publish(self, recommendation: Recommendation) -> None:
        producer = await self._runtime.producer()
        value, key = msgspec.json.encode(recommendation), recommendation.request_id.encode("utf-8", "replace")
        headers = envelope_of(recommendation)
        await producer.send_and_wait(RECOMMENDATIONS.name, value, key, partition=0, headers=headers)
        self._shown(recommendation)

    def _shown(self, recommendation: Recommendation) -> None:
        self._answered.add(recommendation.request_id)
        self._learner.shown(recommendation)

    async def _remember(self) -> None:
        """Read what was recommended, and learn anew."""
        self._answered, self._learner = set(), Learner()
        self._places.pop(TopicPartition(FEEDBACK.name, 0), None)
        async with connected(self._runtime.consumer()) as consumer:
            async for record in between(consumer, {TopicPartition(RECOMMENDATIONS.name, 0): 0}):
                if (told := _decoded(_RECOMMENDATIONS, record.value)) is not None:
                    self._shown(told)

    async def _catch_up(self) -> None:
        """Read what was written since of all that recommendations rest on."""
        profiles = await self._runtime.partitions_of(PROFILES.name)
        since = {TopicPartition(name, 0): 0 for name in (HOTSPOTS.name, BRIEFS.name, FEEDBACK.name)}
        since |= {TopicPartition(PROFILES.name, number): 0 for number in range(profiles)}
        async with connected(self._runtime.consumer()) as consumer:
            async for record in between(consumer, since | self._places):
                self._places[TopicPartition(record.topic, record.partition)] = record.offset + 1
                self._read(record.topic, record.partition, record.key or b"", record.value)
        metrics.CLICKS_LEARNT.set(self._learner.clicks)

    def _read(self, topic: str, partition: int, key: bytes, value: bytes | None) -> None:
        if topic == PROFILES.name:
            place = partition, key.decode("utf-8", "replace")
            if value is None or _decoded(_PROFILES, value) is None:
                self._profiles.pop(place, None)
            else:
                self._profiles[place] = value
        elif topic == HOTSPOTS.name and value is not None:
            self._keep(value)
        elif topic == BRIEFS.name and (brief := read_brief(value or b"")) is not None:
            self._briefs[brief.hotspot_id] = brief
        elif topic == FEEDBACK.name and (said := _decoded(_FEEDBACK, value)) is not None and said.verdict == CLICKED:
            self._learner.clicked(said.recommendation, said.item)

    def _keep(self, value: bytes) -> None:
        try:
            hotspot = read_hotspot(value)
        except msgspec.MsgspecError:
            return
        self._hotspots[hotspot.hotspot_id] = hotspot
        self._hotspots.move_to_end(hotspot.hotspot_id)
        if len(self._hotspots) > MOST_HOTSPOTS:
            gone, _ = self._hotspots.popitem(last=False)
            self._briefs.pop(gone, None)


def _decoded(decoder: Any, value: bytes | None) -> Any:
    try:
        return decoder.decode(value or b"")
    except msgspec.MsgspecError:
        return None
