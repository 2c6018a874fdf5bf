"""HTTP as sources need it: who asks is said, answers are bounded, and each failure has one of the few known names.

What may be reached at all is `agents/adapters/outbound.py`'s.
"""

import asyncio
import email.utils
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from agents.adapters.addresses import Network
from agents.adapters.outbound import Answer, AnswerRefused, OutboundRefused, Policy, fetch, open_session
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.source import Interrupted, Refused

ANSWER_BYTES: Final = 8 * 1024 * 1024
LINE_BYTES: Final = 1024 * 1024
CONNECT_S: Final = 15.0
TOTAL_S: Final = 60.0
STREAM: Final = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
"""For answers that go on: who reads them bounds the silence."""


class Web(msgspec.Struct, frozen=True):
    """How sources go to the web: networks that may be reached though not public, and whom to ask about the requests."""

    allowed: tuple[Network, ...] = ()
    contact: str = ""

    def policy(self, address: str, *, named: bool = True) -> Policy:
        """Return what requests to an address may do.

        An address that a person `named` on the command line, as a number and not as a name, may be reached wherever it
        is, and without encryption; one that came in a file may not.
        """
        allowed = self.allowed
        host = urlsplit(address).hostname or ""
        with suppress(ValueError):  # a name, not a number
            allowed = (*allowed, ip_network(ip_address(host))) if named else allowed
        return Policy(allowed=allowed, plain_http=True, total_s=TOTAL_S, silence_s=CONNECT_S, max_bytes=ANSWER_BYTES)

    def session(self, policy: Policy, headers: Mapping[str, str] | None = None) -> aiohttp.ClientSession:
        """Return a session that says who asks."""
        agent = f"Redian/0.1 (+{self.contact})" if self.contact else "Redian/0.1"
        return open_session(policy, headers={"User-Agent": agent, **(headers or {})})


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Turn what a client can raise into `Interrupted` or `Refused`; no query goes into a text: it may hold keys."""
    try:
        yield
    except AnswerRefused as error:
        raise Interrupted("too_large" if "more than" in str(error) else "nonsense", str(error)) from None
    except OutboundRefused as error:
        raise Refused(str(error)) from None
    except aiohttp.ClientConnectorCertificateError as error:
        raise Interrupted("certificate", f"the certificate of {error.host} does not match") from None
    except aiohttp.ClientSSLError as error:
        raise Interrupted("certificate", f"{error.host} does not speak TLS as it should") from None
    except aiohttp.WSServerHandshakeError as error:
        retry_after_s = seconds_of(error.headers.get("Retry-After") if error.headers else None, None)
        raise _by_status(error.status, "the handshake", retry_after_s) from None
    except aiohttp.ClientConnectorError as error:
        raise Interrupted("unreachable", f"{error.host}:{error.port} does not answer") from None
    except aiohttp.ClientPayloadError:
        raise Interrupted("dropped", "the answer ended before its time") from None
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise Refused(f"{str(error).split('?')[0]} is no address that can be read") from None
    except aiohttp.ClientError as error:
        raise Interrupted("dropped", type(error).__name__) from None
    except TimeoutError:
        raise Interrupted("unreachable", "no answer in time") from None
    except OSError as error:
        raise Interrupted("unreachable", error.strerror or type(error).__name__) from None


def seconds_of(retry_after: str | None, now_ms: int | None) -> float | None:
    """Return a `Retry-After` in seconds: a number, or a date if the time is known; None for neither."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal() and len(retry_after) < 12:
        return float(retry_after)
    try:
        date = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return None if now_ms is None else max(date.timestamp() - now_ms / 1000, 0.0)


def _by_status(status: int, what: str, retry_after_s: float | None) -> Interrupted | Refused:
    if status in (401, 403):
        return Refused(f"{what} was refused with {status}: the key is wrong, or has no permission for this")
    if status in (404, 410):
        return Refused(f"{what} was refused with {status}: nothing is at this address")
    if status == 429:
        return Interrupted("limited", f"{what} was answered with 429", retry_after_s)
    if status == 200:
        return Interrupted("nonsense", f"{what} was answered as a page, not as a stream", retry_after_s)
    return Interrupted("failed", f"{what} was answered with {status}", retry_after_s)


def judge(status: int, headers: Mapping[str, str], what: str, clock: Clock) -> None:
    """Return for an answer that can be read.

    Raises:
        Interrupted: it is a limit or a fault of the server.
        Refused: the key or the address is wrong.
    """
    if status in (200, 304):
        return
    asked = headers.get("Retry-After") or headers.get("retry-after")
    retry_after_s = seconds_of(asked, clock.now_ms())
    reset = headers.get("x-rate-limit-reset", "")
    if retry_after_s is None and status == 429 and reset.isdecimal():
        retry_after_s = max(int(reset) - clock.now_ms() / 1000, 0.0)
    raise _by_status(status, what, retry_after_s)


def expect(content_type: str, what: str, kinds: tuple[str, ...]) -> None:
    """Return if an answer is of one of the content types.

    Raises:
        Interrupted: it is another, such as the HTML of a login page or of an overload.
    """
    found = content_type.split(";", maxsplit=1)[0].strip().lower()
    if found not in kinds:
        raise Interrupted("nonsense", f"{what} is {found or 'of no type'}, not {kinds[0]}")


async def get(
    session: aiohttp.ClientSession,
    address: str,
    policy: Policy,
    what: str,
    clock: Clock,
    *,
    kinds: tuple[str, ...] = ("application/json",),
    headers: Mapping[str, str] | None = None,
    statuses: tuple[int, ...] = (200, 304),
) -> Answer:
    """Return an answer of one of the `kinds` with one of the `statuses`, read whole; a 304 has no kind.

    Raises:
        Interrupted: there is none now.
        Refused: there will be none.
    """
    answer = await fetch(session, "GET", address, policy, headers=headers)
    if answer.status not in statuses:
        judge(answer.status, answer.headers, what, clock)
    if answer.status != 304:
        expect(answer.headers.get("content-type", ""), what, kinds)
    return answer


async def lines_of_answer(response: aiohttp.ClientResponse, what: str, silence_s: float) -> AsyncGenerator[bytes]:
    r"""Yield the lines of an answer that goes on, without their ends (`\n` or `\r\n`); empty lines too.

    Raises:
        Interrupted: a line beyond measure, or nothing at all for `silence_s`.
    """
    held = b""
    while True:
        try:
            async with asyncio.timeout(silence_s):
                part = await response.content.readany()
        except TimeoutError:
            raise Interrupted("dropped", f"{what} was silent for {silence_s:g} s") from None
        if not part:
            # What stands behind the last line's end was cut off: it comes again.
            return
        *lines, held = (held + part).split(b"\n")
        for line in lines:
            yield line.rstrip(b"\r")
        if len(held) > LINE_BYTES:
            raise Interrupted("too_large", f"a line of {what} is longer than {LINE_BYTES} bytes")


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries a token, none without one."""
    return {"Authorization": f"Bearer {token}"} if token else {}
