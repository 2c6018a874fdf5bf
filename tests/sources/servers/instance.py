"""A Mastodon instance: its public timeline by pages and its stream as server-sent events, for who has the token."""

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from agents.adapters.sources.fetching import Web
from agents.adapters.sources.mastodon import Mastodon
from agents.adapters.sources.source import Source
from streams.contracts.times import format_time
from tests.sources.platform import SECRET, Platform, WaitingClock


class Instance(Platform):
    """Statuses in the order of their ids."""

    domain = "example.social"
    """Under which its statuses are known everywhere."""

    def routes(self, app: web.Application) -> None:
        self.statuses: list[dict[str, Any]] = []
        self.events: list[bytes] = []
        self.more = asyncio.Condition()
        self.readers = 0
        self.same_page_for_ever = False
        app.router.add_get("/api/v1/streaming/public", self._stream)
        app.router.add_get("/api/v1/timelines/public", self._timeline)

    def ready(self) -> bool:
        return self.readers > 0

    def source(self, clock: WaitingClock) -> Source:
        return Mastodon(f"http://127.0.0.1:{self.port}", clock=clock, token=SECRET, web=Web())

    def status(self, number: int, created_ms: int | None = None, **changed: Any) -> dict[str, Any]:
        created = time.time_ns() // 1_000_000 if created_ms is None else created_ms
        uri = f"https://{self.domain}/users/ann/statuses/{number}"
        return {
            "id": str(10**17 + len(self.statuses)), "uri": uri, "url": uri, "created_at": format_time(created),
            "content": f"<p>post {number} <a href='https://x/tags/turin'>#<span>Turin</span></a></p>",
            "visibility": "public", "language": "en", "reblog": None, "in_reply_to_id": None, "media_attachments": [],
            "account": {"id": "1", "acct": "ann", "url": "https://example.social/@ann",
                        "uri": "https://example.social/users/ann", "followers_count": 7, "noindex": False,
                        "created_at": "2022-11-05T00:00:00.000Z"},
            **changed,
        }  # fmt: skip

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        status = self.status(number, created_ms)
        await self.append(status)
        return str(status["uri"])

    async def spoil(self) -> None:
        await self.append(self.status(0, content={"not": "text"}))

    async def append(self, status: dict[str, Any]) -> None:
        async with self.more:
            self.statuses.append(status)
            self.events.append(b"event: update\ndata: " + json.dumps(status).encode() + b"\n\n")
            self.more.notify_all()

    async def tell(self, event: bytes) -> None:
        async with self.more:
            self.events.append(event)
            self.more.notify_all()

    def _refused(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") != f"Bearer {SECRET}"

    async def _timeline(self, request: web.Request) -> web.Response:
        if self._refused(request):
            return web.json_response({"error": "This method requires an authenticated user"}, status=401)
        limit, least = int(request.query["limit"]), int(request.query.get("min_id", "0"))
        if "min_id" not in request.query:
            return web.json_response(self.statuses[-limit:][::-1])
        if self.same_page_for_ever:
            return web.json_response(self.statuses[:limit][::-1])
        # min_id: the page right behind it, the newest first.
        page = [status for status in self.statuses if int(status["id"]) > least][:limit]
        return web.json_response(page[::-1])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self._refused(request):
            return web.json_response({"error": "The access token is invalid"}, status=401)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b":)\n")
        place, sent = len(self.events), 0
        self.readers += 1
        while True:
            async with self.more:
                while place >= len(self.events):
                    await self.more.wait()
            while place < len(self.events):
                if self.drop_after is not None and sent >= self.drop_after:
                    self.drop_after = None
                    await response.write(self.events[place][:40])
                    assert request.transport is not None
                    request.transport.close()
                    return response
                try:
                    await response.write(self.events[place])
                except ConnectionError:
                    return response
                place += 1
                sent += 1
