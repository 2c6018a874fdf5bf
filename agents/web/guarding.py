"""Who may use the web side, and how often: a token where others can reach it, a limit for each address.

Where no token is asked for, the name by which it was reached must be this machine's: else a page of somebody else's
could have its own name lead here, and read all there is (DNS rebinding).

`/livez` and `/readyz` answer without the token, since orchestrators have none: then only whether, not why. A browser
asks for a name and a password: any name, and the token.
"""

import base64
import hmac
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from ipaddress import IPv6Address, ip_address
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from agents.errors import SettingsError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPEN: Final = ("/livez", "/readyz")
ADDRESSES: Final = 10_000
"""Addresses whose use is remembered; the one longest unheard of is forgotten first."""
BURST_S: Final = 5.0
"""How many seconds' worth of requests may come at once."""
_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="redian", Bearer realm="redian"'}


def check_exposure(host: str, token: str | None) -> None:
    """Refuse to listen where others can reach without a token.

    Raises:
        SettingsError: the address is not loopback and there is no token.
    """
    if token is None and not is_loopback(host):
        raise SettingsError(
            f"REDIAN_WEB_HOST is {host}, where others can reach it, and there is no REDIAN_WEB_TOKEN; set one of 16 "
            "characters or more, in the environment or with REDIAN_WEB_TOKEN_FILE, or listen at 127.0.0.1"
        )


def is_loopback(host: str) -> bool:
    """Say whether an address or a name is this machine's alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def client_of(address: str) -> str:
    """Return whom the rate of an address counts for: a network of 64 bits in IPv6, since one machine has all of it."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return address
    return str(read.ipv4_mapped or IPv6Address(int(read) >> 64 << 64))


class Rate:
    """A token bucket for each address.

    Args:
        per_s: requests a second, 0 for any number.
        clock: seconds that only grow.
    """

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Say whether a request of this address may be answered, and count it."""
        if not self._per_s:
            return True
        now, most = self._clock(), max(self._per_s * BURST_S, 1.0)
        left, at = self._left.pop(address, (most, now))
        left = min(most, left + (now - at) * self._per_s)
        allowed = left >= 1.0
        self._left[address] = (left - 1.0 if allowed else left, now)
        if len(self._left) > ADDRESSES:
            self._left.popitem(last=False)
        return allowed


def guard(token: str | None, rate: Rate) -> Middleware:
    """Return the middleware that holds both."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not rate.allows(client_of(request.remote or "")):
            raise web.HTTPTooManyRequests(text="too many requests\n", headers={"Retry-After": "1"})
        if token is None and request.path not in OPEN and not _names_this_machine(request):
            raise web.HTTPForbidden(text="without a token this answers at localhost alone\n")
        if token is None or _knows(request, token):
            return await handler(request)
        if request.path in OPEN:
            answer = await handler(request)
            return web.Response(text="ok\n" if answer.status == 200 else "no\n", status=answer.status)
        raise web.HTTPUnauthorized(text="a token is needed\n", headers=_CHALLENGE)

    return guarded


def _names_this_machine(request: web.Request) -> bool:
    try:
        return is_loopback(request.url.host or "")
    except ValueError:  # no name that can be one
        return False


def _knows(request: web.Request, token: str) -> bool:
    kind, _, said = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            said = base64.b64decode(said, validate=True).decode().partition(":")[2]
        except ValueError:  # no base64, nothing that could be, or no text in it
            return False
    elif kind.lower() != "bearer":
        return False
    return hmac.compare_digest(said.encode("utf-8", "surrogateescape"), token.encode())
