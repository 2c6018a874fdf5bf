"""Recommendations for the page: asked for on their topic, waited for, and what of them was taken up."""

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import msgspec
from aiokafka import AIOKafkaProducer

from streams.contracts.recommendations import Recommendation, RecommendationRequest
from streams.contracts.topics import RECOMMENDATION_REQUESTS

COUNT: Final = 8
WAIT_S: Final = 20.0
AT_ONCE: Final = 8
"""Requests that may wait for their answers."""
KEPT: Final = 200
"""Answers of which a click is taken."""
REUSED_S: Final = 20.0
"""How long an answer does for who asks again, so that pages do not burden the recommender."""


class TooManyRequests(Exception):
    """As many requests as may wait are waiting."""


class Suggestions(Protocol):
    """Makes recommendations, and knows those it made."""

    async def ask(self, author: str) -> Recommendation:
        """Return what may interest an author.

        Raises:
            TimeoutError: no worker answers.
            TooManyRequests: see there.
            KafkaError: the broker does not take the request.
        """
        ...

    def made(self, request_id: str) -> Recommendation | None:
        """Return what a request was answered with; None if that is not known here."""
        ...


class TopicSuggestions:
    """Asks on the topic; `take` brings every answer that comes there."""

    def __init__(self, producer: Callable[[], Awaitable[AIOKafkaProducer]]) -> None:
        self._producer = producer
        self._waiting: dict[str, asyncio.Future[Recommendation]] = {}
        self._made: OrderedDict[str, Recommendation] = OrderedDict()
        self._newest: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def take(self, recommendation: Recommendation) -> None:
        """Take in an answer, to whomever."""
        self._made[recommendation.request_id] = recommendation
        while len(self._made) > KEPT:
            self._made.popitem(last=False)
        waiting = self._waiting.get(recommendation.request_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(recommendation)

    async def ask(self, author: str) -> Recommendation:
        """See `Suggestions`."""
        asked_at, request_id = self._newest.get(author, (0.0, ""))
        known = self._made.get(request_id)
        if known is not None and time.monotonic() - asked_at < REUSED_S:
            return known
        if len(self._waiting) >= AT_ONCE:
            raise TooManyRequests
        request = RecommendationRequest(id=f"page-{uuid.uuid4().hex[:16]}", author=author, count=COUNT)
        answer = self._waiting[request.id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(WAIT_S):
                producer = await self._producer()
                body = msgspec.json.encode(request)
                await producer.send_and_wait(RECOMMENDATION_REQUESTS.name, body, request.id.encode(), partition=0)
                recommendation: Recommendation = await answer
        finally:
            del self._waiting[request.id]
        self._newest[author] = time.monotonic(), request.id
        self._newest.move_to_end(author)
        while len(self._newest) > KEPT:
            self._newest.popitem(last=False)
        return recommendation

    def made(self, request_id: str) -> Recommendation | None:
        """See `Suggestions`."""
        return self._made.get(request_id)
