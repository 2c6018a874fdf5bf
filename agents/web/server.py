"""The web server of a worker: `/` the live page, `/events` what it follows, `/livez`, `/readyz`, `/metrics`."""

import asyncio
import socket
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from agents.errors import PortInUse
from agents.web.board import Board, TooManyClients
from agents.web.readiness import Readiness

STATIC: Final = Path(__file__).with_name("static")
KEEPALIVE_S: Final = 15.0
RETRY_MS: Final = 2000
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
BOARD: Final = web.AppKey("board", Board)
READINESS: Final = web.AppKey("readiness", Readiness)


def make_web(board: Board, readiness: Readiness) -> web.Application:
    """Return the application; nothing on it changes anything."""
    app = web.Application(client_max_size=1024)
    app[BOARD], app[READINESS] = board, readiness
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_end_pages)
    app.add_routes(
        [
            web.get("/", _page),
            web.get("/events", _events),
            web.get("/api/hotspots", _hotspots),
            web.get("/livez", _livez),
            web.get("/readyz", _readyz),
            web.get("/metrics", _metrics),
            web.static("/static", STATIC),
        ]
    )
    return app


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, before anything else is started: a port in use ends a program at once.

    Raises:
        PortInUse: something else listens there, or the address is not this machine's.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise PortInUse(
            f"the web server cannot listen at {host}:{port} ({error.strerror or error}); "
            "choose another port with REDIAN_WEB_PORT (0: any that is free) or address with REDIAN_WEB_HOST"
        ) from None


async def start_web(app: web.Application, listening: socket.socket) -> web.AppRunner:
    """Serve an application on a socket; return what stops it."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    return runner


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


async def _end_pages(app: web.Application) -> None:
    app[BOARD].close()


async def _page(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def _events(request: web.Request) -> web.StreamResponse:
    """Stream cards as server-sent events; a page that comes back resumes behind its `Last-Event-ID`."""
    last = request.headers.get("Last-Event-ID", "")
    after = int(last) if last.isascii() and last.isdecimal() and len(last) < 16 else None
    try:
        with request.app[BOARD].following(after) as queue:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(f"retry: {RETRY_MS}\n\n".encode())
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), KEEPALIVE_S)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    continue
                if event is None:
                    return response
                await response.write(b"id: %d\ndata: %b\n\n" % (event.number, event.card))
    except TooManyClients:
        raise web.HTTPServiceUnavailable(text="too many pages are open\n", headers={"Retry-After": "30"}) from None
    except ConnectionError:
        return web.Response()


async def _hotspots(request: web.Request) -> web.Response:
    return web.Response(body=msgspec.json.encode(request.app[BOARD].cards()), content_type="application/json")


async def _livez(_request: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def _readyz(request: web.Request) -> web.Response:
    readiness = request.app[READINESS]
    status = 200 if readiness.ready else 503
    return web.Response(body=readiness.as_json(), status=status, content_type="application/json")


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
