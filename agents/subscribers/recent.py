"""The alerts of late with their briefs: what messages are made of, and what tells a repeated alert from a new one.

Bounded; an alert that has left is no longer told, and the delivery log says so.
"""

from collections import OrderedDict
from typing import Final

from streams.contracts.outputs import Alert, Brief
from streams.subscriptions.message import Told

KEPT: Final = 2000


class Recent:
    """Alerts by their offset, briefs by what they are about."""

    def __init__(self) -> None:
        self._alerts: OrderedDict[int, Alert] = OrderedDict()
        self._first: OrderedDict[str, int] = OrderedDict()
        self._briefs: OrderedDict[tuple[str, str], Brief] = OrderedDict()

    def alert(self, offset: int, alert: Alert) -> bool:
        """Take an alert in; False for one that stood at an earlier offset already."""
        if self._first.setdefault(alert.alert_id, offset) != offset:
            return False
        self._alerts[offset] = alert
        _trim(self._alerts)
        _trim(self._first)
        return True

    def brief(self, brief: Brief) -> None:
        """Take a brief in."""
        self._briefs[brief.hotspot_id, brief.emitted_at] = brief
        _trim(self._briefs)

    def has_brief(self, alert: Alert) -> bool:
        """Say whether the brief of an alert is there."""
        return (alert.hotspot_id, alert.emitted_at) in self._briefs

    def told(self, offset: int) -> Told | None:
        """Return an alert with its brief, None where it has left."""
        alert = self._alerts.get(offset)
        return None if alert is None else Told(alert, self._briefs.get((alert.hotspot_id, alert.emitted_at)))


def _trim(held: "OrderedDict[int, Alert] | OrderedDict[str, int] | OrderedDict[tuple[str, str], Brief]") -> None:
    while len(held) > KEPT:
        held.popitem(last=False)
