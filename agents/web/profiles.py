"""The addresses of profiles: `/api/profiles`, one profile, what may interest them, and that they took something up.

What is asked for and taken up is written to topics, so both are guarded like verdicts.
"""

import time
from typing import Final

import msgspec
from aiohttp import web
from aiokafka.errors import KafkaError

from agents.web.judging import FeedbackWriter, check_origin, keep
from agents.web.people import People
from agents.web.suggesting import Suggestions, TooManyRequests
from streams.contracts.decoding import json_decoder
from streams.contracts.times import format_time
from streams.recommending.clicking import click_on

HASH_DIGITS: Final = 16
_AUTHOR: Final = "{author:[0-9a-f]{16}}"
_REQUEST: Final = "{request:[0-9A-Za-z-]{1,64}}"


class Taken(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a click."""

    item: str


_TAKEN: Final = json_decoder(Taken)


class ProfilePages:
    """Serves profiles.

    Args:
        people: the profiles.
        suggestions: makes recommendations; None: none are made here.
        feedback: keeps clicks; None: none are kept.
    """

    def __init__(self, people: People, suggestions: Suggestions | None, feedback: FeedbackWriter | None) -> None:
        self._people = people
        self._suggestions = suggestions
        self._feedback = feedback

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [
            web.get("/api/profiles", self._some),
            web.get(f"/api/profiles/{_AUTHOR}", self._one),
            web.post(f"/api/profiles/{_AUTHOR}/recommendations", self._recommend),
            web.post(f"/api/recommendations/{_REQUEST}/clicks", self._click),
        ]

    async def _some(self, request: web.Request) -> web.Response:
        digits = request.query.get("q", "").lower()
        if len(digits) > HASH_DIGITS or not set(digits) <= set("0123456789abcdef"):
            raise web.HTTPBadRequest(text=f"q is the beginning of a hash: {HASH_DIGITS} digits, 0 to 9 and a to f\n")
        return _json(self._people.beginning_with(digits))

    async def _one(self, request: web.Request) -> web.Response:
        profile = self._people.profile(request.match_info["author"])
        if profile is None:
            raise web.HTTPNotFound(text="nothing is known of this author, or may be told\n")
        return _json(profile)

    async def _recommend(self, request: web.Request) -> web.Response:
        check_origin(request)
        author = request.match_info["author"]
        if author not in self._people or self._suggestions is None:
            raise web.HTTPNotFound(text="nothing is known of this author, or may be told\n")
        try:
            return _json(await self._suggestions.ask(author))
        except TooManyRequests:
            raise web.HTTPServiceUnavailable(text="too many ask at once, try again\n") from None
        except (TimeoutError, KafkaError, OSError):
            raise web.HTTPServiceUnavailable(text="no worker recommends just now, try again\n") from None

    async def _click(self, request: web.Request) -> web.Response:
        check_origin(request)
        made = None if self._suggestions is None else self._suggestions.made(request.match_info["request"])
        try:
            taken = _TAKEN.decode(await request.read())
        except msgspec.MsgspecError as error:
            raise web.HTTPBadRequest(text=f"that is no click: {error}\n") from None
        at = format_time(time.time_ns() // 1_000_000)
        said = None if made is None else click_on(made, taken.item, at)
        if said is None:
            raise web.HTTPNotFound(text="that was not recommended here of late\n")
        await keep(self._feedback, said)
        return _json(said)


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
