"""`redian leads`: how long before, or after, a hot-search list the alerts came."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("leads")(leads)


def leads(
    alerts: Annotated[
        Path | None, typer.Argument(help="Alerts, JSON Lines: alerts.jsonl of `redian backtest --out`.")
    ] = None,
    list_file: Annotated[
        Path | None, typer.Argument(metavar="LIST", help="Snapshots of a list, JSON Lines of day, hour, rank, title.")
    ] = None,
    *,
    offset_h: Annotated[int, typer.Option(min=-14, max=14, help="Time zone of the list's hours, from UTC.")] = 8,
    within_h: Annotated[float, typer.Option(min=0.1, help="Further apart, two are not the same event.")] = 24.0,
    shown: Annotated[int, typer.Option(min=0, help="Leads to show.")] = 20,
    briefs: Annotated[
        Path | None, typer.Option(help="Briefs, whose words count too: briefs.jsonl beside the alerts if absent.")
    ] = None,
    posts: Annotated[
        list[Path] | None,
        typer.Option(help="The posts, JSON Lines: a hotspot that is one post and its reposts has its words."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report as one JSON object.")] = False,
) -> None:
    """Compare first alerts with somebody else's hot list, such as Weibo's: what both have, and who was first.

    Without files: the leads over the lists that are followed live (redian ingest hot-list), as the workers found them.

    A lead is counted to the last snapshot on which the title was not yet, so it is never too long. The list's own
    delay stays unknown: an hourly list may have had the title for an hour when it is first seen.
    Example: redian backtest posts.jsonl.gz --out run
             redian leads run/alerts.jsonl weibo-hourly.jsonl.gz --posts posts.jsonl.gz
    """
    import msgspec
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from agents.adapters.sources.lists import snapshots_in
    from agents.errors import RedianError
    from agents.files import lines_of
    from streams.contracts.outputs import Alert
    from streams.contracts.terms import kind_of
    from streams.contracts.times import to_ms
    from streams.ingesting.leads import Told, first_seen, leads_over

    if alerts is None or list_file is None:
        if alerts is not None:
            raise RedianError("give a list beside the alerts, or neither for the leads that the workers found")
        _show_live(shown, as_json)
        return
    beside = alerts.with_name("briefs.jsonl")
    words = _words_of(briefs or (beside if beside.is_file() else None))
    first: dict[str, Alert] = {}
    try:
        for line in lines_of(alerts):
            alert = msgspec.json.decode(line, type=Alert)
            first.setdefault(alert.hotspot_id, alert)
    except ValueError as error:
        raise RedianError(f"{alerts} does not hold alerts: {error}") from None
    shared = {
        name: [term.partition(":")[2] for term in alert.terms if kind_of(term) == "post"]
        for name, alert in first.items()
    }
    texts = _texts_of(posts or [], {found for several in shared.values() for found in several})
    told = []
    for name, alert in first.items():
        said = " ".join([words.get(name, ""), *(texts.get(found, "") for found in shared[name])])
        emitted_ms = to_ms(datetime.fromisoformat(alert.emitted_at))
        told.append(Told(name, emitted_ms, (*alert.terms, *alert.why.top_terms), said))
    report = leads_over(first_seen(snapshots_in(list_file, offset_h)), told, within_ms=int(within_h * 3_600_000))
    console = Console(highlight=False)
    if as_json:
        console.out(msgspec.json.encode(report).decode(), highlight=False)
        return
    table = Table("hotspot", "title on the list", "lead, min", box=None)
    for lead in sorted(report.leads, key=lambda lead: -lead.lead_ms)[:shown]:
        table.add_row(lead.hotspot_id, escape(lead.title), f"{lead.lead_ms / 60_000:+.0f}")
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


def _show_live(shown: int, as_json: bool) -> None:
    """Show what the workers found, list by list."""
    from statistics import median

    import msgspec
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from agents.settings import current_settings
    from agents.topicfiles import values_on
    from streams.contracts.outside import SeenOutside
    from streams.contracts.topics import OUTSIDE_SEEN

    found = {(seen.hotspot_id, seen.list): seen for seen in values_on(current_settings(), OUTSIDE_SEEN, SeenOutside)}
    console = Console(highlight=False)
    if as_json:
        console.out(msgspec.json.encode(list(found.values())).decode(), highlight=False)
        return
    if not found:
        console.print("no hotspot is on an outside list yet; redian ingest hot-list follows one")
        return
    newest = sorted(found.values(), key=lambda seen: seen.told_at, reverse=True)
    table = Table("told at", "hotspot", "list", "title there", "seen there", box=None)
    for seen in newest[:shown]:
        minutes = round(abs(seen.lead_s) / 60)
        when = f"{minutes} min {'later' if seen.lead_s > 0 else 'earlier'}"
        table.add_row(seen.told_at[:16].replace("T", " "), seen.hotspot_id, seen.list, escape(seen.title), when)
    console.print(table)
    for name in sorted({seen.list for seen in newest}):
        leads = [seen.lead_s for seen in newest if seen.list == name]
        earlier = sum(lead > 0 for lead in leads)
        console.print(
            f"{name}: {len(leads):,} on both sides, [bold]{earlier:,}[/] told before they were listed; "
            f"median lead [bold]{median(leads) / 60:+.0f} min[/]"
        )


def _words_of(path: Path | None) -> dict[str, str]:
    """Return what briefs say of each hotspot: its first headline that has words, with what follows."""
    import msgspec

    from agents.errors import RedianError
    from agents.files import lines_of
    from streams.contracts.outputs import Brief

    words: dict[str, str] = {}
    try:
        for line in lines_of(path) if path is not None else ():
            brief = msgspec.json.decode(line, type=Brief)
            if brief.headline_evidence:
                said = (brief.headline, *(sentence.text for sentence in brief.sentences))
                words.setdefault(brief.hotspot_id, " ".join(said))
    except ValueError as error:
        raise RedianError(f"{path} does not hold briefs: {error}") from None
    return words


def _texts_of(files: list[Path], wanted: set[str]) -> dict[str, str]:
    """Return the texts of posts by id."""
    import msgspec

    from agents.errors import RedianError
    from agents.files import lines_of
    from streams.contracts.posts import Post

    texts: dict[str, str] = {}
    decoder = msgspec.json.Decoder(Post)
    try:
        for file in files:
            for line in lines_of(file):
                post = decoder.decode(line)
                if post.id in wanted:
                    texts[post.id] = post.text
    except ValueError as error:
        raise RedianError(f"{file} does not hold posts, one a line: {error}") from None
    return texts
