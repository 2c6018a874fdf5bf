"""`redian leads`: how long before, or after, a hot-search list the alerts came."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("leads")(leads)


def leads(
    alerts: Annotated[Path, typer.Argument(help="Alerts, JSON Lines: alerts.jsonl of `redian backtest --out`.")],
    list_file: Annotated[
        Path, typer.Argument(metavar="LIST", help="Snapshots of a list, JSON Lines of day, hour, rank, title.")
    ],
    offset_h: Annotated[int, typer.Option(min=-14, max=14, help="Time zone of the list's hours, from UTC.")] = 8,
    within_h: Annotated[float, typer.Option(min=0.1, help="Further apart, two are not the same event.")] = 24.0,
    shown: Annotated[int, typer.Option(min=0, help="Leads to show.")] = 20,
) -> None:
    """Compare first alerts with somebody else's hot list, such as Weibo's: what both have, and who was first.

    A lead is counted to the last snapshot on which the title was not yet, so it is never too long.
    """
    import msgspec
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from agents.errors import RedianError
    from agents.files import lines_of
    from streams.contracts.outputs import Alert
    from streams.contracts.times import to_ms
    from streams.ingesting.leads import Told, first_seen, leads_over

    told: dict[str, Told] = {}
    try:
        for line in lines_of(alerts):
            alert = msgspec.json.decode(line, type=Alert)
            emitted_ms = to_ms(datetime.fromisoformat(alert.emitted_at))
            told.setdefault(alert.hotspot_id, Told(alert.hotspot_id, emitted_ms, (*alert.terms, *alert.why.top_terms)))
    except ValueError as error:
        raise RedianError(f"{alerts} does not hold alerts: {error}") from None
    report = leads_over(
        first_seen(_snapshots(list_file, offset_h)), list(told.values()), within_ms=int(within_h * 3_600_000)
    )
    table = Table("hotspot", "title on the list", "lead, min", box=None)
    for lead in sorted(report.leads, key=lambda lead: -lead.lead_ms)[:shown]:
        table.add_row(lead.hotspot_id, escape(lead.title), f"{lead.lead_ms / 60_000:+.0f}")
    console = Console(highlight=False)
    if report.leads:
        console.print(table)
    console.print(
        f"{report.told:,} hotspots told, {report.listed:,} titles listed, {len(report.leads):,} on both sides"
    )
    if report.median_ms is not None:
        console.print(
            f"[bold]{report.earlier:,}[/] were told before they were listed; median lead "
            f"[bold]{report.median_ms / 60_000:+.0f} min[/]"
        )


def _snapshots(path: Path, offset_h: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the snapshots of a list; advertisements among the titles are left out."""
    import msgspec

    from agents.errors import RedianError
    from agents.files import lines_of
    from streams.contracts.times import to_ms

    zone = timezone(timedelta(hours=offset_h))
    at: tuple[str, str] | None = None
    titles: list[str] = []
    moment = 0
    try:
        for line in lines_of(path):
            row = msgspec.json.decode(line, type=dict)
            if row.get("ads"):
                continue
            key = (row["day"], row["hour"])
            if key != at:
                if titles:
                    yield moment, titles
                at, titles = key, []
                moment = to_ms(datetime.fromisoformat(f"{key[0]}T{int(key[1]):02d}:00:00").replace(tzinfo=zone))
            titles.append(str(row["title"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RedianError(f"{path} is no list: each line needs day, hour and title ({error!r})") from None
    if titles:
        yield moment, titles
