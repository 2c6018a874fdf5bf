"""The web server of a worker: the live page, the events it follows, the same as JSON; `/livez`, `/readyz`, `/metrics`.

`/` is the list, `/hotspots/ID` the address of one hotspot; `/api/hotspots`, `/api/hotspots/ID` and, for the posts that
it rests on, `/api/hotspots/ID/posts` are for programs too; `/api/hotspots/ID/posts/PLACE/why` says why one of them was
scored as it was. `/watchlists`, `/watchlists/NAME`, `/profiles` and `/profiles/HASH` are views of the page, the same
under `/api` their data. `/alerts.atom` is for feed readers. What people say (`/api/hotspots/ID/feedback`) and ask for
is all that changes anything.
"""

import asyncio
import re
import socket
import time
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web
from aiokafka.errors import KafkaError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from agents.errors import PortInUse
from agents.web import atom
from agents.web.board import Board, Detail
from agents.web.events import TooManyClients
from agents.web.evidence import EvidenceReader, Shown
from agents.web.explaining import PLACE, Explain, explained, post_at
from agents.web.health import look
from agents.web.judging import FeedbackWriter, check_origin, feedback_of, keep, name_of
from agents.web.people import People
from agents.web.profiles import ProfilePages
from agents.web.readiness import Readiness
from agents.web.suggesting import Suggestions
from streams.subscriptions.rules import RuleError

