"""`redian evaluate --against` and `--ablate`: the engine beside other methods, and beside itself without its parts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agents.cli.told import posts_of, told_of_posts
from agents.errors import RedianError

if TYPE_CHECKING:
    from rich.table import Table

    from streams.comparing import Curve, Place
    from streams.evaluation import Evaluation, Truth

OURS: Final = "redian"


def evaluate_against(
    stream: Path, truth: "Truth", names: Sequence[str], budget: float | None, *, picture: Path | None, as_json: bool
) -> None:
    """See `redian evaluate --against`.

    Raises:
        RedianError: in one line, what is unknown or does not fit.
    """
    import msgspec
    from rich.console import Console

    from agents.settings import current_settings
    from streams.comparing import METHODS, Contest, best_within, places
    from streams.evaluation import evaluate as judge

    names = list(METHODS) if list(names) == ["all"] else names
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise RedianError(f"--against knows {', '.join(METHODS)} and all, not {', '.join(unknown)}")
    if stream.is_dir():
        raise RedianError("other methods run over the posts themselves: name the file, not what backtest wrote of it")
    if picture is not None and not picture.parent.is_dir():
        raise RedianError(f"{picture} cannot be written (there is no folder {picture.parent})")
    settings = current_settings({} if budget is None else {"budget": budget})
    ran = told_of_posts(stream, settings.budget)
    days = ran.days
    ours = judge(ran.alerts, truth, days)
    contest = Contest(names)
    for post in posts_of(stream):
        contest.take(post)
    contest.end()
    tried = {
        name: places(candidates, lambda told: judge(told, truth, days), settings.pipeline().lateness_ms)
        for name, candidates in contest.candidates.items()
    }
    best = {name: best_within(found, settings.budget) for name, found in tried.items()}
    console = Console()
    if as_json:
        figures = {OURS: _figures(ours), **{name: _figures_at(place) for name, place in best.items()}}
        console.out(msgspec.json.encode(figures).decode(), highlight=False)
    else:
        console.print(_table(f"{stream.name}, budget {settings.budget:g}", ours, best))
    if picture is not None:
        _draw(
            picture, f"{stream.name}: events found", [_ours(stream, truth, days), *map(_curve, names, tried.values())]
        )


def evaluate_ablations(stream: Path, truth: "Truth", budget: float | None, *, as_json: bool) -> None:
    """See `redian evaluate --ablate`.

    Raises:
        RedianError: the stream is what backtest wrote, which can no more be run without a part.
    """
    import msgspec
    from rich.console import Console

    from streams.ablations import ABLATIONS
    from streams.evaluation import evaluate as judge

    if stream.is_dir():
        raise RedianError("parts can be left out of a run over posts: name the file, not what backtest wrote of it")
    results = {}
    for part in (None, *ABLATIONS):
        ran = told_of_posts(stream, budget, part)
        results[part or OURS] = judge(ran.alerts, truth, ran.days)
    console = Console()
    if as_json:
        console.out(msgspec.json.encode({name: _figures(result) for name, result in results.items()}).decode())
    else:
        console.print(_ablated(stream.name, results))


def _ablated(title: str, results: "dict[str, Evaluation]") -> "Table":
    from rich.table import Table

    table = Table("without", title=title, title_justify="left")
    for name in ("found", "false a day", "repeats", "median delay"):
        table.add_column(name, justify="right")
    for name, result in results.items():
        whole = name == OURS
        table.add_row("nothing (the engine)" if whole else name, *_cells(result), style="green" if whole else "")
    return table


def _ours(stream: Path, truth: "Truth", days: float) -> "Curve":
    """Run the engine at one budget after another: it has no threshold that could be moved afterwards."""
    from streams.comparing import BUDGETS, Curve
    from streams.evaluation import evaluate as judge

    results = [judge(told_of_posts(stream, budget).alerts, truth, days) for budget in BUDGETS]
    points = sorted((result.false_a_day, result.count("found") / max(result.events, 1)) for result in results)
    return Curve(OURS, points)


def _curve(name: str, tried: "Sequence[Place]") -> "Curve":
    """Return the most that was found at each number of false alerts or fewer."""
    from streams.comparing import Curve

    points: list[tuple[float, float]] = []
    for place in sorted(tried, key=lambda place: place.result.false_a_day):
        found = place.result.count("found") / max(place.result.events, 1)
        if not points or found > points[-1][1]:
            points.append((place.result.false_a_day, found))
    return Curve(name, points)


def _draw(picture: Path, title: str, curves: "Sequence[Curve]") -> None:
    from streams.comparing import drawn

    try:
        picture.write_text(drawn(title, curves), encoding="utf-8")
    except OSError as error:
        raise RedianError(f"{picture} cannot be written ({error.strerror})") from None


def _figures(result: "Evaluation") -> dict[str, object]:
    delay = result.median_delay_ms
    return {
        "found": result.count("found"),
        "events": result.events,
        "false_a_day": round(result.false_a_day, 3),
        "repeats": result.count("repeat"),
        "median_delay_minutes": None if delay is None else round(delay / 60_000, 1),
    }


def _figures_at(place: "Place | None") -> dict[str, object] | None:
    return None if place is None else {**_figures(place.result), "threshold": place.threshold}


def _table(title: str, ours: "Evaluation", best: "dict[str, Place | None]") -> "Table":
    from rich.table import Table

    caption = "thresholds of the others: the best within the budget, chosen with the truth in hand"
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    table.add_column("method")
    for name in ("found", "false a day", "repeats", "median delay", "threshold"):
        table.add_column(name, justify="right")
    table.add_row(f"[bold]{OURS}[/]", *_cells(ours), "the budget", style="green")
    for name, place in best.items():
        if place is None:
            table.add_row(name, *["-"] * 4, "none")
        else:
            table.add_row(name, *_cells(place.result), f"{place.threshold:.3g}")
    return table


def _cells(result: "Evaluation") -> list[str]:
    figures = _figures(result)
    delay = figures["median_delay_minutes"]
    return [
        f"{figures['found']} of {figures['events']}",
        f"{result.false_a_day:.2f}",
        str(figures["repeats"]),
        "-" if delay is None else f"{delay} min",
    ]
