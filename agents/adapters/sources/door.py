"""What platforms call: an HTTP server of its own, which answers yes only when the posts are acknowledged by Kafka.

A caller that gets no yes sends again, and what came through already is left out: nothing is lost between the two.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

import msgspec
from aiohttp import web

from agents.adapters.sources.source import Batch
from agents.errors import PortInUse

BODY_BYTES: Final = 1024 * 1024
WAITING: Final = 256
ACKNOWLEDGED_S: Final = 20.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """The server of one source.

    Args:
        host: address to listen on.
        port: 0 for any that is free.
        path: the one path that is served.
    """

    def __init__(self, host: str, port: int, path: str) -> None:
        self._host = host
        self.port = port
        self.path = path
        self._queue: asyncio.Queue[Batch | BaseException] = asyncio.Queue(WAITING)

    async def batches(self, post: Handler, get: Handler | None = None) -> AsyncGenerator[Batch]:
        """Serve and yield what `deliver` is given, until closed.

        Raises:
            PortInUse: something else listens there.
            BaseException: what `fail` was given.
        """
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_post(self.path, post)
        if get is not None:
            app.router.add_get(self.path, get, allow_head=False)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, self._host, self.port).start()
            except OSError as error:
                raise PortInUse(f"nothing can be served at {self._host}:{self.port} ({error.strerror})") from None
            self.port = runner.addresses[0][1]
            while True:
                found = await self._queue.get()
                if isinstance(found, BaseException):
                    raise found
                yield found
        finally:
            await runner.cleanup()

    async def fail(self, error: BaseException) -> None:
        """Have `batches` raise an error: something that serves beside it cannot go on."""
        await self._queue.put(error)

    async def deliver(self, batch: Batch) -> bool:
        """Hand a batch on; return whether it was acknowledged in time."""
        written = asyncio.Event()
        try:
            async with asyncio.timeout(ACKNOWLEDGED_S):
                # The cursor has nothing to say; it marks how far the log holds what came through this door.
                await self._queue.put(msgspec.structs.replace(batch, cursor="", done=written.set))
                await written.wait()
        except TimeoutError:
            return False
        return True
