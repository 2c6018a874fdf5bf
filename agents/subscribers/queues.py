"""The queues of the subscribers in memory, as the log has them: definitions, states, alerts of late.

The order is the guarantee: an alert is in every queue that wants it, acknowledged, before the cursor passes it; a queue
that has it already does not take it again.
"""

import logging
import time
from collections import deque
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.adapters import metrics
from agents.subscribers.recent import KEPT, Recent
from agents.subscribers.records import (
    CURSOR,
    definitions_of,
    read_to_end,
    states_of,
    subscriber_of,
    write_states,
    write_subscriber,
)
from streams.contracts.outputs import Alert, Brief
from streams.contracts.subscriptions import SubscriberState, Waiting
from streams.contracts.topics import ALERTS, BRIEFS, SUBSCRIBER_STATES, SUBSCRIBERS
from streams.subscriptions.definitions import Definitions, Edited
from streams.subscriptions.queue import enter, is_disabled
from streams.subscriptions.rules import wants

log = logging.getLogger(__name__)

BRIEF_S: Final = 10.0
"""How long an alert waits for its brief; after that it is told without."""
MEASURE_S: Final = 5.0
_ALERT = msgspec.json.Decoder(Alert)
_BRIEF = msgspec.json.Decoder(Brief)
_FOLLOWED: Final = tuple(TopicPartition(topic.name, 0) for topic in (SUBSCRIBERS, ALERTS, BRIEFS))


