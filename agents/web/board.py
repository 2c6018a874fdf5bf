"""What the live page shows: hotspots, what was told of them and how they went, beside the watchlists.

Everything is bounded: hotspots kept, and moments, alerts and verdicts of each.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import msgspec

from agents.web.events import Event, Events
from agents.web.watches import Listed, Watches
from streams.briefs import supersedes
from streams.contracts.feedback import VERDICTS, Feedback
from streams.contracts.outputs import Alert, Brief, Hotspot
from streams.contracts.outside import SeenOutside
from streams.contracts.terms import shown
from streams.subscriptions.message import Told

V = TypeVar("V")

HOTSPOTS: Final = 200
MOMENTS: Final = 240
"""States of one hotspot that its own view can go back to."""
TOLD: Final = 16
"""Alerts of one hotspot that are kept."""
JUDGED: Final = 16
"""Verdicts on one hotspot that are kept."""
ABSORBED: Final = 1000
"""Merged hotspots whose address still leads to the one that took them in."""


class Moment(msgspec.Struct, frozen=True):
    """How a hotspot stood at `at`, event time."""

    at: str
    stage: str
    authors: int
    rank: float
    credibility: float


class Absorbed(msgspec.Struct, frozen=True):
    """A hotspot that turned out to be part of another."""

    hotspot_id: str
    terms: list[str]
    started_at: str


class Card(msgspec.Struct):
    """A hotspot as the list has it.

    `alerted_at` is the event time of its last alert, `verdict` the last that somebody said of it; "" for none. `seen`
    has an entry for each outside list that has it too.
    """

    hotspot: Hotspot
    terms: list[str]
    alerted_at: str = ""
    alerts: int = 0
    brief: Brief | None = None
    verdict: str = ""
    seen: list[SeenOutside] = []


class Detail(msgspec.Struct, frozen=True):
    """A hotspot as its own view has it, oldest first."""

    card: Card
    moments: list[Moment]
    alerts: list[Alert]
    absorbed: list[Absorbed]
    feedback: list[Feedback]


class Board:
    """Hotspots by id, the latest touched last."""

    def __init__(self) -> None:
        self._cards: OrderedDict[str, Card] = OrderedDict()
        self._briefs: OrderedDict[str, Brief] = OrderedDict()
        self._alerts: OrderedDict[str, deque[Alert]] = OrderedDict()
        self._seen: OrderedDict[str, dict[str, SeenOutside]] = OrderedDict()
        self._feedback: OrderedDict[str, deque[Feedback]] = OrderedDict()
        self._moments: OrderedDict[str, deque[Moment]] = OrderedDict()
        self._absorbed: OrderedDict[str, Absorbed] = OrderedDict()
        self._into: OrderedDict[str, str] = OrderedDict()
        self.events: Final = Events()
        self.watches: Final = Watches(self._tell_watch)

    def hotspot(self, hotspot: Hotspot) -> None:
        """Take in the state of a hotspot; an older one than is known changes nothing."""
        known = self._cards.get(hotspot.hotspot_id)
        if known is not None and known.hotspot.emitted_at > hotspot.emitted_at:
            return
        for merged in hotspot.merged:
            self._absorb(merged, hotspot.hotspot_id)
        terms = [shown(term) for term in hotspot.terms]
        self._cards[hotspot.hotspot_id] = Card(hotspot, terms)
        moments = self._moments.setdefault(hotspot.hotspot_id, deque(maxlen=MOMENTS))
        moment = Moment(
            hotspot.emitted_at, hotspot.stage, hotspot.why.distinct_authors, hotspot.rank, hotspot.credibility
        )
        if not moments or moments[-1].at < moment.at:
            moments.append(moment)
        _keep(self._moments, hotspot.hotspot_id, moments)
        self._touch(hotspot.hotspot_id)

    def _absorb(self, younger: str, older: str) -> None:
        card = self._cards.pop(younger, None)
        if card is not None:
            began = card.hotspot.started_at
            _keep(self._absorbed, younger, Absorbed(younger, card.terms[:4], began), ABSORBED)
        if younger != older:
            _keep(self._into, younger, older, ABSORBED)

    def alert(self, alert: Alert) -> None:
        """Take in an alert; a repeat changes nothing."""
        held = self._alerts.setdefault(alert.hotspot_id, deque(maxlen=TOLD))
        if not held or held[-1].emitted_at < alert.emitted_at:
            held.append(alert)
            _keep(self._alerts, alert.hotspot_id, held)
            self._touch(alert.hotspot_id)

    def brief(self, brief: Brief) -> None:
        """Take in a brief, or its next revision; a repeat or an older one changes nothing."""
        held = self._briefs.get(brief.hotspot_id)
        if held is None or held.emitted_at < brief.emitted_at or supersedes(brief, held):
            _keep(self._briefs, brief.hotspot_id, brief)
            self._touch(brief.hotspot_id)

    def seen(self, seen: SeenOutside) -> None:
        """Take in that an outside list has a hotspot too; a repeat changes nothing."""
        held = self._seen.setdefault(seen.hotspot_id, {})
        if held.get(seen.list) != seen:
            held[seen.list] = seen
            _keep(self._seen, seen.hotspot_id, held)
            self._touch(seen.hotspot_id)

    def feedback(self, feedback: Feedback) -> None:
        """Take in a verdict; a repeat changes nothing, and a click on a recommendation is none."""
        if feedback.verdict not in VERDICTS:
            return
        held = self._feedback.setdefault(feedback.hotspot_id, deque(maxlen=JUDGED))
        if feedback not in held:
            held.append(feedback)
            _keep(self._feedback, feedback.hotspot_id, held)
            self._touch(feedback.hotspot_id)

    def _touch(self, hotspot_id: str) -> None:
        """Bring a card up to date with what came of its hotspot, in whatever order, and tell the pages."""
        card = self._cards.get(hotspot_id)
        if card is None:
            return
        card.brief = self._briefs.get(hotspot_id)
        alerts = self._alerts.get(hotspot_id)
        if alerts:
            card.alerted_at, card.alerts = alerts[-1].emitted_at, len(alerts)
        card.seen = list(self._seen.get(hotspot_id, {}).values())
        judged = self._feedback.get(hotspot_id)
        if judged:
            card.verdict = judged[-1].verdict
        _keep(self._cards, hotspot_id, card)
        self.events.tell(msgspec.json.encode(card))

    def _tell_watch(self, name: str, listed: Listed | None) -> None:
        self.events.tell(msgspec.json.encode({"name": name, "listed": listed}), "watch")

    def cards(self) -> list[Card]:
        """Return all hotspots, the latest touched last."""
        return list(self._cards.values())

    def told(self) -> list[Told]:
        """Return the alerts that are kept, each with its brief if that is still the hotspot's newest."""
        return [
            Told(alert, brief if brief is not None and brief.emitted_at == alert.emitted_at else None)
            for hotspot_id, alerts in self._alerts.items()
            for brief in (self._briefs.get(hotspot_id),)
            for alert in alerts
        ]

    def detail(self, hotspot_id: str) -> Detail | None:
        """Return all that is known of a hotspot, or of the one that took it in; None for an unknown one."""
        for _ in range(ABSORBED):
            if hotspot_id in self._cards or hotspot_id not in self._into:
                break
            hotspot_id = self._into[hotspot_id]
        card = self._cards.get(hotspot_id)
        if card is None:
            return None
        absorbed = [self._absorbed[name] for name in card.hotspot.merged if name in self._absorbed]
        alerts = list(self._alerts.get(hotspot_id, ()))
        feedback = list(self._feedback.get(card.hotspot.hotspot_id, ()))
        return Detail(card, list(self._moments.get(hotspot_id, ())), alerts, absorbed, feedback)

    @contextmanager
    def following(self, after: tuple[str, int] | None) -> Iterator[asyncio.Queue[Event | None]]:
        """Yield a queue of events; None ends it. See `Events.following`.

        A page that must begin anew is sent an event `begin` that says how many follow, every card, and every watchlist.

        Raises:
            TooManyClients: no further page can follow.
        """
        with self.events.following(after, self._whole) as queue:
            yield queue

    def _whole(self) -> list[Event]:
        watches = self.watches.all()
        counts = {"cards": len(self._cards), "watches": len(watches)}
        return [
            Event(0, msgspec.json.encode(counts), "begin"),
            *(Event(0, msgspec.json.encode(card)) for card in self._cards.values()),
            *(Event(0, msgspec.json.encode({"name": one.watchlist.name, "listed": one}), "watch") for one in watches),
        ]


def _keep(held: "OrderedDict[str, V]", key: str, value: V, limit: int = HOTSPOTS) -> None:
    held[key] = value
    held.move_to_end(key)
    while len(held) > limit:
        held.popitem(last=False)
