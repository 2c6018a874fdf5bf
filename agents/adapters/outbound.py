"""Requests to addresses that a person or a post may have chosen: which are made at all, how far, how long, how large.

The address is judged where the socket is made, after names were resolved, so a name that resolves to another address
the second time (DNS rebinding), a literal, and a number that reads as an address are all judged by what is connected
to. Only public addresses pass; private ones where the operator allows them. Redirects are not followed, proxies of the
environment are not used, cookies are not kept. Whoever makes a request decides what it says.
"""

import asyncio
import socket
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from ipaddress import ip_address
from typing import Any, Final

import aiohttp
import msgspec
from yarl import URL

from agents.adapters.addresses import Network, is_in, may_reach
from agents.errors import RedianError

_NOT_PUBLIC: Final = "its address is not public"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PIECE: Final = 64 * 1024


class OutboundRefused(RedianError):
    """A request that is not made, or an answer that is not read; trying again does not help."""


class AnswerRefused(OutboundRefused):
    """An answer that is not read: too large, or not in the form that was asked for. The next one may be another."""


class _NotPublic(OSError):
    """What the socket factory raises: aiohttp tries the next address of the name."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What requests may do.

    `allowed` are networks that may be reached although they are not public; `plain_http` lets `http:` pass to public
    addresses too (to allowed ones it always may). Seconds for all of a request and for silence; bytes of an answer,
    after decompression.
    """

    allowed: tuple[Network, ...] = ()
    plain_http: bool = False
    total_s: float = 20.0
    silence_s: float = 10.0
    max_bytes: int = 4 * 1024 * 1024
    connections: int = 16
    connections_per_host: int = 4


class Answer(msgspec.Struct, frozen=True):
    """An answer that was read whole. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def checked_url(url: str, policy: Policy) -> URL:
    """Return an address of the web if a request may begin with it; whether its host may be reached shows at connect.

    Raises:
        OutboundRefused: it is no address, not of the web, or carries a password.
    """
    try:
        found = URL(url)
    except ValueError:
        raise OutboundRefused("this is no address of the web") from None
    if found.scheme not in ("https", "wss", "http", "ws") or not found.host:
        raise OutboundRefused("an address begins with https:// and names a host")
    if found.user is not None or found.password is not None:
        raise OutboundRefused(f"the address of {found.host} carries a name or password, which logs would keep")
    if found.scheme in ("http", "ws") and not policy.plain_http and not _is_allowed_literal(found.host, policy):
        raise OutboundRefused(
            f"{found.host} is addressed without encryption: anyone on the way can read it; use https://"
        )
    return found


@contextmanager
def connecting_within(policy: Policy) -> Iterator[list[str]]:
    """Let no socket reach an address that may not be reached, for a library that makes requests of its own.

    Holds for what the body calls, and for what runs in another thread in a copy of the body's context. Yields a list
    to which the addresses are added that were refused; the library meets an `OSError`.
    """
    _hear_of_sockets()
    refused: list[str] = []
    token = _within.set((policy.allowed, refused))
    try:
        yield refused
    finally:
        _within.reset(token)


_within: ContextVar[tuple[tuple[Network, ...], list[str]] | None] = ContextVar("_within", default=None)


@cache
def _hear_of_sockets() -> None:
    """Judge every socket of this process before it connects or sends: a hook of the interpreter, there for good."""
    sys.addaudithook(_judge)


def _judge(event: str, args: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        return
    within = _within.get()
    if within is None or args[1] is None:
        return
    allowed, refused = within
    address = args[1][0] if isinstance(args[1], tuple) else args[1]
    try:
        may = may_reach(str(address), allowed)
    except ValueError:  # a name that nobody resolved yet, or a path: what it leads to cannot be judged
        may = False
    if not may:
        refused.append(str(address))
        raise _NotPublic(_NOT_PUBLIC)


async def reachable(host: str, port: int, policy: Policy) -> list[str]:
    """Return the addresses of a host that may be reached, as numbers, for a client to connect to one after another.

    Raises:
        OutboundRefused: none of them may.
        OSError: it has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = [str(address[0]) for *_, address in found if may_reach(str(address[0]), policy.allowed)]
    if not numbers:
        raise not_public(host)
    return numbers


def not_public(host: str | None) -> OutboundRefused:
    """Return what is said of a host that may not be reached."""
    return OutboundRefused(
        f"{host} leads into a network that is not public; REDIAN_OUTBOUND_ALLOW names those that may be reached"
    )


def _is_allowed_literal(host: str, policy: Policy) -> bool:
    try:
        return is_in(ip_address(host), policy.allowed)
    except ValueError:
        return False


def open_session(
    policy: Policy, *, resolver: aiohttp.abc.AbstractResolver | None = None, headers: Mapping[str, str] | None = None
) -> aiohttp.ClientSession:
    """Return a session whose every request, redirects and web sockets included, keeps to `policy`. Close it after use.

    For streams and web sockets; `fetch` is simpler where an answer is read whole. The limit on bytes is `fetch`'s: who
    reads a stream bounds what it keeps.
    """

    def make_socket(info: Any) -> socket.socket:
        family, kind, proto, _, address = info
        if not may_reach(str(address[0]), policy.allowed):
            raise _NotPublic(_NOT_PUBLIC)
        return socket.socket(family, kind, proto)

    async def guard(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        host = request.url.host
        checked_url(str(request.url), policy)
        try:
            response = await handler(request)
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _NotPublic):
                raise not_public(host) from None
            raise
        if response.status in _REDIRECTS:
            response.close()
            raise OutboundRefused(f"{host} sends elsewhere ({response.status}); give the address it leads to")
        return response

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            socket_factory=make_socket,
            resolver=resolver,
            use_dns_cache=False,
            limit=policy.connections,
            limit_per_host=policy.connections_per_host,
        ),
        middlewares=(guard,),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=policy.total_s, sock_read=policy.silence_s, sock_connect=policy.silence_s),
        headers={"User-Agent": "redian", "Accept-Encoding": "identity", **(headers or {})},
        auto_decompress=False,
        trust_env=False,
        raise_for_status=False,
    )


async def fetch(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    policy: Policy,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """Make one request and read its answer, whatever its status.

    Args:
        session: from `open_session`.
        method: of HTTP.
        url: checked first.
        policy: of the session.
        headers: of the request.
        body: of the request.

    Raises:
        OutboundRefused: the policy does not allow it, or the answer is too large.
        aiohttp.ClientError: the host does not answer as HTTP.
        TimeoutError: it took too long.
    """
    target = checked_url(url, policy)
    said = {"Accept-Encoding": "gzip", **(headers or {})}
    async with session.request(method, target, headers=said, data=body, allow_redirects=False) as response:
        read = await _read(response, policy.max_bytes)
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, read)


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Read and decompress at most `max_bytes`: a small answer may unfold into a very large one."""
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise AnswerRefused(f"{response.url.host} answers in encoding {encoding[:20]}, which was not asked for")
    unzip = zlib.decompressobj(31) if encoding == "gzip" else None
    whole = bytearray()
    try:
        async for piece in response.content.iter_chunked(_PIECE):
            room = max_bytes + 1 - len(whole)
            whole += unzip.decompress(piece, room) if unzip is not None else piece
            if len(whole) > max_bytes:
                raise AnswerRefused(f"{response.url.host} answers with more than {max_bytes:,} bytes")
    except zlib.error:
        raise AnswerRefused(f"{response.url.host} answers with damaged gzip") from None
    if unzip is not None and not unzip.eof:
        raise AnswerRefused(f"{response.url.host} answers with gzip that breaks off")
    return bytes(whole)
