"""`redian generate`: a news item, article, advertisement, post, reply or report about a hotspot or a topic."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.errors import RedianError

if TYPE_CHECKING:
    from agents.adapters.generators.asking import LanguageModel
    from streams.content.composing import Piece
    from streams.contracts.content import ContentRequest
    from streams.contracts.outputs import Brief


class Kind(StrEnum):
    """What can be asked for."""

    NEWS = "news"
    ARTICLE = "article"
    AD = "ad"
    POST = "post"
    REPLY = "reply"
    REPORT = "report"


class Form(StrEnum):
    """How it is shown."""

    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


class Tone(StrEnum):
    """How a language model is to sound."""

    NEUTRAL = "neutral"
    WARM = "warm"
    URGENT = "urgent"
    FORMAL = "formal"
    PLAYFUL = "playful"


class Length(StrEnum):
    """How long it is: half of what is usual for its kind, that, twice that."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


class Lang(StrEnum):
    """In which language."""

    EN = "en"
    ZH = "zh"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("generate")(generate)


def generate(  # noqa: PLR0917 - the options of a command
    kind: Annotated[Kind, typer.Argument(help="What to write.")],
    hotspot: Annotated[
        str, typer.Argument(help="Hotspot id, or the beginning of one; see `redian brief list`. Not with --topic.")
    ] = "",
    folder: Annotated[
        Path | None, typer.Argument(help="Folder that backtest wrote; without one, what is on topic briefs.")
    ] = None,
    topic: Annotated[str, typer.Option("--topic", help="Write about this, from the briefs that speak of it.")] = "",
    keyword: Annotated[
        list[str] | None, typer.Option("--keyword", help="With or without --topic: what it should speak of; repeat.")
    ] = None,
    form: Annotated[Form, typer.Option("--form", help="How to show it.")] = Form.MARKDOWN,
    length: Annotated[Length, typer.Option("--length", help="How long.")] = Length.MEDIUM,
    lang: Annotated[Lang | None, typer.Option("--lang", help="Only what was said in this language.")] = None,
    by_worker: Annotated[
        bool, typer.Option("--by-worker", help="Have a worker make it, by topics content.requests and content.")
    ] = False,
    server: Annotated[
        str | None, typer.Option("--server", help="An OpenAI-compatible server, such as http://127.0.0.1:8080/v1.")
    ] = None,
    onnx: Annotated[
        Path | None,
        typer.Option("--onnx", help="Folder of a model that onnxruntime-genai runs here. Not with --server."),
    ] = None,
    model: Annotated[str, typer.Option("--model", help="The model's name there.")] = "default",
    key: Annotated[str, typer.Option("--key", envvar="OPENAI_API_KEY", help="Its bearer token.")] = "",
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, max=600, help="Seconds an answer may take.")] = 60.0,
    tone: Annotated[Tone, typer.Option("--tone", help="Tone, for a language model.")] = Tone.NEUTRAL,
) -> None:
    """Write about a hotspot from its newest brief, or about a topic from all briefs that speak of it.

    Without --server or --onnx the briefs' own sentences are used. With one a language model tells them, each of its
    sentences is checked against them, and what is not supported is dropped; where too little is left, or the model
    fails, their own sentences stand, and standard error says why. A worker uses the model of its settings
    (REDIAN_GENERATOR_URL or REDIAN_GENERATOR_FOLDER).
    Examples: redian generate report 4aafb7 run --form html > report.html
    redian generate news --topic "pine valley" --keyword bridge run
    redian generate post 4aafb7 --by-worker --length short
    """
    import msgspec

    from streams.content.requests import read_request
    from streams.contracts.content import ContentRequest
    from streams.contracts.requests import Unusable

    generator = _model(server, model, key, onnx, timeout)
    about = bool(topic or keyword)
    if about and hotspot:
        if folder is not None:
            raise RedianError("--topic and --keyword take the place of a hotspot; name one of them")
        hotspot, folder = "", Path(hotspot)
    if not about and not hotspot:
        raise RedianError("say about what: a hotspot (see `redian brief list`), or --topic")
    if by_worker and (folder is not None or server is not None or onnx is not None):
        raise RedianError(
            "a worker writes from topic briefs, by the model of its settings: leave out FOLDER, --server and --onnx"
        )
    request = ContentRequest(
        id=_new_id(),
        kind=kind.value,
        hotspot_id=hotspot or None,
        topic=topic or None,
        keywords=tuple(keyword or ()),
        tone=tone.value,
        length=length.value,
        lang=lang.value if lang is not None else None,
    )
    try:
        read_request(msgspec.json.encode(request))
        if by_worker:
            _by_worker(request, form)
            return
        brief = _material(request, folder)
    except Unusable as why:
        raise RedianError(why.detail) from None
    _show(_piece(request, brief, generator), form)


