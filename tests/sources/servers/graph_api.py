"""Facebook's Graph API: feeds of pages, newest first, by answers that name the next; codes of errors in the body."""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from agents.adapters.sources.facebook_pages import FacebookPages
from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Source
from tests.sources.platform import SECRET, Platform, WaitingClock

APP_SECRET = "app-s3cret-of-these-tests"
PAGE = "1234"


class GraphApi(Platform):
    """Posts of one page in the order in which they were written."""

    def routes(self, app: web.Application) -> None:
        self.items: list[dict[str, Any]] = []
        self.errors: list[tuple[int, dict[str, Any], dict[str, str]]] = []
        app.router.add_get("/v23.0/{page}/feed", self._feed)

    def ready(self) -> bool:
        return self.requests > 0

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/v23.0"

    def source(self, clock: WaitingClock) -> Source:
        return FacebookPages([PAGE], SECRET, clock=clock, web=Web(), app_secret=APP_SECRET, endpoint=self.endpoint)

    def item(self, number: int, created_ms: int | None = None, **changed: Any) -> dict[str, Any]:
        moment = datetime.fromtimestamp(int(time.time() if created_ms is None else created_ms / 1000), UTC)
        return {
            "id": f"{PAGE}_{number}", "created_time": moment.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "message": f"post {number} of the page", "from": {"name": "Somebody", "id": f"7{number}"},
            "permalink_url": f"https://www.facebook.com/{PAGE}/posts/{number}", **changed,
        }  # fmt: skip

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        item = self.item(number, created_ms)
        self.items.append(item)
        return str(item["id"])

    async def spoil(self) -> None:
        self.items.append(self.item(999, message={"no": "text"}))

    async def _feed(self, request: web.Request) -> web.Response:
        query = request.query
        proof = hmac.new(APP_SECRET.encode(), SECRET.encode(), hashlib.sha256).hexdigest()
        if query.get("access_token") != SECRET or query.get("appsecret_proof") != proof:
            return _error(400, {"code": 190, "type": "OAuthException", "message": f"no {query.get('access_token')}"})
        if request.match_info["page"] != PAGE:
            return _error(400, {"code": 100, "error_subcode": 33, "type": "GraphMethodException"})
        if self.errors:
            status, error, headers = self.errors.pop(0)
            return _error(status, error, headers)
        since = int(query.get("since", 0))
        newest = [item for item in reversed(self.items) if _second(item) >= since]
        begin, limit = int(query.get("after", 0)), int(query["limit"])
        told: dict[str, Any] = {"data": newest[begin : begin + limit]}
        if told["data"]:
            told["paging"] = {"cursors": {"after": str(begin + limit)}}
        if begin + limit < len(newest):
            # The address of the next answer has the token in it, as Facebook's has.
            following = urlencode({**query, "after": begin + limit})
            told["paging"]["next"] = f"http://elsewhere.example/v23.0/{PAGE}/feed?{following}"
        return web.json_response(told, content_type="text/javascript")


def _second(item: dict[str, Any]) -> int:
    return int(datetime.strptime(item["created_time"], "%Y-%m-%dT%H:%M:%S%z").timestamp())


def _error(status: int, error: dict[str, Any], headers: dict[str, str] | None = None) -> web.Response:
    told = {"error": {"message": "(#1) no", "fbtrace_id": "A1", **error}}
    return web.json_response(told, status=status, headers=headers)
