"""What the contract suite needs of a platform: a local server that speaks its protocol, with the faults of a test."""

import asyncio
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from aiohttp import web

from agents.adapters.sources.source import Source

SECRET = "s3cret-that-only-these-tests-use-0123456789"


class WaitingClock:
    """A clock on which waiting takes no time; what was waited is kept."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self.waits: list[float] = []

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + int(self._ahead_s * 1000)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._ahead_s += seconds
        await asyncio.sleep(0.005)


@dataclass
class Answer:
    """What the server gives instead of what it should."""

    status: int = 200
    retry_after: str | None = None
    html: bool = False

    def response(self) -> web.Response:
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        if self.html:
            return web.Response(text="<html><body>Please log in</body></html>", content_type="text/html")
        return web.Response(status=self.status, headers=headers, text="no")


class Platform(ABC):
    """One platform. Subclasses say how its posts look and how they are served."""

    pushes = False
    """Whether the platform calls us: then limits and waiting are its own affair."""

    listen_on = 0
    """Port, 0 for any that is free."""

    spoiled = "wrong_type"
    """Why what `spoil` brings is no post."""

    _used: ClassVar[set[int]] = set()
    """Ports of earlier platforms: sources are named by them, and one broker keeps what they wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Answer] = []
        self.requests = 0
        self.drop_after: int | None = None
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application(middlewares=[self._faulty])
        self.routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        while True:
            site = web.TCPSite(self._runner, "127.0.0.1", self.listen_on)
            await site.start()
            self.port = self._runner.addresses[0][1]
            if self.listen_on or self.port not in self._used:
                break
            await site.stop()
        self._used.add(self.port)

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _faulty(self, request: web.Request, handler: object) -> web.StreamResponse:
        self.requests += 1
        if self.faults:
            return self.faults.pop(0).response()
        return await handler(request)  # type: ignore[operator, no-any-return]

    def ready(self) -> bool:
        """Whether a source that starts now would miss nothing that is published from now on."""
        return True

    @abstractmethod
    def routes(self, app: web.Application) -> None:
        """Add what the platform serves."""

    @abstractmethod
    def source(self, clock: WaitingClock) -> Source:
        """Return the source that reads it."""

    @abstractmethod
    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        """Let post `number` be written there; return the id it has in Redian. Twice the same number: the same post."""

    @abstractmethod
    async def spoil(self) -> None:
        """Let something come that is no post: a field of another type."""
