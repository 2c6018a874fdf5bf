"""Weibo's open API: a home timeline by pages, newest first, behind `since_id`, for who has the token."""

import time
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Source
from agents.adapters.sources.weibo import DATE, Weibo
from tests.sources.platform import SECRET, Platform, WaitingClock


class WeiboApi(Platform):
    """Statuses in the order of their ids."""

    def routes(self, app: web.Application) -> None:
        self.statuses: list[dict[str, Any]] = []
        self.errors: list[tuple[int, int]] = []
        app.router.add_get("/2/statuses/home_timeline.json", self._timeline)

    def ready(self) -> bool:
        return self.requests > 0

    def source(self, clock: WaitingClock) -> Source:
        return Weibo(SECRET, clock=clock, web=Web(), endpoint=f"http://127.0.0.1:{self.port}")

    def status(self, number: int, created_ms: int | None = None, **changed: Any) -> dict[str, Any]:
        moment = datetime.fromtimestamp(time.time() if created_ms is None else created_ms / 1000, UTC)
        number_there = str(5_000_000_000_000_000 + number)
        return {
            "id": int(number_there), "idstr": number_there, "mid": number_there, "created_at": moment.strftime(DATE),
            "text": f"post {number} 暴雨", "region_name": "发布于 北京",
            "user": {"id": 1, "idstr": "1", "followers_count": 3, "created_at": "Fri Aug 28 08:00:00 +0800 2009"},
            **changed,
        }  # fmt: skip

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        status = self.status(number, created_ms)
        self.statuses.append(status)
        return str(status["idstr"])

    async def spoil(self) -> None:
        self.statuses.append(self.status(999, text={"no": "text"}))

    async def _timeline(self, request: web.Request) -> web.Response:
        if request.query.get("access_token") != SECRET:
            return web.json_response({"error": "invalid_access_token", "error_code": 21332}, status=403)
        if self.errors:
            status, code = self.errors.pop(0)
            return web.json_response({"error": "no", "error_code": code, "request": "/2/x"}, status=status)
        since, page, count = (int(request.query[name]) for name in ("since_id", "page", "count"))
        newest = sorted((s for s in self.statuses if int(s["idstr"]) > since), key=lambda s: -int(s["idstr"]))
        return web.json_response({"statuses": newest[(page - 1) * count : page * count], "total_number": len(newest)})
