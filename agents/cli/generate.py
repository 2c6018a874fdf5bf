"""`redian generate`: a news item, article, advertisement, post, reply or report about a hotspot."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("generate")(generate)


def generate(  # noqa: PLR0917 - the options of a command
    kind: Annotated[Kind, typer.Argument(help="What to write.")],
    hotspot: Annotated[str, typer.Argument(help="Hotspot id, or the beginning of one; see `redian brief list`.")],
    folder: Annotated[
        Path | None, typer.Argument(help="Folder that backtest wrote; without one, what is on topic briefs.")
    ] = None,
    form: Annotated[Form, typer.Option("--form", help="How to show it.")] = Form.MARKDOWN,
    server: Annotated[
        str | None, typer.Option("--server", help="An OpenAI-compatible server, such as http://127.0.0.1:8080/v1.")
    ] = None,
    model: Annotated[str, typer.Option("--model", help="The model's name there.")] = "default",
    key: Annotated[str, typer.Option("--key", envvar="OPENAI_API_KEY", help="Its bearer token.")] = "",
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, max=600, help="Seconds an answer may take.")] = 60.0,
    tone: Annotated[str, typer.Option("--tone", help="Tone for a model: neutral, warm, urgent …")] = "neutral",
) -> None:
    """Write about a hotspot from its newest brief.

    Without --server the brief's own sentences are used. With it a language model tells them, each of its sentences is
    checked against the brief, and what is not supported is dropped; where too little is left, or the server fails, the
    brief's own sentences stand, and standard error says why.
    Example: redian generate report 4aafb7 run --form html > report.html
    """
    import msgspec

    from agents.adapters.generators.openai import GeneratorError, OpenAiGenerator
    from agents.cli.brief import newest_brief
    from streams.content.composing import accepted, composed, material_of, prompt_of
    from streams.content.rendering import html_of, markdown_of

    brief = newest_brief(hotspot, folder)
    piece = composed(brief, kind.value)
    if server is not None and material_of(brief):
        generator = OpenAiGenerator(server, model, key=key, timeout_s=timeout)
        try:
            answer = generator.generate(prompt_of(brief, kind.value, tone))
            piece = accepted(brief, kind.value, answer.text, generator.name)
            counted = f"{answer.tokens_in} + {answer.tokens_out} tokens in {answer.seconds:.1f} s"
            typer.echo(f"{generator.name}: {counted}, {len(piece.dropped)} sentences dropped", err=True)
        except GeneratorError as error:
            piece = composed(brief, kind.value, fallback=str(error))
        if piece.fallback:
            typer.echo(f"the brief's own sentences are used: {piece.fallback}", err=True)
    if form is Form.JSON:
        typer.echo(msgspec.json.encode(piece).decode())
    else:
        typer.echo(html_of(piece) if form is Form.HTML else markdown_of(piece), nl=False)