class Queues:
    """Who is told, what waits for them, and what that is.

    Args:
        consumer: started, without a group.
        producer: idempotent, acks=all.
    """

    def __init__(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        self._consumer = consumer
        self.producer = producer
        self.definitions = Definitions()
        self.states: dict[str, SubscriberState] = {}
        self.recent = Recent()
        self._cursor = 0
        self._coming: deque[tuple[int, Alert, float]] = deque()
        self._measured = 0.0

    async def load(self) -> None:
        """Read everything back; what waited waits on."""
        states_at = TopicPartition(SUBSCRIBER_STATES.name, 0)
        subscribers_at, alerts_at, briefs_at = _FOLLOWED
        self._consumer.assign([states_at, *_FOLLOWED])
        self._consumer.pause(*_FOLLOWED)
        self.states = states_of(await read_to_end(self._consumer, states_at))
        self._consumer.pause(states_at)
        self._consumer.resume(subscribers_at)
        self.definitions = definitions_of(await read_to_end(self._consumer, subscribers_at))
        ends = await self._consumer.end_offsets([alerts_at, briefs_at])
        cursor = self.states.pop(CURSOR, None)
        self._cursor = cursor.matched if cursor is not None else ends[alerts_at]
        begins = await self._consumer.beginning_offsets([alerts_at, briefs_at])
        known = [(briefs_at, ends[briefs_at] - KEPT), (alerts_at, min(ends[alerts_at] - KEPT, self._cursor))]
        for partition, start in known:
            self._consumer.resume(partition)
            for record in await read_to_end(self._consumer, partition, max(start, begins[partition])):
                self._take(record)
        if cursor is None:
            await write_states(self.producer, [(CURSOR, SubscriberState(name=CURSOR, matched=self._cursor))])
        gone = [name for name in self.states if self.definitions.get(name) is None]
        new = [one.name for one in self.definitions.all() if one.name not in self.states]
        await self._begin_and_forget(new, gone)
        self._measure()
        log.info("%d subscribers are told of alerts from offset %d", len(self.definitions), self._cursor)

    async def follow(self) -> list[str]:
        """Take in what came and return the names of those for whom something changed."""
        touched: list[str] = []
        for partition, records in (await self._consumer.getmany(timeout_ms=200)).items():
            for record in records:
                if partition.topic == SUBSCRIBERS.name:
                    touched += await self._edit(record)
                else:
                    self._take(record)
        while self._coming:
            offset, alert, since = self._coming[0]
            if not self.recent.has_brief(alert) and time.monotonic() - since < BRIEF_S:
                break
            self._coming.popleft()
            touched += await self._match(offset, alert)
        if time.monotonic() - self._measured >= MEASURE_S:
            self._measure()
        return touched

    def _take(self, record: Any) -> None:
        if record.value is None:
            return
        try:
            if record.topic == BRIEFS.name:
                self.recent.brief(_BRIEF.decode(record.value))
                return
            alert = _ALERT.decode(record.value)
        except msgspec.MsgspecError as error:
            log.warning("%s at %d is told to no one: %s", record.topic, record.offset, error)
            return
        if self.recent.alert(record.offset, alert) and record.offset >= self._cursor:
            self._coming.append((record.offset, alert, time.monotonic()))

    async def _match(self, offset: int, alert: Alert) -> list[str]:
        now = now_ms()
        entry = Waiting(offset, alert.alert_id, alert.hotspot_id, 0)
        changed: list[str] = []
        for subscriber in self.definitions.all():
            state = self.states[subscriber.name]
            if state.matched > offset or subscriber.paused or is_disabled(state, subscriber):
                continue
            if wants(subscriber.rule, alert):
                self.states[subscriber.name], dropped = enter(state, subscriber.rule, entry, now)
                if dropped:
                    metrics.DELIVERIES.labels(channel=subscriber.channel, outcome="dropped").inc(dropped)
                changed.append(subscriber.name)
        await write_states(self.producer, [(name, self.states[name]) for name in changed])
        self._cursor = offset + 1
        await write_states(self.producer, [(CURSOR, SubscriberState(name=CURSOR, matched=self._cursor))])
        return changed

    async def _edit(self, record: Any) -> list[str]:
        try:
            name, edited = subscriber_of(record)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            log.warning("%s at %d defines no subscriber: %s", record.topic, record.offset, error)
            return []
        came_to = self.definitions.apply(name, edited)
        if came_to is Edited.STALE:
            log.warning("two edits of subscriber %s at once: the first one holds", name)
            await write_subscriber(self.producer, name, self.definitions.get(name))
        if came_to is not Edited.APPLIED:
            return []
        if edited is None:
            await self._begin_and_forget([], [name])
        elif name not in self.states:
            await self._begin_and_forget([name], [])
        return [name]

    async def _begin_and_forget(self, new: list[str], gone: list[str]) -> None:
        """Let new subscribers begin with what comes from now on, and forget those that were removed."""
        for name in gone:
            self.states.pop(name, None)
        self.states.update({name: SubscriberState(name=name, matched=self._cursor) for name in new})
        await write_states(self.producer, [(name, self.states.get(name)) for name in (*new, *gone)])

    def _measure(self) -> None:
        """Count everyone, which with many subscribers is work: now and then, not with each delivery."""
        self._measured = time.monotonic()
        counts = {"active": 0, "failing": 0, "disabled": 0, "paused": 0}
        waiting = 0
        for subscriber in self.definitions.all():
            state = self.states[subscriber.name]
            counts[status_of(state, subscriber.paused, is_disabled(state, subscriber))] += 1
            waiting += len(state.waiting)
        for status, number in counts.items():
            metrics.SUBSCRIBERS.labels(status=status).set(number)
        metrics.DELIVERIES_WAITING.set(waiting)

    async def keep(self, name: str, state: SubscriberState) -> None:
        """Make a state the present one, acknowledged."""
        if self.definitions.get(name) is None:
            return
        self.states[name] = state
        await write_states(self.producer, [(name, state)])


def status_of(state: SubscriberState, paused: bool, disabled: bool) -> str:
    """Return active, failing, disabled or paused."""
    if paused:
        return "paused"
    if disabled:
        return "disabled"
    return "failing" if state.attempts else "active"


def now_ms() -> int:
    """Return the present."""
    return time.time_ns() // 1_000_000
