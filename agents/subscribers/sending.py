"""Sends what is due, each subscriber in its own time: one that is slow or fails keeps nobody else waiting.

At most one message of a subscriber is on its way; at most `AT_ONCE` in all, each for seconds only.
"""

import asyncio
import heapq
import logging
import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from agents.adapters import metrics
from agents.adapters.tracing import Traces
from agents.subscribers.channel import Channel, Sent
from agents.subscribers.records import note, now_ms
from streams.contracts.subscriptions import ChannelKind, Subscriber
from streams.contracts.watchlists import WatchAlert
from streams.subscriptions.message import Told, message_of
from streams.subscriptions.queue import begin, disabled, due_ms, ended, failed, message_id

if TYPE_CHECKING:
    from agents.subscribers.queues import Queues

log = logging.getLogger(__name__)

AT_ONCE: Final = 256
IDLE_S: Final = 30.0
FINISH_S: Final = 3.0
"""How long messages on their way may take when the worker leaves: one that arrived and is not noted is sent twice."""


class Sending:
    """Sends for one holding of the alerts.

    Args:
        queues: who is told, and what waits.
        channels: one of each kind.
        chance: spreads the waits of those that fail.
        traces: an alert's trace goes on to whoever is told.
    """

    def __init__(
        self,
        queues: "Queues",
        channels: Mapping[ChannelKind, Channel],
        chance: random.Random,
        traces: Traces,
    ) -> None:
        self._queues = queues
        self._traces = traces
        self._channels = channels
        self._chance = chance
        self._due: list[tuple[int, str]] = []
        self._running: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    def schedule(self, name: str) -> None:
        """Look at a subscriber again, now that something changed."""
        subscriber, state = self._queues.definitions.get(name), self._queues.states.get(name)
        if subscriber is None or state is None or name in self._running:
            return
        due = due_ms(state, subscriber, now_ms())
        if due is not None:
            heapq.heappush(self._due, (due, name))
            self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; what is on its way then is waited for a moment, so that what arrived is noted."""
        for subscriber in self._queues.definitions.all():
            self.schedule(subscriber.name)
        try:
            while True:
                self._start_due()
                self._raise_faults()
                self._wake.clear()
                wait_s = IDLE_S
                if self._due and len(self._running) < AT_ONCE:
                    wait_s = min(max(self._due[0][0] - now_ms(), 0) / 1000 + 0.001, IDLE_S)
                try:
                    async with asyncio.timeout(wait_s):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            await _finish(list(self._running.values()))

    def _start_due(self) -> None:
        now = now_ms()
        while self._due and self._due[0][0] <= now and len(self._running) < AT_ONCE:
            _, name = heapq.heappop(self._due)
            subscriber, state = self._queues.definitions.get(name), self._queues.states.get(name)
            if subscriber is None or state is None or name in self._running:
                continue
            due = due_ms(state, subscriber, now)
            if due is None:
                continue
            if due > now:
                heapq.heappush(self._due, (due, name))
                continue
            self._running[name] = asyncio.create_task(self._tell(subscriber))
            self._running[name].add_done_callback(lambda _, name=name: self._after(name))  # type: ignore[misc]

    def _after(self, name: str) -> None:
        task = self._running.get(name)
        if task is not None and not task.cancelled() and task.exception() is None:
            del self._running[name]
            self.schedule(name)
        self._wake.set()

    def _raise_faults(self) -> None:
        for task in self._running.values():
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _tell(self, subscriber: Subscriber) -> None:
        name = subscriber.name
        state = begin(self._queues.states[name], subscriber.rule, now_ms())
        self._queues.states[name] = state
        going = state.waiting[: state.in_flight]
        told = [one for one in map(self._queues.recent.told, going) if one is not None]
        alerts = tuple(entry.alert_id for entry in going)
        if not told:
            await note(self._queues.producer, subscriber, alerts, "expired", detail="no longer in the log")
            await self._queues.keep(name, ended(state, now_ms(), told=False))
            return
        if len(going) > 1 and not state.attempts:
            await self._queues.keep(name, state)  # so that a restart sends the same message, under the same id
        began = time.monotonic()
        with (
            self._traces.message(self._queues.recent.headers(going[0])),
            self._traces.step("tell", subscriber=name, channel=subscriber.channel, attempt=state.attempts + 1),
        ):
            sent = await self._send(subscriber, alerts, told)
            self._traces.note(outcome=sent.outcome)
        seconds = time.monotonic() - began
        metrics.DELIVERY_SECONDS.labels(channel=subscriber.channel).observe(seconds)
        await self._settle(subscriber, alerts, sent, seconds)

    async def _send(self, subscriber: Subscriber, alerts: tuple[str, ...], told: list[Told | WatchAlert]) -> Sent:
        message = message_of(message_id(subscriber.name, alerts), told)
        return await self._channels[subscriber.channel].send(subscriber, message, now_ms())

    async def _settle(self, subscriber: Subscriber, alerts: tuple[str, ...], sent: Sent, seconds: float) -> None:
        """Note what became of an attempt; the queue may have grown meanwhile."""
        name = subscriber.name
        state = self._queues.states.get(name)
        if state is None:
            return
        now, outcome, after = now_ms(), sent.outcome, state
        if outcome == "delivered":
            after = ended(state, now, told=True)
        elif outcome == "gone":
            after = disabled(state, subscriber, sent.detail)
        elif outcome == "refused":
            after = ended(state, now, told=False)
        else:
            later = failed(state, now, self._chance.random(), sent.after_s)
            outcome = "retry" if later is not None else "given_up"
            after = later if later is not None else ended(state, now, told=False)
        await self._queues.keep(name, after)
        tried = state.attempts + 1
        producer = self._queues.producer
        await note(producer, subscriber, alerts, outcome, attempt=tried, detail=sent.detail, seconds=seconds)


async def _finish(running: "list[asyncio.Task[None]]") -> None:
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=FINISH_S)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
