"""Alertmanager as a subscriber: each hotspot is one alert of its API (v2), named by the hotspot.

Labels are Redian's own words; what posts say stands in annotations alone.
"""

import msgspec

from agents.subscribers.channel import Sent
from agents.subscribers.http import Poster
from streams.contracts.subscriptions import Subscriber
from streams.contracts.times import format_time
from streams.contracts.watchlists import WatchAlert
from streams.subscriptions.message import Message, Told, headline_of, message_of, text_of, title_of, turn_of

FIRING_MS = 3 * 3_600_000
"""How long an alert fires unless the hotspot is told again: as long as a quiet story lives."""


class AlertmanagerChannel:
    """Posts alerts to `/api/v2/alerts` under the subscriber's address."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def send(self, subscriber: Subscriber, message: Message, now_ms: int) -> Sent:
        """Try once."""
        alerts = [_alert(told, now_ms) for told in message.told] + [_mood(turned, now_ms) for turned in message.moods]
        alerts = alerts or [_test(message, now_ms)]
        address = subscriber.address.rstrip("/") + "/api/v2/alerts"
        return await self._poster.post(address, msgspec.json.encode(alerts), {}, now_ms)

    async def close(self) -> None:
        """Close connections."""
        await self._poster.close()


def _alert(told: Told, now_ms: int) -> dict[str, object]:
    return {
        "labels": {
            "alertname": "RedianHotspot",
            "hotspot": told.alert.hotspot_id,
            "simulated": str(told.alert.simulated).lower(),
        },
        "annotations": {
            "summary": headline_of(told),
            "stage": told.alert.stage,
            "description": text_of(message_of("", [told])),
        },
        "startsAt": format_time(now_ms),
        "endsAt": format_time(now_ms + FIRING_MS),
    }


def _mood(turned: WatchAlert, now_ms: int) -> dict[str, object]:
    return {
        "labels": {"alertname": "RedianMood", "watchlist": turned.name},
        "annotations": {"summary": turn_of(turned), "description": text_of(message_of("", [turned]))},
        "startsAt": format_time(now_ms),
        "endsAt": format_time(now_ms + FIRING_MS),
    }


def _test(message: Message, now_ms: int) -> dict[str, object]:
    return {
        "labels": {"alertname": "RedianTest"},
        "annotations": {"summary": title_of(message), "description": text_of(message)},
        "startsAt": format_time(now_ms),
        "endsAt": format_time(now_ms + 60_000),
    }
