"""What came of late that messages are made of, and what decides about them: watchlists, judgements.

Alerts have their briefs, turns of moods have none. A repeated alert is told from a new one.

Bounded; an alert that has left is no longer told, and the delivery log says so.
"""

import logging
from collections import OrderedDict
from typing import Any, Final

import msgspec

from agents.adapters.watchlist_log import take_record
from streams.contracts.decoding import Decoder, json_decoder
from streams.contracts.envelopes import Headers
from streams.contracts.feedback import VERDICTS, Feedback
from streams.contracts.outputs import Alert, Brief
from streams.contracts.subscriptions import Waiting
from streams.contracts.topics import ALERTS, BRIEFS, FEEDBACK, WATCH_ALERTS, WATCHLISTS
from streams.contracts.watchlists import WatchAlert
from streams.subscriptions.message import Told
from streams.watching.book import Book
from streams.watching.query import asked

log = logging.getLogger(__name__)

KEPT: Final = 2000
_DECODERS: Final[dict[str, Decoder[Any]]] = {
    ALERTS.name: json_decoder(Alert),
    BRIEFS.name: json_decoder(Brief),
    FEEDBACK.name: json_decoder(Feedback),
    WATCH_ALERTS.name: json_decoder(WatchAlert),
}


class Recent:
    """Alerts by where they stand, briefs by what they are about, the hotspots that were judged."""

    def __init__(self) -> None:
        self._alerts: OrderedDict[tuple[bool, int], Alert | WatchAlert] = OrderedDict()
        self._headers: OrderedDict[tuple[bool, int], Headers] = OrderedDict()
        self._first: OrderedDict[tuple[bool, str], int] = OrderedDict()
        self._briefs: OrderedDict[tuple[str, str], Brief] = OrderedDict()
        self.judged: OrderedDict[str, None] = OrderedDict()
        self._book = Book()

    def take(self, record: Any) -> Alert | WatchAlert | Feedback | None:
        """Take a record in; returns what is new in it and may concern a queue."""
        if record.topic == WATCHLISTS.name:
            take_record(self._book, record)
            return None
        try:
            came = None if record.value is None else _DECODERS[record.topic].decode(record.value)
        except msgspec.MsgspecError as error:
            log.warning("%s at %d is told to no one: %s", record.topic, record.offset, error)
            return None
        if isinstance(came, Brief):
            _keep(self._briefs, (came.hotspot_id, came.emitted_at), came)
        elif isinstance(came, Feedback) and came.verdict in VERDICTS:
            _keep(self.judged, came.hotspot_id, None)
            return came
        elif isinstance(came, Alert | WatchAlert) and self._is_new(record, came):
            return came
        return None

    def _is_new(self, record: Any, alert: Alert | WatchAlert) -> bool:
        mood = isinstance(alert, WatchAlert)
        if self._first.get((mood, alert.alert_id), record.offset) != record.offset:
            return False
        _keep(self._first, (mood, alert.alert_id), record.offset)
        _keep(self._alerts, (mood, record.offset), alert)
        _keep(self._headers, (mood, record.offset), record.headers)
        return True

    def has_brief(self, alert: Alert) -> bool:
        """Say whether the brief of an alert is there."""
        return (alert.hotspot_id, alert.emitted_at) in self._briefs

    def watchlists_of(self, alert: Alert) -> set[str]:
        """Return the watchlists that an alert's story is for, by its terms."""
        return {watched.watchlist.name for watched in self._book.named_by(asked(alert.terms))}

    def headers(self, entry: Waiting) -> Headers:
        """Return the headers of an alert's message, by which its trace goes on."""
        return list(self._headers.get((entry.mood, entry.offset), ()))

    def told(self, entry: Waiting) -> Told | WatchAlert | None:
        """Return an alert with its brief, or a turn of a mood; None where it has left."""
        alert = self._alerts.get((entry.mood, entry.offset))
        if isinstance(alert, Alert):
            return Told(alert, self._briefs.get((alert.hotspot_id, alert.emitted_at)))
        return alert


def _keep(held: "OrderedDict[Any, Any]", key: object, value: object) -> None:
    held[key] = value
    while len(held) > KEPT:
        held.popitem(last=False)
