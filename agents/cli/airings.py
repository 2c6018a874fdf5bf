"""`redian evaluate --shows`: how many weekly shows are still told of, week by week."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def evaluate_shows(weeks: int, posts_a_day: float, budget: float, *, as_json: bool) -> None:
    """See `redian evaluate --shows`."""
    import msgspec
    from rich.console import Console

    from agents.cli.found import truth_of
    from agents.cli.null import BEGIN_MS, SEED
    from agents.cli.told import told_of
    from streams.evaluation import evaluate
    from streams.simulation import aired, eventful

    airings = aired(SEED, BEGIN_MS, weeks)
    events = [airing.event for airing in airings]
    alerts = told_of(eventful(SEED, BEGIN_MS, 7 * weeks, posts_a_day, events), budget)
    result = evaluate(alerts, truth_of(events), 7.0 * weeks)
    told = {judged.event for judged in result.judged if judged.verdict == "found"}
    rows = []
    for week in range(1, weeks + 1):
        names = [airing.event.name for airing in airings if airing.week == week]
        rows.append({"week": week, "on_the_air": len(names), "told_of": len(told.intersection(names))})
    console = Console()
    if as_json:
        figures = {"by_week": rows, "false_a_day": round(result.false_a_day, 3)}
        console.out(msgspec.json.encode(figures).decode(), highlight=False)
        return
    console.print(_table(f"shows in {weeks} weeks of {posts_a_day:,.0f} posts a day, budget {budget:g}", rows))
    console.print(f"false alerts a day: {result.false_a_day:.2f}", highlight=False)


def _table(title: str, rows: Sequence[dict[str, int]]) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for name in ("week", "on the air", "told of"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(str(row["week"]), str(row["on_the_air"]), f"[bold]{row['told_of']}[/]")
    return table
