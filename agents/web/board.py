"""What the live page shows: hotspots, their alerts and briefs, and the events by which open pages follow them.

Everything is bounded: hotspots kept, events that can be resumed from, pages at once, events waiting for a slow page.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import msgspec

from streams.contracts.outputs import Alert, Brief, Hotspot
from streams.contracts.terms import shown

V = TypeVar("V")

HOTSPOTS: Final = 200
EVENTS: Final = 500
CLIENTS: Final = 64
WAITING: Final = 100
"""Events that may wait for a page; one that is slower is closed, and comes back with what it has."""


class Event(msgspec.Struct, frozen=True):
    """A card that changed, as JSON; `number` grows by one."""

    number: int
    card: bytes


class TooManyClients(Exception):
    """As many pages as may follow at once are following."""


class Card(msgspec.Struct):
    """A hotspot as the page has it; `alerted_at` is the event time of its last alert, "" for none."""

    hotspot: Hotspot
    terms: list[str]
    alerted_at: str = ""
    alerts: int = 0
    brief: Brief | None = None


class Board:
    """Hotspots by id, the latest touched last."""

    def __init__(self) -> None:
        self._cards: OrderedDict[str, Card] = OrderedDict()
        self._briefs: OrderedDict[str, Brief] = OrderedDict()
        self._alerts: OrderedDict[str, Alert] = OrderedDict()
        self._told: OrderedDict[str, int] = OrderedDict()
        self._events: deque[Event] = deque(maxlen=EVENTS)
        self._number = 0
        self._clients: set[asyncio.Queue[Event | None]] = set()

    def hotspot(self, hotspot: Hotspot) -> None:
        """Take in the state of a hotspot; an older one than is known changes nothing."""
        known = self._cards.get(hotspot.hotspot_id)
        if known is not None and known.hotspot.emitted_at > hotspot.emitted_at:
            return
        for merged in hotspot.merged:
            self._cards.pop(merged, None)
        self._cards[hotspot.hotspot_id] = Card(hotspot, [shown(term) for term in hotspot.terms])
        self._touch(hotspot.hotspot_id)

    def alert(self, alert: Alert) -> None:
        """Take in an alert; a repeat changes nothing."""
        held = self._alerts.get(alert.hotspot_id)
        if held is None or held.emitted_at < alert.emitted_at:
            self._told[alert.hotspot_id] = self._told.get(alert.hotspot_id, 0) + 1
            _keep(self._alerts, alert.hotspot_id, alert)
            self._touch(alert.hotspot_id)

    def brief(self, brief: Brief) -> None:
        """Take in a brief; a repeat or an older one changes nothing."""
        held = self._briefs.get(brief.hotspot_id)
        if held is None or held.emitted_at < brief.emitted_at:
            _keep(self._briefs, brief.hotspot_id, brief)
            self._touch(brief.hotspot_id)

    def _touch(self, hotspot_id: str) -> None:
        """Bring a card up to date with what came of its hotspot, in whatever order, and tell the pages."""
        card = self._cards.get(hotspot_id)
        if card is None:
            return
        card.brief = self._briefs.get(hotspot_id)
        alert = self._alerts.get(hotspot_id)
        if alert is not None:
            card.alerted_at, card.alerts = alert.emitted_at, self._told[hotspot_id]
        _keep(self._cards, hotspot_id, card)
        self._number += 1
        event = Event(self._number, msgspec.json.encode(card))
        self._events.append(event)
        for queue in list(self._clients):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._clients.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)

    def cards(self) -> list[Card]:
        """Return all hotspots, the latest touched last."""
        return list(self._cards.values())

    @contextmanager
    def following(self, after: int | None) -> Iterator[asyncio.Queue[Event | None]]:
        """Yield a queue of events: those after number `after` if they are still known, else every card; None ends it.

        Raises:
            TooManyClients: no further page can follow.
        """
        if len(self._clients) >= CLIENTS:
            raise TooManyClients
        known = (
            after is not None and after <= self._number and (not self._events or after >= self._events[0].number - 1)
        )
        if known:
            missed = [event for event in self._events if event.number > (after or 0)]
        else:
            missed = [Event(self._number, msgspec.json.encode(card)) for card in self._cards.values()]
        queue: asyncio.Queue[Event | None] = asyncio.Queue(len(missed) + WAITING)
        for event in missed:
            queue.put_nowait(event)
        self._clients.add(queue)
        try:
            yield queue
        finally:
            self._clients.discard(queue)

    def close(self) -> None:
        """End every page's stream."""
        for queue in self._clients:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)
        self._clients.clear()


def _keep(held: "OrderedDict[str, V]", key: str, value: V) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > HOTSPOTS:
        held.popitem(last=False)
