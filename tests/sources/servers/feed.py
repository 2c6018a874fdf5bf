"""A server of one RSS feed, with validators: who has the newest form gets a 304."""

import time
from email.utils import formatdate

from aiohttp import web

from agents.adapters.sources.feeds import Feed
from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Source
from tests.sources.platform import Platform, WaitingClock

ENTRIES = 60


class FeedServer(Platform):
    """The feed and how often it was asked for."""

    spoiled = "missing_field"

    def routes(self, app: web.Application) -> None:
        self.items: list[str] = []
        self.not_modified = 0
        self.document: bytes | None = None
        self.headers: dict[str, str] = {}
        app.router.add_get("/feed.xml", self._feed)

    def ready(self) -> bool:
        return self.requests > 0

    def source(self, clock: WaitingClock) -> Source:
        return Feed(f"http://127.0.0.1:{self.port}/feed.xml", clock=clock, web=Web())

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        date = formatdate(time.time() if created_ms is None else created_ms / 1000)
        self.items.append(
            f"<item><guid>urn:post:{number}</guid><title>post {number} &amp; more</title><author>ann</author>"
            f"<link>https://news.example/{number}</link><pubDate>{date}</pubDate></item>"
        )
        return f"urn:post:{number}"

    async def spoil(self) -> None:
        self.items.append("<item><pubDate>Sun, 01 Mar 2026 00:00:00 GMT</pubDate></item>")

    async def _feed(self, request: web.Request) -> web.Response:
        tag = f'"{len(self.items)}"'
        if request.headers.get("If-None-Match") == tag and self.document is None:
            self.not_modified += 1
            return web.Response(status=304)
        newest = "".join(self.items[-ENTRIES:][::-1])
        document = f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{newest}</channel></rss>'
        body = document.encode() if self.document is None else self.document
        headers = {"Content-Type": "application/rss+xml", "ETag": tag, **self.headers}
        return web.Response(body=body, headers=headers)
