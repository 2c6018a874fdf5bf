"""The queues of the subscribers in memory, as the log has them: definitions, states, alerts of late.

The order is the guarantee: an alert is in every queue that wants it, acknowledged, before the cursor passes it; a queue
that has it already does not take it again.
"""

import logging
import time
from collections import deque
from collections.abc import Container
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from msgspec.structs import replace

from agents.adapters import metrics
from agents.subscribers.recent import KEPT, Recent
from agents.subscribers.records import (
    CURSOR,
    definitions_of,
    note,
    now_ms,
    read_to_end,
    states_of,
    subscriber_of,
    write_states,
    write_subscriber,
)
from streams.contracts.feedback import Feedback
from streams.contracts.outputs import Alert
from streams.contracts.subscriptions import Rule, SubscriberState, Waiting
from streams.contracts.topics import (
    ALERTS,
    BRIEFS,
    FEEDBACK,
    SUBSCRIBER_STATES,
    SUBSCRIBERS,
    WATCH_ALERTS,
    WATCHLISTS,
)
from streams.contracts.watchlists import WatchAlert
from streams.subscriptions.definitions import Definitions, Edited
from streams.subscriptions.queue import acknowledged, enter, has_seen, is_disabled
from streams.subscriptions.rules import wants, wants_mood

log = logging.getLogger(__name__)

BRIEF_S: Final = 10.0
"""How long an alert waits for its brief; after that it is told without."""
MEASURE_S: Final = 5.0
_STATES, _SUBSCRIBERS, _WATCHLISTS, _FEEDBACK, _BRIEFS, _ALERTS, _MOODS = (
    TopicPartition(topic.name, 0)
    for topic in (SUBSCRIBER_STATES, SUBSCRIBERS, WATCHLISTS, FEEDBACK, BRIEFS, ALERTS, WATCH_ALERTS)
)
_FOLLOWED: Final = (_SUBSCRIBERS, _WATCHLISTS, _FEEDBACK, _BRIEFS, _ALERTS, _MOODS)


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
        self._cursor = SubscriberState(name=CURSOR)
        self._coming: deque[tuple[Waiting, Alert | WatchAlert, float]] = deque()
        self._measured = 0.0

    async def load(self) -> None:
        """Read everything back; what waited waits on."""
        self._consumer.assign([_STATES, *_FOLLOWED])
        self._consumer.pause(_STATES, *_FOLLOWED)
        self.states = states_of(await self._read(_STATES))
        self._consumer.pause(_STATES)
        self.definitions = definitions_of(await self._read(_SUBSCRIBERS))
        ends = await self._consumer.end_offsets(list(_FOLLOWED))
        await self._resume_at(self.states.pop(CURSOR, None), ends)
        starts = {
            _WATCHLISTS: 0,
            _FEEDBACK: ends[_FEEDBACK] - KEPT,
            _BRIEFS: ends[_BRIEFS] - KEPT,
            _ALERTS: min(ends[_ALERTS] - KEPT, self._cursor.matched),
            _MOODS: min(ends[_MOODS] - KEPT, self._cursor.matched_moods),
        }
        for partition, start in starts.items():
            for record in await self._read(partition, start):
                self._take(record)
        gone = [name for name in self.states if self.definitions.get(name) is None]
        new = [one.name for one in self.definitions.all() if one.name not in self.states]
        await self._begin_and_forget(new, gone)
        await self._acknowledge(self.recent.judged)
        self._measure()
        log.info("%d subscribers are told of alerts from offset %d", len(self.definitions), self._cursor.matched)

    async def _read(self, partition: TopicPartition, start: int = 0) -> list[Any]:
        self._consumer.resume(partition)
        return await read_to_end(self._consumer, partition, start)

    async def _resume_at(self, held: SubscriberState | None, ends: dict[TopicPartition, int]) -> None:
        """Go on where the cursor stands; without one, begin with what comes from now on."""
        cursor = held or replace(self._cursor, matched=ends[_ALERTS])
        if cursor.matched_moods < 0:
            cursor = replace(cursor, matched_moods=ends[_MOODS])
        self._cursor = cursor
        if cursor != held:
            await write_states(self.producer, [(CURSOR, cursor)])

    async def follow(self) -> list[str]:
        """Take in what came and return the names of those for whom something changed."""
        touched: list[str] = []
        for partition, records in (await self._consumer.getmany(timeout_ms=200)).items():
            for record in records:
                if partition == _SUBSCRIBERS:
                    touched += await self._edit(record)
                elif (judged := self._take(record)) is not None:
                    touched += await self._acknowledge({judged})
        while self._coming:
            entry, alert, since = self._coming[0]
            lacks_brief = isinstance(alert, Alert) and not self.recent.has_brief(alert)
            if lacks_brief and time.monotonic() - since < BRIEF_S:
                break
            self._coming.popleft()
            touched += await self._match(entry, alert)
        if time.monotonic() - self._measured >= MEASURE_S:
            self._measure()
        return touched

    def _take(self, record: Any) -> str | None:
        """Take a record in; returns the hotspot that it says was judged."""
        came = self.recent.take(record)
        if isinstance(came, Feedback):
            return came.hotspot_id
        if came is not None:
            about = came.hotspot_id if isinstance(came, Alert) else f"watchlist {came.name}"
            entry = Waiting(record.offset, came.alert_id, about, 0, isinstance(came, WatchAlert))
            if not has_seen(self._cursor, entry):
                self._coming.append((entry, came, time.monotonic()))
        return None

    async def _match(self, entry: Waiting, alert: Alert | WatchAlert) -> list[str]:
        now = now_ms()
        lists = self.recent.watchlists_of(alert) if isinstance(alert, Alert) else set[str]()
        changed: list[str] = []
        for subscriber in self.definitions.all():
            state = self.states[subscriber.name]
            if has_seen(state, entry) or subscriber.paused or is_disabled(state, subscriber):
                continue
            if self._is_wanted(subscriber.rule, alert, lists):
                self.states[subscriber.name], dropped = enter(state, subscriber.rule, entry, now)
                if dropped:
                    metrics.DELIVERIES.labels(channel=subscriber.channel, outcome="dropped").inc(dropped)
                changed.append(subscriber.name)
        await write_states(self.producer, [(name, self.states[name]) for name in changed])
        passed = entry.offset + 1
        self._cursor = replace(self._cursor, **{"matched_moods" if entry.mood else "matched": passed})
        await write_states(self.producer, [(CURSOR, self._cursor)])
        return changed

    def _is_wanted(self, rule: Rule, alert: Alert | WatchAlert, lists: set[str]) -> bool:
        if isinstance(alert, WatchAlert):
            return wants_mood(rule, alert)
        return wants(rule, alert, lists) and not (rule.escalate_min and alert.hotspot_id in self.recent.judged)

    async def _acknowledge(self, hotspots: Container[str]) -> list[str]:
        """Escalate no more what someone judged."""
        changed = []
        for subscriber in self.definitions.all():
            state = self.states[subscriber.name]
            if not subscriber.rule.escalate_min or not state.waiting:
                continue
            after, settled = acknowledged(state, hotspots)
            if settled:
                await self.keep(subscriber.name, after)
                await note(self.producer, subscriber, settled, "acknowledged", detail="someone judged the hotspot")
                changed.append(subscriber.name)
        return changed

    async def _edit(self, record: Any) -> list[str]:
        try:
            name, edited = subscriber_of(record)
        except msgspec.MsgspecError as error:
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
        self.states.update({name: replace(self._cursor, name=name) for name in new})
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
