"""Agent of topic `bursts`: one place decides what is one story and what is an alert.

After a kill its outputs may be sent again, with the same bytes.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack

import faust
import msgspec

from agents.adapters import metrics
from agents.adapters.tracing import TracedSlices
from agents.keeper import Keeper
from agents.runtime import Runtime, take_each
from streams.contracts.envelopes import Headers, envelope_of
from streams.contracts.outputs import Alert
from streams.contracts.posts import position_of
from streams.contracts.topics import ALERTS, BURSTS, HOTSPOTS, STORY_SNAPSHOTS
from streams.pipeline import PipelineSettings
from streams.privacy.rotations import Rotations
from streams.relevance.lessons import is_lesson, read_lesson
from streams.stories import Outcome, Stories
from streams.stories.gather import Gather
from streams.stories.reading import read_record


class _State(msgspec.Struct, array_like=True):
    gather: Gather
    stories: bytes


class Deciding:
    """What the story stage knows: which buckets are complete, and the stories."""

    def __init__(self, settings: PipelineSettings, rotations: Rotations, snapshot: bytes | None) -> None:
        if snapshot is None:
            self.gather = Gather(settings.shards)
            self.stories = Stories(settings.stories(), settings.gazetteer, rotations)
        else:
            state = msgspec.msgpack.decode(snapshot, type=_State)
            self.gather = state.gather
            self.stories = Stories.restore(settings.stories(), state.stories, settings.gazetteer, rotations)

    def state(self) -> bytes:
        """Return both, for a snapshot."""
        return msgspec.msgpack.encode(_State(self.gather, self.stories.state()))

    def lose(self) -> None:
        """Nothing waits for a record that is lost: a later one of its shard tells that its bucket is over."""


class StoriesAgent:
    """Decides, on the worker that holds the one partition of `bursts`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.keeper = Keeper(
            runtime,
            BURSTS,
            STORY_SNAPSHOTS,
            lambda found: Deciding(runtime.pipeline(), runtime.intake.rotations, found),
            self._apply,
        )
        self._traced = TracedSlices()

    async def run(self, stream: faust.StreamT[bytes]) -> None:
        """Body of the Faust agent."""
        await take_each(stream, self.keeper.take)

    async def _apply(self, deciding: Deciding, value: bytes) -> None:
        if is_lesson(value):
            lesson = read_lesson(value)
            if deciding.stories.learn(lesson):
                metrics.VERDICTS.labels(verdict=lesson.verdict).inc()
                metrics.RELEVANCE_ERROR.set(deciding.stories.error)
            return
        if self._runtime.traces.on:
            self._traced.keep_received()
        for bucket, records in deciding.gather.offer(read_record(value)):
            outcome = deciding.stories.close(bucket, records)
            metrics.TESTS.inc(sum(record.tests for record in records))
            if outcome.hotspots or outcome.alerts:
                await self._publish(outcome)
            metrics.HOTSPOTS_LIVE.set(deciding.stories.live)
            metrics.FALSE_ALERTS_LEFT.set(deciding.stories.budget_left)
            metrics.ALERTS_MUTED.inc(len(outcome.muted))

    async def _publish(self, outcome: Outcome) -> None:
        with ExitStack() as spans:
            carried = {alert.hotspot_id: spans.enter_context(self._span(alert)) for alert in outcome.alerts}
            await self._send(outcome, carried)
        for alert in outcome.alerts:
            metrics.ALERTS.labels(stage=alert.stage).inc()

    def _span(self, alert: Alert) -> AbstractContextManager[Headers]:
        places = ((found.partition, position_of(found.offset, found.index)) for found in alert.sources)
        slices = self._traced.of(places)
        return self._runtime.traces.of_alert(slices, hotspot=alert.hotspot_id, alert=alert.alert_id, stage=alert.stage)

    async def _send(self, outcome: Outcome, carried: Mapping[str, Headers]) -> None:
        producer = await self._runtime.producer()
        sent = []
        for topic, values in ((HOTSPOTS, outcome.hotspots), (ALERTS, outcome.alerts)):
            for value in values:
                body, key = msgspec.json.encode(value), value.hotspot_id.encode()
                headers = envelope_of(value) + carried.get(value.hotspot_id, [])
                sent.append(await producer.send(topic.name, body, key, partition=0, headers=headers))
        await asyncio.gather(*sent)
