"""`redian evaluate`: how many events were found, how soon, and what it cost in false alerts and repeats."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from streams.evaluation import Evaluation, Sized, Truth

SHOWN_MISSED = 20


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("evaluate")(evaluate)


def evaluate(
    stream: Annotated[
        Path | None,
        typer.Argument(help="JSON Lines of posts, plain or gzip; or a folder that backtest wrote.", show_default=False),
    ] = None,
    *,
    truth: Annotated[
        Path | None, typer.Option("--truth", help="What happened: must_find, must_ignore, label (JSON).")
    ] = None,
    series: Annotated[
        Path | None, typer.Option("--series", help="Counts instead of posts: a CSV of timestamp,value or a folder.")
    ] = None,
    windows: Annotated[
        Path | None,
        typer.Option("--windows", help="JSON: for each file of counts, a list of windows, each a begin and an end."),
    ] = None,
    budget: Annotated[float | None, typer.Option(min=0.001, help="False alerts a day that you accept.")] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", help="Other methods beside ours: raw-count, mastodon, signitrend, esd, or all."),
    ] = None,
    curve: Annotated[
        Path | None, typer.Option("--curve", help="With --against: draw found over false alerts a day, as an SVG.")
    ] = None,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Our own method with one part after another left out.")
    ] = False,
    learn: Annotated[
        bool, typer.Option("--learn", help="What is gained by learning from simulated readers, and what muting costs.")
    ] = False,
    wants: Annotated[
        str | None,
        typer.Option("--wants", help="One more reader for --learn, after events whose name or text matches this."),
    ] = None,
    null: Annotated[
        float | None, typer.Option("--null", min=0.01, help="So many simulated days in which nothing happens.")
    ] = None,
    planted: Annotated[
        float | None, typer.Option("--planted", min=1.5, help="So many simulated days with twenty events in each.")
    ] = None,
    shows: Annotated[
        int | None, typer.Option("--shows", min=1, help="So many simulated weeks with twelve weekly shows in each.")
    ] = None,
    posts_a_day: Annotated[
        float, typer.Option(min=1, help="With --null, --planted and --shows: posts of a working day.")
    ] = 9000,
    listed: Annotated[bool, typer.Option("--list", help="Show every hotspot, or alarm, with its verdict.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as one JSON object.")] = False,
) -> None:
    """Judge the alerts on a stream whose events are known.

    A hotspot is judged by its first alert: by the event that at least 60 % of its evidence posts (five or more)
    belong to. A second hotspot on a found event is a repeat; background, floods and daily habits are false;
    labelled events that need not be found count for nothing.
    Example: redian evaluate posts.jsonl.gz --truth posts.truth.json.gz --encoder off

    With --against, other methods run over the same posts, terms and counts, each at the threshold that finds most
    within the budget on this very stream: ours has to do without such knowledge.
    Example: redian evaluate posts.jsonl.gz --truth posts.truth.json.gz --encoder off --against all --curve found.svg

    With --ablate, the engine runs again and again, each time without one of its parts: what is each good for?
    Example: redian evaluate posts.jsonl.gz --truth posts.truth.json.gz --encoder off --ablate

    With --learn, simulated readers judge the alerts as they come, by the truth: one wants every event, one the larger
    half, one changes to the smaller half in the middle. Shown are, before and after learning, how likely a relevant
    hotspot ranks above another, how many of the ten highest of a day are relevant, and how good the probabilities are
    (before: the share of relevant ones); then what was muted, and how many relevant ones a day among that.
    Example: redian evaluate posts.jsonl.gz --truth posts.truth.json.gz --encoder off --learn --wants "flood|storm"

    With --null, the stream is made up: daily and weekly rhythm, topics that come and go, people who write much and
    little, as in real posts, and no event. Every alert is false; shown are how many a day, with a 95 % interval, at
    the budgets 0.1, 1 and 10, or the one given.
    Example: redian evaluate --null 30 --encoder off

    With --planted, events of 8 to 80 people each are planted into such a stream from its second day on: shown are how
    many of each size are told of, and how soon.
    Example: redian evaluate --planted 10 --encoder off

    With --shows, 12 to 80 people each talk of twelve shows once a week: shown is how many are still told of, by week.
    Example: redian evaluate --shows 5 --posts-a-day 1500 --encoder off

    With --series, alarms on series of counts are scored as the Numenta Anomaly Benchmark does, in its standard
    profile: 0 is no alarm at all, 100 one at the very beginning of each window and none outside. The budget is for
    all series together, 1 if none is given.
    Example: redian evaluate --series counts/ --windows windows.json
    """
    import msgspec
    from rich.console import Console

    from agents.cli.comparison import evaluate_ablations, evaluate_against
    from agents.cli.readers import evaluate_learning
    from agents.cli.series import evaluate_series
    from agents.cli.told import told_in_folder, told_of_posts
    from agents.errors import RedianError
    from streams.evaluation import evaluate as judge
    from streams.evaluation import sized

    if made_up := [option for option in (null, planted, shows) if option is not None]:
        if (
            any(given is not None for given in (stream, truth, series, windows, against, curve, wants))
            or len(made_up) > 1
            or ablate
            or learn
        ):
            raise RedianError("--null, --planted and --shows make their own stream: name one of them, and no file")
        _made_up(null, planted, shows, posts_a_day=posts_a_day, budget=budget, as_json=as_json)
        return
    if series is not None and windows is not None and stream is None and truth is None:
        evaluate_series(series, windows, 1.0 if budget is None else budget, listed=listed, as_json=as_json)
        return
    if stream is None or truth is None or series is not None or windows is not None:
        raise RedianError(
            "name a stream of posts with --truth FILE, or --series FILE with --windows FILE, or --null DAYS"
        )
    known = _known(truth)
    if against is not None:
        evaluate_against(stream, known, against.split(","), budget, picture=curve, as_json=as_json)
        return
    if ablate:
        evaluate_ablations(stream, known, budget, as_json=as_json)
        return
    if learn or wants is not None:
        evaluate_learning(stream, known, budget, wants, as_json=as_json)
        return
    if curve is not None:
        raise RedianError("--curve draws what --against compares; add --against all")
    ran = told_in_folder(stream) if stream.is_dir() else told_of_posts(stream, budget)
    result, sizes = judge(ran.alerts, known, ran.days), sized(ran.states)
    console = Console()
    if as_json:
        console.out(msgspec.json.encode({**_figures(result), "sizes": sizes}).decode(), highlight=False)
        return
    if listed:
        console.print(_every(result))
    console.print(_table(result, stream.name))
    if sizes is not None:
        console.print(_said(sizes), highlight=False, soft_wrap=True)
    if result.missed:
        names = ", ".join(result.missed[:SHOWN_MISSED])
        more = f" and {len(result.missed) - SHOWN_MISSED} more" if len(result.missed) > SHOWN_MISSED else ""
        console.print(f"[bold]missed[/] {names}{more}", soft_wrap=True)


def _known(path: Path) -> "Truth":
    import msgspec

    from agents.files import UnreadableFile, lines_of
    from streams.evaluation import Truth

    try:
        return msgspec.json.decode(b"".join(lines_of(path)), type=Truth)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path} is not the truth of a stream: {error}") from None


def _made_up(
    null: float | None,
    planted: float | None,
    shows: int | None,
    *,
    posts_a_day: float,
    budget: float | None,
    as_json: bool,
) -> None:
    from agents.cli.airings import evaluate_shows
    from agents.cli.found import evaluate_planted
    from agents.cli.null import BUDGETS, evaluate_null

    if null is not None:
        evaluate_null(null, posts_a_day, BUDGETS if budget is None else (budget,), as_json=as_json)
    elif planted is not None:
        evaluate_planted(planted, posts_a_day, 1.0 if budget is None else budget, as_json=as_json)
    elif shows is not None:
        evaluate_shows(shows, posts_a_day, 1.0 if budget is None else budget, as_json=as_json)


def _said(sizes: "Sized") -> str:
    return (
        f"sizes within six hours, guessed at the first alert: [bold]{sizes.held:.0%}[/] of {sizes.guessed} within the "
        f"interval (80 % promised), [bold]{sizes.error:.1f}[/] times too large or small "
        f"({sizes.unchanged:.1f} had each been guessed to stay as it was)"
    )


def _figures(result: "Evaluation") -> dict[str, object]:
    return {
        "found": result.count("found"),
        "events": result.events,
        "false": result.count("false"),
        "false_a_day": round(result.false_a_day, 3),
        "repeats": result.count("repeat"),
        "other": result.count("other"),
        "median_delay_minutes": None if result.median_delay_ms is None else round(result.median_delay_ms / 60_000, 1),
        "before_peak": result.before_peak,
        "days": round(result.days, 2),
        "missed": result.missed,
    }


def _table(result: "Evaluation", title: str) -> "Table":
    from rich.table import Table

    figures = _figures(result)
    table = Table(title=title, title_justify="left")
    for name in ("found", "false a day", "repeats", "other events", "median delay", "before the peak", "days"):
        table.add_column(name, justify="right")
    delay = figures["median_delay_minutes"]
    table.add_row(
        f"[bold green]{figures['found']}[/] of {figures['events']}",
        f"[bold]{result.false_a_day:.2f}[/] ({figures['false']})",
        str(figures["repeats"]),
        str(figures["other"]),
        "-" if delay is None else f"{delay} min",
        "-" if result.before_peak is None else str(result.before_peak),
        f"{result.days:.1f}",
    )
    return table


def _every(result: "Evaluation") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    from streams.contracts.times import format_time

    colours = {"found": "green", "repeat": "yellow", "other": "dim", "false": "red"}
    table = Table("first alert", "verdict", "event", "after", "terms")
    for judged in result.judged:
        after = "-" if judged.delay_ms is None else f"{judged.delay_ms / 60_000:.0f} min"
        verdict = f"[{colours[judged.verdict]}]{judged.verdict}[/]"
        table.add_row(format_time(judged.emitted_ms), verdict, judged.event, after, escape(" ".join(judged.terms[:5])))
    return table
