"""`redian bench`: how fast the parts are, as ratios to references that run beside them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from agents.bench.paired import Measured, Work
    from streams.intake import Record

Stream = Annotated[Path, typer.Argument(help="JSON Lines of posts, plain or gzip.")]
Posts = Annotated[int, typer.Option(min=1, help="How many of them are used.")]
Repeats = Annotated[int, typer.Option(min=1, max=100, help="Rounds; the figure is the median.")]
Beside = Annotated[str | None, typer.Option(metavar="MODEL", help="Another model, whose bare session is run too.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    bench = typer.Typer(help="Measure parts of Redian beside references, in turns, by processor time.")
    bench.command("scoring")(scoring)
    bench.command("pipeline")(pipeline)
    app.add_typer(bench, name="bench", no_args_is_help=True)


def scoring(
    stream: Stream, posts: Posts = 512, repeats: Repeats = 5, beside: Beside = None, as_json: AsJson = False
) -> None:
    """Measure the scoring stage beside a bare session on the same token ids: what Redian adds to the model.

    Example: redian bench scoring posts.jsonl.gz --beside standard
    """
    from agents.bench.stages import SESSION
    from agents.bench.stages import scoring as cases_of
    from agents.errors import RedianError
    from agents.settings import current_settings
    from agents.startup import make_intake, make_scorer

    settings = current_settings({"score_cache": 0})
    scorer = make_scorer(settings)
    if scorer is None:
        raise RedianError("the encoder is off, so there is nothing to measure; leave out `--encoder off`")
    intake = make_intake(settings)
    read = (post for record in _records(stream, posts) for post in intake.take(record).posts)
    texts = list(dict.fromkeys(post.text for post in read if post.text))
    other = None if beside is None else make_scorer(settings.model_copy(update={"encoder": beside}))
    _run(SESSION, cases_of(scorer, texts, other), len(texts), repeats, as_json)


def pipeline(stream: Stream, posts: Posts = 10_000, repeats: Repeats = 5, as_json: AsJson = False) -> None:
    """Measure the stages up to hotspots, without model and broker, beside `json.loads` of the same messages.

    Example: redian bench pipeline posts.jsonl.gz --posts 20000
    """
    from agents.bench.stages import DECODING, stages
    from agents.settings import current_settings
    from agents.startup import make_intake

    settings = current_settings()
    records = _records(stream, posts)
    _run(DECODING, stages(records, settings.pipeline(), make_intake(settings)), posts, repeats, as_json)


def _records(stream: Path, posts: int) -> "list[Record]":
    from agents.bench.stages import records_of
    from agents.errors import RedianError
    from agents.files import lines_of
    from agents.settings import current_settings

    settings = current_settings()
    records = records_of(lines_of(stream), posts, settings.pipeline(), settings.posts_per_message)
    if not records:
        raise RedianError(f"{stream} has no posts to measure with")
    return records


def _run(reference: str, cases: "Mapping[str, Work]", posts: int, repeats: int, as_json: bool) -> None:
    import msgspec
    from rich.console import Console
    from rich.progress import Progress

    from agents.bench.machine import machine
    from agents.bench.paired import measure

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("measuring", total=len(cases) * (repeats + 1))
        measured = measure(reference, cases, posts, repeats, lambda: progress.advance(task))
    console = Console()
    if as_json:
        console.out(msgspec.json.encode({"machine": machine(), "posts": posts, "measured": measured}).decode())
        return
    console.print(_table(reference, measured))
    console.print("  ".join(f"[dim]{name}[/] {value}" for name, value in machine().items()))


def _table(reference: str, measured: "list[Measured]") -> "Table":
    from rich.table import Table

    table = Table(box=None)
    table.add_column("")
    for name in ("posts/s a core", "lowest to highest", f"÷ {reference}", "lowest to highest"):
        table.add_column(name, justify="right")
    for case in measured:
        rates, ratios = case.posts_per_second, case.ratios
        table.add_row(
            case.name,
            f"{case.rate:,.0f}",
            f"{min(rates):,.0f} to {max(rates):,.0f}",
            "1" if case.name == reference else f"[bold]{case.ratio:.3g}[/]",
            "" if case.name == reference else f"{min(ratios):.3g} to {max(ratios):.3g}",
        )
    return table
