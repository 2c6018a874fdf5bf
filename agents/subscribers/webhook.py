"""Webhooks by the Standard Webhooks specification (standardwebhooks.com): id, timestamp and signature in headers.

Each secret that still holds signs, so that a receiver may change over while both do.
"""

import base64
import secrets
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

from agents.subscribers.channel import Sent
from agents.subscribers.http import Poster
from streams.contracts.subscriptions import Secret, Subscriber
from streams.contracts.times import format_time
from streams.subscriptions.message import Message, body_of

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
OVERLAP_MS: Final = 24 * 3_600_000
"""How long the secret before still signs after a rotation."""


def new_secret() -> str:
    """Return a fresh secret, in the form that libraries for receivers take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def rotated(held: tuple[Secret, ...], now_ms: int) -> tuple[Secret, ...]:
    """Return a fresh secret, then those that still sign for a day."""
    until = now_ms + OVERLAP_MS
    kept = tuple(
        Secret(secret.key, until) if not secret.until_ms else secret
        for secret in held
        if not secret.until_ms or secret.until_ms > now_ms
    )
    return (Secret(new_secret()), *kept)


class WebhookChannel:
    """Posts each message to the subscriber's address."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def send(self, subscriber: Subscriber, message: Message, now_ms: int) -> Sent:
        """Try once."""
        moment = datetime.fromtimestamp(now_ms // 1000, UTC)
        body = body_of(message, format_time(now_ms))
        signatures = [
            Webhook(secret.key).sign(message.id, moment, body.decode())
            for secret in subscriber.secrets
            if not secret.until_ms or secret.until_ms > now_ms
        ]
        headers = {
            "webhook-id": message.id,
            "webhook-timestamp": str(now_ms // 1000),
            "webhook-signature": " ".join(signatures),
        }
        return await self._poster.post(subscriber.address, body, headers, now_ms)

    async def close(self) -> None:
        """Close connections."""
        await self._poster.close()
