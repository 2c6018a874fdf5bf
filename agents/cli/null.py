"""`redian evaluate --null`: what the engine tells of a stream in which nothing happens, budget by budget."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.table import Table

    from streams.evaluation import Nothing

BUDGETS: Final = (0.1, 1.0, 10.0)
BEGIN_MS: Final = 1_772_409_600_000
"""A Monday, at midnight: 2 March 2026."""
_ALLOWED: Final = 1.5
SEED: Final = 1


def evaluate_null(days: float, posts_a_day: float, budgets: Sequence[float], *, as_json: bool) -> None:
    """See `redian evaluate --null`."""
    import msgspec
    from rich.console import Console

    from agents.cli.told import told_of
    from streams.evaluation import nothing_told
    from streams.simulation import uneventful

    results = {
        budget: nothing_told(told_of(uneventful(SEED, BEGIN_MS, days, posts_a_day), budget), BEGIN_MS, days)
        for budget in budgets
    }
    console = Console()
    if as_json:
        figures = [{"budget": budget, **_figures(result)} for budget, result in results.items()]
        console.out(msgspec.json.encode(figures).decode(), highlight=False)
    else:
        console.print(_table(f"{days:g} days of {posts_a_day:,.0f} posts in which nothing happens", results))


def _figures(result: "Nothing") -> dict[str, object]:
    return {
        "alerts": result.alerts,
        "first_hour": result.first_hour,
        "first_day": result.first_day,
        "days": result.days,
        "a_day": round(result.a_day, 4),
        "low": round(result.low, 4),
        "high": round(result.high, 4),
    }


def _table(title: str, results: "dict[float, Nothing]") -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in ("budget", "alerts", "first hour", "first day", "a day", "95 % interval", "upper end / budget"):
        table.add_column(name, justify="right")
    for budget, result in results.items():
        times = result.high / budget
        colour = "green" if times <= _ALLOWED else "yellow" if result.a_day <= budget else "red"
        table.add_row(
            f"{budget:g}",
            str(result.alerts),
            str(result.first_hour),
            str(result.first_day),
            f"[bold]{result.a_day:.3g}[/]",
            f"{result.low:.3g} to {result.high:.3g}",
            f"[{colour}]{times:.2f}[/]",
        )
    return table
