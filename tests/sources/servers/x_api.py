"""X's API v2: rules, the filtered stream with its heartbeats, the recent search, for who has the bearer token."""

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Source
from agents.adapters.sources.x import X
from streams.contracts.times import format_time
from tests.sources.platform import SECRET, Platform, WaitingClock


class XApi(Platform):
    """Posts in the order of their ids."""

    def routes(self, app: web.Application) -> None:
        self.rules: list[dict[str, str]] = [{"id": "1", "value": "cats", "tag": "somebody else's"}]
        self.lines: list[bytes] = []
        self.posts: list[dict[str, Any]] = []
        self.more = asyncio.Condition()
        self.readers = 0
        self.cap = 1_000_000
        app.router.add_get("/2/tweets/search/stream/rules", self._rules)
        app.router.add_post("/2/tweets/search/stream/rules", self._change)
        app.router.add_get("/2/tweets/search/stream", self._stream)
        app.router.add_get("/2/tweets/search/recent", self._recent)

    def ready(self) -> bool:
        return self.readers > 0

    def source(self, clock: WaitingClock) -> Source:
        source = X(
            SECRET, ["flood lang:en"], cap=self.cap, clock=clock, web=Web(), endpoint=f"http://127.0.0.1:{self.port}"
        )
        source.name = f"x:test-{self.port}"
        return source

    def post(self, number: int, created_ms: int | None = None, **changed: Any) -> dict[str, Any]:
        created = time.time_ns() // 1_000_000 if created_ms is None else created_ms
        return {
            "id": str(19 * 10**17 + number), "text": f"post {number} flood", "author_id": "7", "lang": "en",
            "created_at": format_time(created), **changed,
        }  # fmt: skip

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        post = self.post(number, created_ms)
        await self.append(post)
        return str(post["id"])

    async def append(self, post: dict[str, Any], includes: dict[str, Any] | None = None) -> None:
        line = {"data": post, "includes": includes or {}, "matching_rules": [{"id": "2", "tag": "redian"}]}
        async with self.more:
            self.posts.append(post)
            self.lines.append(b"\r\n" + json.dumps(line).encode() + b"\r\n")
            self.more.notify_all()

    async def spoil(self) -> None:
        await self.append(self.post(999, text=["no", "text"]))

    def _refused(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {SECRET}":
            return None
        return web.json_response({"title": "Unauthorized", "status": 401}, status=401)

    async def _rules(self, request: web.Request) -> web.Response:
        return self._refused(request) or web.json_response({"data": self.rules, "meta": {}})

    async def _change(self, request: web.Request) -> web.Response:
        change = await request.json()
        if any(rule["value"].startswith("(") for rule in change.get("add", [])):
            return web.json_response({"errors": [{"title": "Invalid Rule", "value": "("}]}, status=400)
        gone = change.get("delete", {}).get("ids", [])
        self.rules = [rule for rule in self.rules if rule["id"] not in gone]
        self.rules += [{"id": str(len(self.rules) + 10 + n), **rule} for n, rule in enumerate(change.get("add", []))]
        return web.json_response({"meta": {}}, status=201 if "add" in change else 200)

    async def _recent(self, request: web.Request) -> web.Response:
        since, size = int(request.query["since_id"]), int(request.query["max_results"])
        newest = sorted((p for p in self.posts if int(p["id"]) > since), key=lambda p: -int(p["id"]))
        start = int(request.query.get("next_token", "0"))
        meta = {"next_token": str(start + size)} if start + size < len(newest) else {}
        return web.json_response({"data": newest[start : start + size], "meta": meta})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if (refused := self._refused(request)) is not None:
            return refused
        response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
        await response.prepare(request)
        place = len(self.lines)
        self.readers += 1
        await response.write(b"\r\n")
        while True:
            async with self.more:
                while place >= len(self.lines):
                    await self.more.wait()
            while place < len(self.lines):
                try:
                    await response.write(self.lines[place])
                except ConnectionError:
                    return response
                place += 1
