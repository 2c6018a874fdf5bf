"""What a request asks for, whether it can be used, and the answer to it. Who tells it and at what cost is elsewhere."""

from typing import Final

import msgspec

from streams.content.composing import KINDS, Piece
from streams.content.rendering import html_of, markdown_of
from streams.content.shelf import Shelf, joined, told_in
from streams.contracts.content import GENERATORS, LANGS, LENGTHS, TONES, Content, ContentRequest
from streams.contracts.decoding import json_decoder
from streams.contracts.outputs import Brief
from streams.contracts.requests import MAX_ID_CHARS, Unusable, check_id

MAX_TOPIC_CHARS: Final = 200
MAX_KEYWORDS: Final = 20
MAX_SENTENCES: Final = 12

_REQUESTS = json_decoder(ContentRequest)


class _Named(msgspec.Struct):
    id: str


_NAMED = json_decoder(_Named)


def read_request(value: bytes) -> ContentRequest:
    """Read a request.

    Raises:
        Unusable: it is none, or asks for what there is not.
    """
    try:
        request = _REQUESTS.decode(value)
    except msgspec.MsgspecError as error:
        raise Unusable("unreadable", " ".join(str(error).split())[:200], _id_in(value)) from None
    check_id(request.id)
    choices: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("kind", request.kind, tuple(KINDS)),
        ("tone", request.tone, TONES),
        ("length", request.length, LENGTHS),
        ("generator", request.generator, GENERATORS),
    )
    for name, value_given, known in choices:
        if value_given not in known:
            raise Unusable("bad_request", f"no {name} {value_given[:40]!r}; there are {', '.join(known)}", request.id)
    if request.lang is not None and request.lang not in LANGS:
        detail = f"no language {request.lang[:20]!r}; there are {', '.join(LANGS)}"
        raise Unusable("unsupported_language", detail, request.id)
    if (request.hotspot_id is None) == (not (request.topic or request.keywords)):
        raise Unusable("bad_request", "a request names a hotspot, or a topic with keywords, and not both", request.id)
    words = (request.topic or "", *request.keywords)
    if len(request.keywords) > MAX_KEYWORDS or any(len(word) > MAX_TOPIC_CHARS for word in words):
        detail = f"at most {MAX_KEYWORDS} keywords, and {MAX_TOPIC_CHARS} characters in each and in the topic"
        raise Unusable("bad_request", detail, request.id)
    return request


def material_for(request: ContentRequest, shelf: Shelf) -> tuple[Brief, tuple[str, ...]]:
    """Return what the piece is made from, as one brief, and the ids of the hotspots that it is about.

    Raises:
        Unusable: nothing is known of what is asked for.
    """
    if request.hotspot_id is not None:
        brief = shelf.of(request.hotspot_id)
        if brief is None:
            detail = f"no hotspot {request.hotspot_id[:40]!r} has a brief"
            raise Unusable("unknown_hotspot", detail, request.id)
        briefs = [brief]
    else:
        briefs = shelf.about(request.topic or "", request.keywords)
    if request.lang is not None:
        briefs = [told_in(brief, request.lang) for brief in briefs]
    briefs = [brief for brief in briefs if brief.sentences or brief.headline_evidence]
    if not briefs:
        where = "" if request.lang is None else f" in language {request.lang}"
        raise Unusable("nothing_found", f"nothing that could be said{where} is in the briefs", request.id)
    return joined(briefs), tuple(brief.hotspot_id for brief in briefs)


def most_of(request: ContentRequest) -> int:
    """Return how many sentences the piece has at most."""
    usual = KINDS[request.kind]
    return {"short": max(1, usual // 2), "medium": usual, "long": min(2 * usual, MAX_SENTENCES)}[request.length]


def made(request: ContentRequest, piece: Piece, hotspots: tuple[str, ...]) -> Content:
    """Return the answer that a piece is; what it cost is for whoever asked a model to add.

    Raises:
        Unusable: nothing in it may be told.
    """
    if not piece.sentences:
        raise Unusable("nothing_found", "nothing that is known of it may be quoted", request.id)
    return Content(
        request_id=request.id,
        status="made",
        kind=piece.kind,
        lang=piece.lang,
        title=piece.title,
        sentences=piece.sentences,
        figures=piece.figures,
        mood=piece.mood,
        hotspots=hotspots,
        generator=piece.generator,
        dropped=piece.dropped,
        markdown=markdown_of(piece),
        html=html_of(piece),
        simulated=piece.simulated,
    )


def refused(why: Unusable) -> Content | None:
    """Return the answer to a request that cannot be used, None for one without an id: there is no one to tell."""
    if why.request_id is None:
        return None
    return Content(request_id=why.request_id, status="refused", reason=why.reason, detail=why.detail)


def _id_in(value: bytes) -> str | None:
    try:
        found = _NAMED.decode(value).id
    except msgspec.MsgspecError:
        return None
    return found if 0 < len(found) <= MAX_ID_CHARS else None
