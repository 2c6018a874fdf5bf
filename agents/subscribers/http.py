"""Requests of the channels that are HTTP, through the guard of outbound requests, and what an answer means."""

import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from agents.adapters.addresses import networks_of
from agents.adapters.outbound import Answer, OutboundRefused, Policy, fetch, open_session
from agents.settings import Settings
from agents.subscribers.channel import Sent

CONNECTIONS: Final = 256
PER_HOST: Final = 64
TOTAL_S: Final = 15.0
"""As Standard Webhooks advises: a receiver answers first and works afterwards."""
ANSWER_BYTES: Final = 64 * 1024
_REFUSED: Final = frozenset({400, 406, 413, 415, 422})
"""The message itself will not do, now or later; any other failure may be mended."""


def policy_of(settings: Settings) -> Policy:
    """Return what requests to subscribers may do."""
    return Policy(
        allowed=networks_of(settings.outbound_allow),
        total_s=TOTAL_S,
        silence_s=TOTAL_S,
        max_bytes=ANSWER_BYTES,
        connections=CONNECTIONS,
        connections_per_host=PER_HOST,
    )


class Poster:
    """Posts bodies to addresses that operators gave."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], now_ms: int) -> Sent:
        """Post once and say what became of it."""
        if self._session is None:
            self._session = open_session(self._policy)
        said = {"Content-Type": "application/json", **headers}
        try:
            answer = await fetch(self._session, "POST", url, self._policy, headers=said, body=body)
        except OutboundRefused as refused:
            return Sent("retry", str(refused))
        except TimeoutError:
            return Sent("retry", f"no answer within {self._policy.total_s:g} s")
        except aiohttp.ClientConnectorCertificateError as error:
            return Sent("retry", f"its certificate is not accepted: {_certificate(error.certificate_error)}")
        except (aiohttp.ClientError, OSError) as error:
            return Sent("retry", f"it cannot be reached: {type(error).__name__}")
        return sent_of(answer, now_ms)

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def sent_of(answer: Answer, now_ms: int) -> Sent:
    """Return what an answer means."""
    detail = f"it answers {answer.status}"
    if 200 <= answer.status < 300:
        return Sent("delivered", detail)
    if answer.status == 410:
        return Sent("gone", f"{detail}: gone, and wants to be told no more")
    if answer.status in _REFUSED:
        return Sent("refused", detail)
    return Sent("retry", detail, _retry_after_s(answer.headers.get("retry-after", ""), now_ms))


def _retry_after_s(text: str, now_ms: int) -> float | None:
    if text.isascii() and text.isdecimal() and len(text) < 8:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(moment.timestamp() - now_ms / 1000, 0.0) if moment.tzinfo is not None else None


def _certificate(error: Exception) -> str:
    return str(getattr(error, "verify_message", "") or "not valid") if isinstance(error, ssl.SSLError) else "not valid"
