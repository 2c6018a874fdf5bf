"""Facebook: what happens on a page, as Meta's webhooks tell it: signed, posts and comments, also removed ones.

Terms, permissions and what was tested: docs/sources/facebook.md.
"""

import hashlib
import hmac
from collections.abc import AsyncGenerator
from typing import Final

import msgspec
from aiohttp import web

from agents.adapters.sources.clock import Clock
from agents.adapters.sources.door import Door
from agents.adapters.sources.source import Batch, Malformed
from streams.contracts.posts import Post
from streams.contracts.sources import Deletion
from streams.contracts.times import format_time

PLATFORM: Final = "facebook"
WRITTEN: Final = frozenset({"status", "post", "photo", "video", "share", "comment", "link", "note"})


class _From(msgspec.Struct):
    id: str


class _Value(msgspec.Struct):
    item: str = ""
    verb: str = ""
    post_id: str | None = None
    comment_id: str | None = None
    parent_id: str | None = None
    message: str | None = None
    created_time: int = 0
    sender: _From | None = msgspec.field(default=None, name="from")
    permalink_url: str | None = None


class _Change(msgspec.Struct):
    field: str
    value: msgspec.Raw


class _Entry(msgspec.Struct):
    id: str
    time: int
    changes: list[_Change] = []


class _Body(msgspec.Struct):
    object: str
    entry: list[_Entry]


class Facebook:
    """Webhooks of pages.

    Args:
        app_secret: of the application; signs every call.
        verify_token: chosen by the operator; asked for when the webhook is registered.
        clock: for times of removals.
        host: address to listen on; Meta needs HTTPS before it.
        port: 0 for any that is free.
    """

    live = True

    def __init__(self, app_secret: str, verify_token: str, *, clock: Clock, host: str, port: int) -> None:
        self.name = "facebook:pages"
        self._secret = app_secret.encode()
        self._verify_token = verify_token.encode()
        self._clock = clock
        self.door = Door(host, port, "/facebook")

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:  # noqa: ARG002 - Meta keeps the place
        """Serve /facebook."""
        async for batch in self.door.batches(self._take, self._verify):
            yield batch

    async def _verify(self, request: web.Request) -> web.Response:
        query = request.query
        given = query.get("hub.verify_token", "").encode("utf-8", "replace")
        if query.get("hub.mode") == "subscribe" and hmac.compare_digest(given, self._verify_token):
            return web.Response(text=query.get("hub.challenge", ""), content_type="text/plain")
        return web.Response(status=403)

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        expected = "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        given = request.headers.get("X-Hub-Signature-256", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, expected.encode()):
            return web.Response(status=401)
        batch = self._read(body)
        if not (batch.posts or batch.deleted or batch.malformed):
            return web.Response()
        return web.Response(status=200 if await self.door.deliver(batch) else 503)

    def _read(self, body: bytes) -> Batch:
        try:
            told = msgspec.json.decode(body, type=_Body)
        except (ValueError, RecursionError) as error:
            return Batch(malformed=(Malformed(body, "not_json", " ".join(str(error).split())),))
        posts: list[Post] = []
        deleted: list[Deletion] = []
        malformed: list[Malformed] = []
        for entry in told.entry if told.object == "page" else []:
            for change in entry.changes:
                if change.field != "feed":
                    continue
                try:
                    self._change(msgspec.json.decode(change.value, type=_Value), posts, deleted)
                except (ValueError, RecursionError) as error:
                    malformed.append(Malformed(bytes(change.value), "wrong_type", str(error)))
        return Batch(posts=posts, deleted=deleted, malformed=malformed)

    def _change(self, value: _Value, posts: list[Post], deleted: list[Deletion]) -> None:
        what = value.comment_id if value.item == "comment" else value.post_id
        if value.item not in WRITTEN or not what:
            return
        if value.verb == "remove":
            now = format_time(self._clock.now_ms())
            deleted.append(Deletion(platform=PLATFORM, id=what, deleted_at=now, source=self.name))
        elif value.verb == "add" and value.message and value.sender is not None:
            posts.append(
                Post(
                    id=what,
                    platform=PLATFORM,
                    author=value.sender.id,
                    created_at=format_time(value.created_time * 1000),
                    text=value.message,
                    reply_to=value.parent_id if value.item == "comment" else None,
                    url=value.permalink_url,
                )
            )
