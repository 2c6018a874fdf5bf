"""Questions that people ask, and what Redian answers, declines or hands over, in JSON."""

import msgspec

SCHEMA = 1

STATUSES = ("answered", "unknown", "refused")
"""Answered with citations; not known, so handed to a person; not a question that can be read."""

REASONS = ("not_found", "asked_for_person", "no_encoder", "too_long", "empty", "unreadable")
"""Why a question was not answered: the first three are handed to a person, the others are refused."""


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question on topic `questions`.

    `lang` is "en" or "zh", told from the text when absent. `conversation` names the talk that the question belongs to
    and comes back with the answer, so that whoever takes over finds it.
    """

    id: str
    text: str
    lang: str | None = None
    conversation: str | None = None


class Citation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A passage: what kind it is of (document, faq, brief, post), where it stands, and its words.

    `posts` are the ids of the posts behind it, for what people wrote; `hotspot_id` the hotspot it belongs to.
    """

    id: str
    kind: str
    source: str
    title: str
    quote: str
    sureness: float
    posts: tuple[str, ...] = ()
    hotspot_id: str | None = None


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """What a person needs to go on: the question as asked, why it was not answered, what stands nearest to it."""

    reason: str
    question: str
    lang: str
    nearest: tuple[Citation, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What Redian says to a question, keyed by its id.

    `text` is in the question's language and quotes `citations`, the first of which it rests on. `sureness` is the
    calibrated probability that it answers the question, by signs and before a judge. `reason` is set where it was not
    answered. `judge` names the language model that decided, if one did, and `cost` is what it may have cost.
    """

    schema: int = SCHEMA
    question_id: str
    status: str
    text: str
    lang: str
    sureness: float
    citations: tuple[Citation, ...] = ()
    reason: str | None = None
    hand_over: HandOver | None = None
    conversation: str | None = None
    judge: str | None = None
    cost: float = 0.0