STATIC: Final = Path(__file__).with_name("static")
HEALTH_S: Final = 3.0
"""Between two looks at the worker; a page that hears nothing for several of these knows that it is cut off."""
RETRY_MS: Final = 2000
SLOW_S: Final = 30.0
"""How long a page may take nothing of what it follows before its connection is closed."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
BOARD: Final = web.AppKey("board", Board)
READINESS: Final = web.AppKey("readiness", Readiness)
EVIDENCE: Final = web.AppKey("evidence", EvidenceReader)
FEEDBACK: Final = web.AppKey("feedback", FeedbackWriter)
EXPLAIN: Final[web.AppKey[Explain]] = web.AppKey("explain")
_HOTSPOT: Final = "{hotspot_id:[0-9a-f]{16}}"
_PROFILE: Final = "/profiles/{author:[0-9a-f]{16}}"
_AFTER: Final = re.compile(r"([0-9a-f]{8})-(\d{1,15})", re.ASCII)


def make_web(
    board: Board,
    readiness: Readiness,
    evidence: EvidenceReader | None = None,
    feedback: FeedbackWriter | None = None,
    explain: Explain | None = None,
    *,
    people: People | None = None,
    suggestions: Suggestions | None = None,
) -> web.Application:
    """Return the application.

    Without `evidence` no posts are read back, without `feedback` no verdicts are taken, without `explain` no score is
    explained, without `people` nobody is known, without `suggestions` nothing is recommended. Who may
    use it is said by a `guard` among its middlewares.
    """
    app = web.Application(client_max_size=4096)
    app[BOARD], app[READINESS] = board, readiness
    if feedback is not None:
        app[FEEDBACK] = feedback
    if evidence is not None:
        app[EVIDENCE] = evidence
    if explain is not None:
        app[EXPLAIN] = explain
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_end_pages)
    app.add_routes(
        [
            web.get("/", _page),
            web.get("/events", _events),
            web.get(f"/hotspots/{_HOTSPOT}", _page),
            web.get("/api/hotspots", _hotspots),
            web.get(f"/api/hotspots/{_HOTSPOT}", _one_hotspot),
            web.get(f"/api/hotspots/{_HOTSPOT}/posts", _posts),
            web.get(f"/api/hotspots/{_HOTSPOT}/posts/{PLACE}/why", _why),
            web.post(f"/api/hotspots/{_HOTSPOT}/feedback", _feedback),
            web.get("/alerts.atom", _atom),
            web.get("/livez", _livez),
            web.get("/readyz", _readyz),
            web.get("/metrics", _metrics),
            web.static("/static", STATIC),
            *(web.get(path, _page) for path in ("/watchlists", "/watchlists/{name:.{1,80}}", "/profiles", _PROFILE)),
            web.get("/api/watchlists", _watchlists),
            web.get("/api/watchlists/{name:.{1,80}}", _watchlist),
            *ProfilePages(people or People(), suggestions, feedback).routes(),
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
    app[BOARD].events.close()


async def _page(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html")


async def _events(request: web.Request) -> web.StreamResponse:
    """Stream cards and looks at the worker as server-sent events.

    A page that comes back resumes behind its `Last-Event-ID`, or, if it had to open a new stream, behind `?after=`.
    """

    async def write(data: bytes) -> None:
        async with asyncio.timeout(SLOW_S):
            await response.write(data)

    told = _AFTER.fullmatch(request.headers.get("Last-Event-ID") or request.query.get("after", ""))
    board, readiness = request.app[BOARD], request.app[READINESS]
    try:
        with board.following((told[1], int(told[2])) if told else None) as queue:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await write(f"retry: {RETRY_MS}\n\n".encode())
            look_at = 0.0
            while True:
                if time.monotonic() >= look_at:
                    look_at = time.monotonic() + HEALTH_S
                    health = msgspec.json.encode(look(readiness, board.events.followers))
                    await write(b"event: health\ndata: %b\n\n" % health)
                try:
                    event = await asyncio.wait_for(queue.get(), max(look_at - time.monotonic(), 0.01))
                except TimeoutError:
                    continue
                if event is None:
                    return response
                name = f"event: {event.name}\n".encode() if event.name else b""
                number = f"id: {board.events.epoch}-{event.number}\n".encode() if event.number else b""
                await write(b"%b%bdata: %b\n\n" % (name, number, event.data))
    except TooManyClients:
        raise web.HTTPServiceUnavailable(text="too many pages are open\n", headers={"Retry-After": "30"}) from None
    except ConnectionError:
        return web.Response()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()  # an orderly end would wait for the page to read on
        return web.Response()


async def _hotspots(request: web.Request) -> web.Response:
    return _json(request.app[BOARD].cards())


def _detail(request: web.Request) -> Detail:
    detail = request.app[BOARD].detail(request.match_info["hotspot_id"])
    if detail is None:
        raise web.HTTPNotFound(text="no such hotspot is known here; it may have been too long ago\n")
    return detail


async def _one_hotspot(request: web.Request) -> web.Response:
    return _json(_detail(request))


async def _posts(request: web.Request) -> web.Response:
    return _json(await _shown(request))


async def _why(request: web.Request) -> web.Response:
    post = post_at(await _shown(request), request.match_info["place"])
    return _json(await explained(request.app.get(EXPLAIN), post.text, request.query.get("head")))


async def _shown(request: web.Request) -> Shown:
    detail = _detail(request)
    hotspot = detail.card.hotspot
    sources = hotspot.sources or (detail.alerts[-1].sources if detail.alerts else ())
    reader = request.app.get(EVIDENCE)
    if not sources or reader is None:
        raise web.HTTPNotFound(text="it is not known where the posts of this hotspot stand\n")
    try:
        return await reader.read(f"{hotspot.hotspot_id} {hotspot.emitted_at}", sources)
    except (TimeoutError, KafkaError, OSError):
        raise web.HTTPServiceUnavailable(text="the log does not answer, try again\n") from None


async def _feedback(request: web.Request) -> web.Response:
    check_origin(request)
    hotspot = _detail(request).card.hotspot
    said = feedback_of(await request.read(), hotspot, name_of(request))
    await keep(request.app.get(FEEDBACK), said)
    request.app[BOARD].feedback(said)
    return _json(said)


async def _watchlists(request: web.Request) -> web.Response:
    return _json(request.app[BOARD].watches.all())


async def _watchlist(request: web.Request) -> web.Response:
    course = request.app[BOARD].watches.course(request.match_info["name"])
    if course is None:
        raise web.HTTPNotFound(text="there is no such watchlist; redian watch list\n")
    return _json(course)


async def _atom(request: web.Request) -> web.Response:
    query = {name: request.query.getall(name) for name in request.query}
    try:
        rule = atom.rule_of(query)
    except RuleError as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from None
    body = atom.feed_of(request.app[BOARD].told(), rule, str(request.url.origin()))
    return web.Response(body=body, content_type=atom.TYPE, charset="utf-8")


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


async def _livez(_request: web.Request) -> web.Response:
    return web.Response(text="alive\n")


async def _readyz(request: web.Request) -> web.Response:
    readiness = request.app[READINESS]
    status = 200 if readiness.ready else 503
    return web.Response(body=readiness.as_json(), status=status, content_type="application/json")


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
