"""`redian bench`: how fast the parts are, as ratios to references that run beside them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.cli.progress import measuring

if TYPE_CHECKING:
    from rich.table import Table

    from agents.bench.report import Report
    from streams.intake import Record

Stream = Annotated[Path, typer.Argument(help="JSON Lines of posts, plain or gzip.")]
Posts = Annotated[int, typer.Option(min=1, help="How many of them are used.")]
Repeats = Annotated[int, typer.Option(min=1, max=100, help="Rounds; the figure is the median.")]
Beside = Annotated[str | None, typer.Option(metavar="MODEL", help="Another model, whose bare session is run too.")]
Rate = Annotated[float, typer.Option(min=0, help="Posts a second by their dates, 0: dated as they are.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a benchmark.")]
Picture = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the ratios as an SVG.")]
History = Annotated[Path | None, typer.Option(help="Add to this file instead of bench.jsonl in the data folder.")]

AS_DATED = 0.0
"""A file of a few posts a minute says much about closing minutes; a rate says what a post costs on a busy stream."""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    bench = typer.Typer(help="Measure parts of Redian beside references, in turns, by processor time.")
    for command in (scoring, intake, hotspots, growth, pipeline, latency, recovery):
        bench.command(command.__name__)(command)
    bench.command("all")(everything)
    app.add_typer(bench, name="bench", no_args_is_help=True)


def scoring(  # noqa: PLR0917 - the options of a command
    stream: Stream,
    posts: Posts = 512,
    repeats: Repeats = 5,
    beside: Beside = None,
    as_json: AsJson = False,
    picture: Picture = None,
    history: History = None,
) -> None:
    """Measure the scoring stage beside a bare session on the same token ids: what Redian adds to the model.

    Example: redian bench scoring posts.jsonl.gz --beside standard
    """
    _tell([_scoring(stream, posts, repeats, beside)], as_json, picture, history)


def intake(  # noqa: PLR0917 - the options of a command
    stream: Stream,
    posts: Posts = 10_000,
    repeats: Repeats = 5,
    rate: Rate = AS_DATED,
    as_json: AsJson = False,
    picture: Picture = None,
    history: History = None,
) -> None:
    """Measure the stages up to hotspots, without model and broker, beside `json.loads` of the same messages.

    Example: redian bench intake posts.jsonl.gz --posts 20000
    """
    _tell([_intake(stream, posts, repeats, rate)], as_json, picture, history)


def hotspots(
    posts: Posts = 60_000,
    repeats: Repeats = 3,
    as_json: AsJson = False,
    picture: Picture = None,
    history: History = None,
) -> None:
    """Measure the engine alone, terms given, 20 a post: beside sets of authors by hand, its memory, its accuracy.

    Example: redian bench hotspots
    """
    _tell([_hotspots(posts, repeats)], as_json, picture, history)


def growth(  # noqa: PLR0917 - the options of a command
    stream: Stream,
    posts: Posts = 10_000,
    repeats: Repeats = 3,
    rate: Annotated[float, typer.Option(min=1, help="Posts a second by their dates.")] = 500.0,
    as_json: AsJson = False,
    picture: Picture = None,
    history: History = None,
) -> None:
    """Measure what a post costs with more partitions, shards and authors, longer texts, and in a backlog.

    Intake, counting and the shards, without model and broker.

    Example: redian bench growth posts.jsonl.gz --rate 2000
    """
    _tell([_growth(stream, posts, repeats, rate)], as_json, picture, history)


def pipeline(  # noqa: PLR0917 - the options of a command
    stream: Stream,
    posts: Posts = 60_000,
    repeats: Repeats = 3,
    rate: Rate = AS_DATED,
    as_json: AsJson = False,
    picture: Picture = None,
    history: History = None,
) -> None:
    """Measure a worker on a broker of its own beside a bare Faust agent and a bare `getmany` loop on the same topic.

    Without a model unless one is named with --encoder; then beside a bare session on the same texts too. The broker is
    Apache Kafka if `make kafka` fetched it.

    Example: redian bench pipeline posts.jsonl.gz --set posts_per_message=1
    """
    _tell([_pipeline(stream, posts, repeats, rate)], as_json, picture, history)


def latency(
    stream: Stream,
    load: Annotated[float, typer.Option(min=1, help="Posts a second.")] = 1000.0,
    seconds: Annotated[float, typer.Option(min=1, help="How long it lasts.")] = 30.0,
    as_json: AsJson = False,
    history: History = None,
) -> None:
    """Measure how long a post takes from being written to being scored, at a steady load.

    Example: redian bench latency posts.jsonl.gz --load 2500
    """
    _tell([_latency(stream, load, seconds)], as_json, None, history)


def recovery(repeats: Repeats = 3, as_json: AsJson = False, picture: Picture = None, history: History = None) -> None:
    """Measure reading back a shard of a million terms beside a bare read of its log, and the start of a worker.

    Example: redian bench recovery
    """
    _tell([_recovery(repeats)], as_json, picture, history)


def everything(
    stream: Stream,
    repeats: Repeats = 3,
    as_json: AsJson = False,
    picture: Picture = None,
    history: History = None,
) -> None:
    """Run all of them, one after the other, each with its usual number of posts.

    Example: redian bench all posts.jsonl.gz --picture bench.svg
    """
    reports = [
        _scoring(stream, 512, repeats, None),
        _intake(stream, 10_000, repeats, AS_DATED),
        _hotspots(60_000, repeats),
        _growth(stream, 10_000, repeats, 500.0),
        _pipeline(stream, 60_000, repeats, AS_DATED),
        _latency(stream, 1000.0, 30.0),
        _recovery(repeats),
    ]
    _tell(reports, as_json, picture, history)


def _scoring(stream: Path, posts: int, repeats: int, beside: str | None) -> "Report":
    from agents.bench.paired import measure
    from agents.bench.report import Report
    from agents.bench.stages import SESSION, texts_of
    from agents.bench.stages import scoring as cases_of
    from agents.errors import RedianError
    from agents.settings import current_settings
    from agents.startup import make_intake, make_scorer

    settings = current_settings({"score_cache": 0})
    scorer = make_scorer(settings)
    if scorer is None:
        raise RedianError("the encoder is off, so there is nothing to measure; leave out `--encoder off`")
    texts = texts_of(_records(stream, posts, 0), make_intake(settings))
    other = None if beside is None else make_scorer(settings.model_copy(update={"encoder": beside}))
    cases = cases_of(scorer, texts, other)
    with measuring("scoring", len(cases) * (repeats + 1)) as advance:
        measured = measure(SESSION, cases, len(texts), repeats, advance)
    on = {"model": scorer.model.name, "provider": scorer.encoder.provider}
    return Report(bench="scoring", posts=len(texts), reference=SESSION, measured=tuple(measured), on=on)


def _intake(stream: Path, posts: int, repeats: int, rate: float) -> "Report":
    from agents.bench.paired import measure
    from agents.bench.report import Report
    from agents.bench.stages import DECODING, stages
    from agents.settings import current_settings
    from agents.startup import make_intake

    settings = current_settings()
    cases = stages(_records(stream, posts, rate), settings.pipeline(), make_intake(settings))
    with measuring("intake", len(cases) * (repeats + 1)) as advance:
        measured = measure(DECODING, cases, posts, repeats, advance)
    return Report(
        bench="intake", posts=posts, reference=DECODING, measured=tuple(measured), on={"posts a second": f"{rate:g}"}
    )


def _hotspots(posts: int, repeats: int) -> "Report":
    from agents.bench.engine import hotspots as measured
    from agents.bench.engine import steps

    with measuring("hotspots", steps(repeats)) as advance:
        return measured(posts=posts, repeats=repeats, on_run=advance)


def _growth(stream: Path, posts: int, repeats: int, rate: float) -> "Report":
    from agents.bench.growth import CASES
    from agents.bench.growth import growth as measured
    from agents.settings import current_settings
    from agents.startup import make_intake

    settings = current_settings()
    with measuring("growth", len(CASES) * (repeats + 1)) as advance:
        return measured(
            _lines(stream, posts, 0),
            make_intake(settings),
            posts_per_second=rate,
            slice_s=settings.slice_s,
            posts_per_message=settings.posts_per_message,
            repeats=repeats,
            on_run=advance,
        )


def _pipeline(stream: Path, posts: int, repeats: int, rate: float) -> "Report":
    from agents.bench.flow import pipeline as measured
    from agents.bench.stages import records_of, session_seconds
    from agents.settings import current_settings
    from agents.startup import make_intake, make_scorer
    from streams.contracts.times import LATEST_MS

    lines, chosen, session = _lines(stream, posts, rate), _chosen("off"), None
    if chosen["encoder"] != "off" and (scorer := make_scorer(current_settings({"score_cache": 0}))) is not None:
        settings = current_settings()
        intake = make_intake(settings)
        records = records_of(lines, len(lines), settings.pipeline(), settings.posts_per_message)
        texts = [post.text for record in records for post in intake.take(record).posts]
        session = session_seconds(scorer, texts)
    with measuring("pipeline", repeats) as advance:
        return measured(lines, chosen, repeats=repeats, latest_ms=LATEST_MS, session=session, on_round=advance)


def _latency(stream: Path, load: float, seconds: float) -> "Report":
    import msgspec

    from agents.bench.flow import latency as measured
    from streams.contracts.posts import Post

    texts = [msgspec.json.decode(line, type=Post).text for line in _lines(stream, 5_000, 0)]
    with measuring("latency", 1):
        return measured(texts, _chosen("off"), posts_per_second=load, seconds=seconds)


def _recovery(repeats: int) -> "Report":
    from agents.bench.recovery import recovery as measured

    with measuring("recovery", repeats) as advance:
        return measured(_chosen("auto"), repeats=repeats, on_round=advance)


def _chosen(encoder: str) -> dict[str, str]:
    """Return the settings that were given, for a worker; the encoder is `encoder` unless one was given."""
    from agents.connections import CONNECTION
    from agents.settings import Settings, current_settings, source_of

    settings = current_settings()
    own = ("data_dir", "web_port", "web_host", "author_key")
    given = [name for name in Settings.model_fields if source_of(name) != "default" and name not in CONNECTION]
    chosen = {name: str(getattr(settings, name)) for name in given if name not in own}
    return {"encoder": encoder, "author_key": "of no deployment, for measuring", **chosen}


def _lines(stream: Path, posts: int, rate: float) -> list[bytes]:
    from agents.bench.dating import at_rate
    from agents.bench.engine import BEGIN_MS
    from agents.errors import RedianError
    from agents.files import lines_of

    lines = at_rate(lines_of(stream), posts, rate, BEGIN_MS)
    if not lines:
        raise RedianError(f"{stream} has no posts to measure with")
    return lines


def _records(stream: Path, posts: int, rate: float) -> "list[Record]":
    from agents.bench.stages import records_of
    from agents.settings import current_settings

    settings = current_settings()
    return records_of(_lines(stream, posts, rate), posts, settings.pipeline(), settings.posts_per_message)


def _tell(reports: "list[Report]", as_json: bool, picture: Path | None, history: Path | None) -> None:
    import time

    import msgspec
    from rich.console import Console

    from agents.bench.picture import drawn
    from agents.bench.report import HISTORY, keep
    from agents.errors import RedianError
    from agents.settings import current_settings
    from streams.contracts.times import format_time

    at = format_time(time.time_ns() // 1_000_000)
    console = Console()
    for report in reports:
        keep(report, at, history or current_settings().data_dir / HISTORY)
        if as_json:
            console.out(msgspec.json.encode(report).decode(), highlight=False)
        else:
            show(report, console)
    if picture is not None:
        try:
            picture.write_text(drawn(reports), "utf-8")
        except OSError as error:
            raise RedianError(f"{picture} cannot be written ({error.strerror})") from None


def show(report: "Report", console: Any) -> None:
    """Print a report for a person."""
    console.print(f"\n[bold]{report.bench}[/], {report.posts:,} posts")
    if report.measured:
        console.print(_table(report))
    for figure in report.figures:
        low, high = min(figure.values), max(figure.values)
        spread = f" ({low:,.4g} to {high:,.4g})" if len(figure.values) > 1 else ""
        bar = f"  [dim]bar {figure.bar}[/]" if figure.bar else ""
        console.print(f"  {figure.name}: [bold]{figure.middle:,.4g}[/] {figure.unit}{spread}{bar}", highlight=False)
    shown = {**report.on, **report.machine}
    console.print("  ".join(f"[dim]{name}[/] {value}" for name, value in shown.items() if name != "author_key"))


def _table(report: "Report") -> "Table":
    from rich.table import Table

    table = Table(box=None)
    table.add_column("")
    for name in ("posts/s a core", "lowest to highest", f"÷ {report.reference}", "lowest to highest"):
        table.add_column(name, justify="right")
    for case in report.measured:
        rates, ratios = case.posts_per_second, case.ratios
        is_reference = case.name == report.reference
        table.add_row(
            case.name,
            f"{case.rate:,.0f}",
            f"{min(rates):,.0f} to {max(rates):,.0f}",
            "1" if is_reference else f"[bold]{case.ratio:.3g}[/]",
            "" if is_reference else f"{min(ratios):.3g} to {max(ratios):.3g}",
        )
    return table
