"""Takes verdicts from topic `feedback` to the one place that learns them, each with what its hotspot looked like.

Run by the worker that holds the partition of `bursts`. At its start it sends the latest verdicts again: whoever knows
them takes no notice, and a story stage that lost its state learns them anew.
"""

import logging
import time
from collections import deque
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from agents.adapters import metrics
from agents.adapters.following import connected
from agents.adapters.reading import between
from agents.runtime import Runtime
from agents.while_held import WhileHeld
from streams.contracts.decoding import Decoder, json_decoder
from streams.contracts.feedback import VERDICTS, Feedback
from streams.contracts.lessons import LESSON_KEY
from streams.contracts.outputs import Alert, Hotspot
from streams.contracts.topics import ALERTS, BURSTS, FEEDBACK, HOTSPOTS
from streams.relevance import Lessons
from streams.relevance.learner import KEPT

log = logging.getLogger(__name__)

BACK: Final = 20_000
"""Messages of `alerts` and of `hotspots` from which features are known at the start."""
WAITS_S: Final = 10.0
"""How long a verdict waits for its hotspot, which another connection may bring a moment later."""
WAITING: Final = 1_000

_TOLD: Final[dict[str, Decoder[Any]]] = {
    ALERTS.name: json_decoder(Alert),
    HOTSPOTS.name: json_decoder(Hotspot),
}
_FEEDBACK: Final = json_decoder(Feedback)


class Verdicts:
    """Makes lessons of verdicts for as long as this worker is the one that should."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._here = WhileHeld(runtime, TP(BURSTS.name, 0), "verdicts are not learnt just now", self._hold)
        self.run, self.stop = self._here.run, self._here.stop

    async def _hold(self) -> None:
        async with connected(self._runtime.consumer()) as consumer:
            taking = _Taking(self._runtime)
            places = [TopicPartition(topic.name, 0) for topic in (ALERTS, HOTSPOTS, FEEDBACK)]
            ends = await consumer.end_offsets(places)
            alerts, hotspots, feedback = places
            for place, back in ((alerts, BACK), (hotspots, BACK), (feedback, KEPT // 2)):
                async for record in between(consumer, {place: max(ends[place] - back, 0)}, {place: ends[place]}):
                    await taking.take(record)
            await self._follow(consumer, ends, taking)

    async def _follow(self, consumer: AIOKafkaConsumer, since: dict[TopicPartition, int], taking: "_Taking") -> None:
        consumer.assign(list(since))
        for place, offset in since.items():
            consumer.seek(place, offset)
        while self._here.held:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    await taking.take(record)
            await taking.look_again()


class _Taking:
    """What is known of hotspots, and the verdicts that wait for theirs."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lessons = Lessons()
        self._waiting: deque[tuple[float, int, Feedback]] = deque(maxlen=WAITING)

    async def take(self, record: Any) -> None:
        """Take a record of `alerts`, `hotspots` or `feedback`; one that cannot be read is passed over."""
        if record.value is None:
            return
        try:
            if record.topic != FEEDBACK.name:
                told = _TOLD[record.topic].decode(record.value)
                note = self._lessons.alert if isinstance(told, Alert) else self._lessons.hotspot
                note(told)
                return
            feedback = _FEEDBACK.decode(record.value)
        except msgspec.MsgspecError as error:
            log.warning("%s at %d teaches nothing: %s", record.topic, record.offset, error)
            if record.topic == FEEDBACK.name:
                metrics.VERDICTS_UNUSED.labels(reason="unreadable").inc()
            return
        if feedback.verdict in VERDICTS and not await self._teach(record.offset, feedback):
            self._waiting.append((time.monotonic(), record.offset, feedback))

    async def look_again(self) -> None:
        """Try the verdicts that wait; those that have for too long are on hotspots that nobody knows any more."""
        for _ in range(len(self._waiting)):
            since, number, feedback = self._waiting.popleft()
            if await self._teach(number, feedback):
                continue
            if time.monotonic() - since < WAITS_S:
                self._waiting.append((since, number, feedback))
            else:
                metrics.VERDICTS_UNUSED.labels(reason="unknown").inc()

    async def _teach(self, number: int, feedback: Feedback) -> bool:
        lesson = self._lessons.of(feedback, number)
        if lesson is None:
            return False
        producer = await self._runtime.producer()
        await producer.send_and_wait(BURSTS.name, msgspec.msgpack.encode(lesson), LESSON_KEY, partition=0)
        return True
