"""Hostile bytes on the topics that people and other programs write: verdicts, questions, watchlists, requests."""

import functools
from collections.abc import Callable
from typing import Final

import msgspec

from streams.content import requests as content
from streams.contracts.answers import STATUSES, Question
from streams.contracts.content import REFUSALS, ContentRequest
from streams.contracts.decoding import json_decoder
from streams.contracts.feedback import VERDICTS, Feedback
from streams.contracts.recommendations import RecommendationRequest
from streams.contracts.requests import Unusable
from streams.contracts.watchlists import Watchlist
from streams.recommending import requests as recommending
from streams.relevance import Lessons, read_lesson
from streams.support.answering import Answerer
from streams.support.library import Library
from streams.support.live import LiveHotspots
from streams.watching.book import Book
from streams.watching.query import BadQuery, asked
from tests.unit.subscriptions.outputs import an_alert

_FEEDBACK: Final = json_decoder(Feedback)
_QUESTIONS: Final = json_decoder(Question)
_WATCHLISTS: Final = json_decoder(Watchlist)
_TIME: Final = "2026-03-01T00:00:00.000Z"
HOTSPOT: Final = "0123456789abcdef"


def check_feedback(value: bytes) -> None:
    """A verdict that is read teaches what is read from `bursts` again; any other is passed over."""
    try:
        said = _FEEDBACK.decode(value)
    except msgspec.MsgspecError:
        return
    lessons = Lessons()
    lessons.alert(an_alert(hotspot=said.hotspot_id))
    lesson = lessons.of(said, 7)
    assert (lesson is None) == (said.verdict not in VERDICTS)
    if lesson is not None:
        assert read_lesson(msgspec.msgpack.encode(lesson)) == lesson


def check_questions(value: bytes) -> None:
    """A question that is read is answered, handed over or refused, under its id; any other is none."""
    try:
        question = _QUESTIONS.decode(value)
    except msgspec.MsgspecError:
        return
    answer = _answerer().answer(question)
    assert answer.question_id == question.id
    assert answer.status in STATUSES
    msgspec.json.encode(answer)


def check_watchlists(value: bytes) -> None:
    """A watchlist that is read can be asked of any post; any other is refused."""
    book = Book()
    try:
        book.put(_WATCHLISTS.decode(value))
    except (BadQuery, msgspec.MsgspecError):
        return
    assert len(book) == 1
    for terms in ((), ("tag:flood", "word:harbour"), ("phrase:model three",)):
        book.meant(asked(terms), 29_538_720)
        book.named_by(asked(terms))


def check_content_requests(value: bytes) -> None:
    """A request for content is used or refused, with a reason of the list and one line."""
    _used_or_refused(content.read_request, value, REFUSALS)


def check_recommendation_requests(value: bytes) -> None:
    """The same of a request for recommendations."""
    _used_or_refused(recommending.read_request, value, ("unreadable", "bad_request"))


def _used_or_refused(read: Callable[[bytes], object], value: bytes, reasons: tuple[str, ...]) -> None:
    refused = None
    try:
        read(value)
    except Unusable as why:
        refused = why
    assert refused is None or (refused.reason in reasons and refused.detail and "\n" not in refused.detail)


@functools.cache
def _answerer() -> Answerer:
    return Answerer(Library(None), LiveHotspots(), None)


CHECKS: Final[dict[str, Callable[[bytes], None]]] = {
    "feedback": check_feedback,
    "questions": check_questions,
    "watchlists": check_watchlists,
    "content.requests": check_content_requests,
    "recommendations.requests": check_recommendation_requests,
}


def seeds() -> dict[str, list[bytes]]:
    """Return values as they should be, by topic."""
    told = {"at": _TIME, "stage": "rising", "judged_at": _TIME}
    values: dict[str, list[msgspec.Struct]] = {
        "feedback": [
            Feedback(hotspot_id=HOTSPOT, verdict=verdict, note="热点 🔥", by="ada", **told) for verdict in VERDICTS
        ],
        "questions": [
            Question(id="q1", text="What is happening at the harbour?"),
            Question(id="q2", text="现在有什么热点？我要找人工客服", lang="zh", conversation="c"),
        ],
        "watchlists": [
            Watchlist(
                name="tesla",
                query='(tesla OR 特斯拉) AND (brake OR "model three") NOT stock #ev',
                since=_TIME,
                synonyms={"brake": ("brakes", "刹车")},
                aspects={"battery": ("battery", "续航")},
                group="cars",
            )
        ],
        "content.requests": [
            ContentRequest(id="r1", kind="news", hotspot_id=HOTSPOT, lang="en"),
            ContentRequest(id="r2", kind="ad", topic="coffee", keywords=("fresh", "咖啡"), tone="warm", length="short"),
        ],
        "recommendations.requests": [RecommendationRequest(id="s1", author="0123456789abcdef", count=5)],
    }
    return {topic: [msgspec.json.encode(value) for value in given] for topic, given in values.items()}
