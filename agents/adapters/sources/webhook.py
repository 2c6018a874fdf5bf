"""Webhook in: whoever has the secret sends records, signed by the Standard Webhooks specification.

The signature is HMAC-SHA256 over `id.timestamp.body`; a timestamp more than five minutes off is refused, and within
these an id counts once, so a recorded request cannot be replayed.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import AsyncGenerator
from collections.abc import Mapping as Headers
from typing import Final

import msgspec
from aiohttp import web

from agents.adapters.sources.clock import Clock
from agents.adapters.sources.door import Door
from agents.adapters.sources.mapped import batch_of
from agents.adapters.sources.source import Batch, Malformed, Refused
from streams.mapping import Mapping

WINDOW_S: Final = 300
FORGET_MS: Final = 2 * WINDOW_S * 1000
"""An id is refused by its timestamp long before it is forgotten."""

_PREFIX: Final = "whsec_"


class BadSignature(Exception):
    """A request that did not come from who has the secret, or not now."""


def key_of(secret: str) -> bytes:
    """Return the key in a secret as the specification writes it: whsec_ and base64.

    Raises:
        Refused: it is none, or shorter than 24 bytes.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < 24:
        raise Refused("a webhook's secret is whsec_ and at least 24 bytes in base64")
    return key


def verify(key: bytes, headers: Headers[str, str], body: bytes, now_ms: int) -> str:
    """Return the id of a request whose signature and time are right.

    Raises:
        BadSignature: they are not.
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > 12:
        raise BadSignature("webhook-id or webhook-timestamp is missing")
    if abs(int(timestamp) - now_ms / 1000) > WINDOW_S:
        raise BadSignature("the timestamp is more than five minutes off")
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    for signature in headers.get("webhook-signature", "").split():
        version, _, given = signature.partition(",")
        if version == "v1" and hmac.compare_digest(expected, given.encode("utf-8", "replace")):
            return message_id
    raise BadSignature("no signature matches")


class Webhook:
    """Records that others send.

    Args:
        name: of who sends.
        secret: shared with them.
        clock: for the window.
        host: address to listen on.
        port: 0 for any that is free.
        mapping: from a record to a post; None if records are posts.
    """

    live = True

    def __init__(
        self, name: str, secret: str, *, clock: Clock, host: str, port: int, mapping: Mapping | None = None
    ) -> None:
        self.name = f"webhook:{name}"
        self._key = key_of(secret)
        self._clock = clock
        self._mapping = mapping
        self.door = Door(host, port, "/")
        self._seen: dict[str, int] = {}
        self._pruned_ms = 0

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:  # noqa: ARG002 - who sends keeps the place
        """Serve POST /."""
        async for batch in self.door.batches(self._take):
            yield batch

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        now_ms = self._clock.now_ms()
        try:
            message_id = verify(self._key, request.headers, body, now_ms)
        except BadSignature as error:
            return web.json_response({"error": str(error)}, status=401)
        if now_ms - self._pruned_ms > FORGET_MS:
            self._seen = {known: at for known, at in self._seen.items() if now_ms - at <= FORGET_MS}
            self._pruned_ms = now_ms
        if message_id in self._seen:
            return web.Response(status=204)
        try:
            record = msgspec.json.decode(body)
            if not isinstance(record, dict | list):
                raise ValueError("a record is an object or a list of them")
            batch = batch_of(self._mapping, [record], None)
        except (ValueError, RecursionError) as error:
            batch = Batch(malformed=(Malformed(body, "not_json", " ".join(str(error).split())),))
        if not await self.door.deliver(batch):
            return web.Response(status=503, headers={"Retry-After": "5"})
        self._seen[message_id] = now_ms
        return web.Response(status=204)
