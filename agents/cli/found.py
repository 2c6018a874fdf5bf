"""`redian evaluate --planted`: which of the events planted into simulated days are found, by size, and how soon."""

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from streams.evaluation import Evaluation, Judged, Truth
    from streams.simulation import Planted


def evaluate_planted(days: float, posts_a_day: float, budget: float, *, as_json: bool) -> None:
    """See `redian evaluate --planted`."""
    import msgspec
    from rich.console import Console

    from agents.cli.null import BEGIN_MS, SEED
    from agents.cli.told import told_of
    from streams.evaluation import evaluate
    from streams.simulation import eventful, planted

    events = planted(SEED, BEGIN_MS, days)
    alerts = told_of(eventful(SEED, BEGIN_MS, days, posts_a_day, events), budget)
    result = evaluate(alerts, truth_of(events), days)
    rows = _rows(events, result)
    console = Console()
    if as_json:
        false = {"false_a_day": round(result.false_a_day, 3), "repeats": result.count("repeat"), "days": days}
        console.out(msgspec.json.encode({"by_size": rows, **false}).decode(), highlight=False)
    else:
        title = f"{len(events)} events in {days:g} days of {posts_a_day:,.0f} posts, budget {budget:g}"
        console.print(_table(title, rows))
        told = f"false alerts a day: {result.false_a_day:.2f}, repeats: {result.count('repeat')}"
        console.print(told, highlight=False)


def truth_of(events: Sequence["Planted"]) -> "Truth":
    """Return what there is to find where these events were planted: each of them, and nothing else."""
    from streams.evaluation import Event, Truth

    return Truth(
        must_find=[Event(event.name, event.start, len(event.posts)) for event in events],
        must_ignore=[],
        label={post.id: event.name for event in events for post in event.posts},
    )


def _rows(events: Sequence["Planted"], result: "Evaluation") -> list[dict[str, object]]:
    found = {judged.event: judged for judged in result.judged if judged.verdict == "found"}
    groups: dict[str, list[Planted]] = {}
    for event in sorted(events, key=lambda event: event.people):
        groups.setdefault(f"{event.people} people", []).append(event)
    groups["words that are new"] = [event for event in events if not event.known]
    groups["words that are known"] = [event for event in events if event.known]
    groups["all"] = list(events)
    return [{"events": name, **_figures(members, found)} for name, members in groups.items()]


def _figures(events: Sequence["Planted"], found: "dict[str, Judged]") -> dict[str, object]:
    from streams.contracts.times import to_ms
    from streams.simulation.stream import MINUTE_MS

    told = [(event, found[event.name].emitted_ms) for event in events if event.name in found]
    first = [(emitted_ms - to_ms(event.start)) / MINUTE_MS for event, emitted_ms in told]
    crowd = [(emitted_ms - to_ms(event.crowd)) / MINUTE_MS for event, emitted_ms in told]
    return {
        "number": len(events),
        "recall": round(len(told) / len(events), 3),
        "after_first_post_min": round(statistics.median(first), 1) if first else None,
        "after_fifth_person_min": round(statistics.median(crowd), 1) if crowd else None,
    }


def _table(title: str, rows: Sequence[dict[str, object]]) -> "Table":
    from rich.table import Table

    table = Table("events", title=title, title_justify="left")
    for name in ("number", "found", "after the first post", "after the fifth person's"):
        table.add_column(name, justify="right")
    for row in rows:
        waits = (row["after_first_post_min"], row["after_fifth_person_min"])
        table.add_row(
            str(row["events"]),
            str(row["number"]),
            f"[bold]{row['recall']:.0%}[/]",
            *("-" if wait is None else f"{wait} min" for wait in waits),
            end_section=row["events"] in {"80 people", "words that are known"},
        )
    return table
