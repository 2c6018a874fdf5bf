"""What people say, from the page to topic `feedback`: verdicts on hotspots, and that a recommendation was taken up.

A page of somebody else's must not write in the reader's name. Browsers say with every such request where it comes
from: only the page's own origin may. That no name of somebody else's leads here is the guard's affair.
"""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import msgspec
from aiohttp import web
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.briefs.masking import masked
from streams.contracts.decoding import json_decoder
from streams.contracts.feedback import NOTE_CHARS, VERDICTS, Feedback
from streams.contracts.outputs import Hotspot
from streams.contracts.times import format_time
from streams.contracts.topics import FEEDBACK

NAME_CHARS: Final = 64
KEEP_S: Final = 10.0


class FeedbackWriter(Protocol):
    """Keeps what people say."""

    async def write(self, feedback: Feedback) -> None:
        """Return once it is safe.

        Raises:
            KafkaError: the broker does not take it.
        """
        ...


class TopicFeedback:
    """Writes it to its topic."""

    def __init__(self, producer: Callable[[], Awaitable[AIOKafkaProducer]]) -> None:
        self._producer = producer

    async def write(self, feedback: Feedback) -> None:
        """See `FeedbackWriter`."""
        body = msgspec.json.encode(feedback)
        producer = await self._producer()
        await producer.send_and_wait(FEEDBACK.name, body, feedback.hotspot_id.encode(), partition=0)


async def keep(feedback: FeedbackWriter | None, said: Feedback) -> None:
    """Keep what somebody said.

    Raises:
        HTTPNotFound: nothing is kept here.
        HTTPServiceUnavailable: the log does not take it.
    """
    if feedback is None:
        raise web.HTTPNotFound(text="nothing is kept here\n")
    try:
        async with asyncio.timeout(KEEP_S):
            await feedback.write(said)
    except (TimeoutError, KafkaError, OSError):
        raise web.HTTPServiceUnavailable(text="the log does not take it just now, try again\n") from None


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request."""

    verdict: str
    note: str = ""
    of: str = ""


_SAID: Final = json_decoder(Said)


def check_origin(request: web.Request) -> None:
    """Refuse what another site had a browser send.

    Raises:
        HTTPForbidden: see there.
    """
    if request.content_type != "application/json":
        raise web.HTTPForbidden(text="it is sent as application/json\n")
    origin = request.headers.get("Origin")
    own = origin is None or origin.partition("://")[2] == request.host
    if not own or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="this is taken from this page alone\n")


class VerdictError(ValueError):
    """Something is no verdict; the text says what is."""


def feedback_of(body: bytes, hotspot: Hotspot, by: str) -> Feedback:
    """Return the verdict that a request brings.

    Raises:
        HTTPBadRequest: it is none; the text says what is.
    """
    try:
        said = _SAID.decode(body)
        return feedback_on(hotspot, said.verdict, note=said.note, by=by, of=said.of)
    except msgspec.MsgspecError as error:
        raise web.HTTPBadRequest(text=f"that is no verdict: {error}\n") from None
    except VerdictError as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from None


def feedback_on(hotspot: Hotspot, verdict: str, *, note: str, by: str, of: str) -> Feedback:
    """Return what somebody says now of a hotspot as it stands.

    Raises:
        VerdictError: see there.
    """
    if verdict not in VERDICTS:
        raise VerdictError(f"a verdict is one of {', '.join(VERDICTS)}")
    if len(note) > NOTE_CHARS:
        raise VerdictError(f"a note has at most {NOTE_CHARS} characters")
    if of and (verdict != "duplicate" or of == hotspot.hotspot_id or len(of) > NAME_CHARS):
        raise VerdictError("a duplicate alone may name another hotspot, of which it is one")
    return Feedback(
        hotspot_id=hotspot.hotspot_id,
        verdict=verdict,
        at=format_time(time.time_ns() // 1_000_000),
        stage=hotspot.stage,
        judged_at=hotspot.emitted_at,
        note=masked(note).strip(),
        by=masked(by)[:NAME_CHARS],
        of=of,
    )


def name_of(request: web.Request) -> str:
    """Return the name that somebody gave with the token: any will do, so it is what they call themselves."""
    kind, _, said = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(said, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
