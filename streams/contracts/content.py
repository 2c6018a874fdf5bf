"""Requests for content, and what came of them, in JSON: the topics `content.requests` and `content`."""

import msgspec

from streams.contracts.outputs import Sentence

SCHEMA = 1

KINDS = ("news", "article", "ad", "post", "reply", "report")
TONES = ("neutral", "warm", "urgent", "formal", "playful")
LENGTHS = ("short", "medium", "long")
LANGS = ("en", "zh")
GENERATORS = ("auto", "extractive", "openai", "onnx")
"""A language model where one is set up; never one; one of a server or of a folder, and told if there is none."""

REFUSALS = ("unreadable", "bad_request", "unsupported_language", "unknown_hotspot", "nothing_found")
"""Why a request cannot be used: the reason of its dead letter, and of the answer where it has an id."""

FALLBACKS = ("no_generator", "rate", "spend", "queue", "failed", "unsupported")
"""Why no language model tells it: none set up, a limit, too many wait, no answer, too little of it is supported."""


class ContentRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request on topic `content.requests`: a kind, and a hotspot or a topic with keywords.

    `id` is answered once: give each request its own. `topic` and `keywords` choose among the newest briefs of hotspots;
    sentences with more of their words come first. `lang` keeps what was said in that language, else it is the brief's.
    `tone` is for a language model alone.
    """

    id: str
    kind: str
    hotspot_id: str | None = None
    topic: str | None = None
    keywords: tuple[str, ...] = ()
    tone: str = "neutral"
    length: str = "medium"
    lang: str | None = None
    generator: str = "auto"


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a request, keyed by its id. `status` is "made" or "refused".

    `generator` is "extractive" or the model's name; `fallback` one of `FALLBACKS` where a model was to tell it and does
    not. `reason` is one of `REFUSALS`, `detail` one line for a person. `dropped` are the reasons why sentences of a
    model were not kept. `markdown` and `html` are the same piece, escaped for where they go. `cost` is what the model's
    server may charge, at the prices of the settings.
    """

    schema: int = SCHEMA
    request_id: str
    status: str
    kind: str = ""
    lang: str = ""
    title: str = ""
    sentences: tuple[Sentence, ...] = ()
    figures: tuple[str, ...] = ()
    mood: dict[str, float] | None = None
    hotspots: tuple[str, ...] = ()
    generator: str = ""
    fallback: str = ""
    reason: str | None = None
    detail: str = ""
    dropped: tuple[str, ...] = ()
    markdown: str = ""
    html: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    simulated: bool = False