def _new_id() -> str:
    import uuid

    return f"generate-{uuid.uuid4().hex[:12]}"


def _material(request: "ContentRequest", folder: Path | None) -> "Brief":
    import msgspec

    from agents.cli.brief import newest_brief, newest_briefs
    from streams.content.requests import material_for
    from streams.content.shelf import Shelf

    shelf = Shelf()
    if request.hotspot_id is None:
        for brief in newest_briefs(folder):
            shelf.keep(brief)
    else:
        found = newest_brief(request.hotspot_id, folder)
        shelf.keep(found)
        request = msgspec.structs.replace(request, hotspot_id=found.hotspot_id)
    return material_for(request, shelf)[0]


def _model(server: str | None, model: str, key: str, folder: Path | None, timeout_s: float) -> "LanguageModel | None":
    if server is not None and folder is not None:
        raise RedianError("--server and --onnx name two models; leave one out")
    if folder is not None:
        from agents.adapters.generators.onnx import OnnxGenerator

        return OnnxGenerator(folder, timeout_s=timeout_s)
    if server is None:
        return None
    from agents.adapters.generators.openai import OpenAiGenerator

    return OpenAiGenerator(server, model, key=key, timeout_s=timeout_s)


def _piece(request: "ContentRequest", brief: "Brief", generator: "LanguageModel | None") -> "Piece":
    from agents.adapters.generators.openai import GeneratorError
    from streams.content.composing import accepted, composed, material_of, prompt_of
    from streams.content.requests import most_of

    most = most_of(request)
    piece = composed(brief, request.kind, most=most)
    if generator is None or not material_of(brief):
        return piece
    try:
        answer = generator.generate(prompt_of(brief, request.kind, request.tone, most))
        piece = accepted(brief, request.kind, answer.text, generator.name, most=most)
        counted = f"{answer.tokens_in} + {answer.tokens_out} tokens in {answer.seconds:.1f} s"
        typer.echo(f"{generator.name}: {counted}, {len(piece.dropped)} sentences dropped", err=True)
    except GeneratorError as error:
        piece = composed(brief, request.kind, most=most, fallback=str(error))
    if piece.fallback:
        typer.echo(f"the brief's own sentences are used: {piece.fallback}", err=True)
    return piece


def _show(piece: "Piece", form: Form) -> None:
    import msgspec

    from streams.content.rendering import html_of, markdown_of

    if form is Form.JSON:
        typer.echo(msgspec.json.encode(piece).decode())
    else:
        typer.echo(html_of(piece) if form is Form.HTML else markdown_of(piece), nl=False)


def _by_worker(request: "ContentRequest", form: Form) -> None:
    import msgspec

    from agents.cli.asking import asked
    from agents.cli.brief import newest_brief
    from agents.settings import current_settings
    from streams.contracts.content import Content
    from streams.contracts.topics import CONTENT, CONTENT_REQUESTS

    settings = current_settings()
    if request.hotspot_id is not None:
        request = msgspec.structs.replace(request, hotspot_id=newest_brief(request.hotspot_id, None).hotspot_id)
    wait_s = settings.generator_timeout_s + 60.0
    here = "write here from a folder of backtest"
    content = asked(
        settings, CONTENT_REQUESTS, CONTENT, request.id, request, kind=Content, wait_s=wait_s, otherwise=here
    )
    if content.status == "refused":
        raise RedianError(content.detail)
    if content.fallback:
        typer.echo(f"the brief's own sentences are used: {content.detail}", err=True)
    if form is Form.JSON:
        typer.echo(msgspec.json.encode(content).decode())
    else:
        typer.echo(content.html if form is Form.HTML else content.markdown, nl=False)
