"""`redian watch`: watchlists kept, shown, and tried out on a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.errors import RedianError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agents.settings import Settings
    from streams.contracts.watchlists import Watchlist, WatchReport

BEGINS_AFTER_MS = 120_000
"""A new watchlist counts from the second next minute on: by then every worker knows it."""

Synonyms = Annotated[
    list[str] | None, typer.Option("--synonym", help="WORD=OTHER,OTHER of the query; may be repeated.")
]
Aspects = Annotated[
    list[str] | None, typer.Option("--aspect", help="NAME=WORD,WORD beside price, quality, service, delivery; repeat.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    watch = typer.Typer(
        help="Keep an eye on a brand, a person or a topic: how many speak of it, in what mood, and why."
    )
    watch.command("add")(add)
    watch.command("list")(list_watchlists)
    watch.command("show")(show)
    watch.command("remove")(remove)
    watch.command("try")(try_out)
    app.add_typer(watch, name="watch", no_args_is_help=True)


def add(
    name: Annotated[str, typer.Argument(help="Name of the watchlist; one that is there is replaced.")],
    query: Annotated[str, typer.Argument(help='Such as: (tesla OR 特斯拉) AND (brake OR "model three") NOT stock')],
    *,
    synonym: Synonyms = None,
    aspect: Aspects = None,
    group: Annotated[str, typer.Option(help="Lists of one group share the voice.")] = "",
    since: Annotated[str, typer.Option(help="Posts created before do not count; else from the next minutes on.")] = "",
) -> None:
    """Add a watchlist, or replace one.

    A query has words, "phrases", #tags, AND (or nothing), OR (|), NOT (-) and brackets.
    Example: redian watch add tesla "(tesla OR 特斯拉) NOT stock" --aspect battery=battery,续航 --group cars
    """
    import time

    from agents.settings import current_settings
    from agents.topicfiles import put_on
    from streams.contracts.times import BUCKET_MS, format_time
    from streams.contracts.topics import WATCHLISTS
    from streams.contracts.watchlists import MAX_WATCHLISTS

    settings = current_settings()
    begins_ms = (time.time_ns() // 1_000_000 + BEGINS_AFTER_MS) // BUCKET_MS * BUCKET_MS
    watchlist = _watchlist(name, query, synonym, aspect, group=group, since=since or format_time(begins_ms))
    there = _newest(settings, WATCHLISTS.name)
    if name not in there and len(there) >= MAX_WATCHLISTS:
        raise RedianError(f"there are {MAX_WATCHLISTS} watchlists already; remove one first: redian watch remove NAME")
    put_on(settings, WATCHLISTS, name.encode(), watchlist)
    typer.echo(f"{'replaced' if name in there else 'added'} {name}; it counts posts created from {watchlist.since} on")


def remove(name: Annotated[str, typer.Argument(help="Name of the watchlist.")]) -> None:
    """Remove a watchlist."""
    from agents.settings import current_settings
    from agents.topicfiles import put_on
    from streams.contracts.topics import WATCHLISTS

    settings = current_settings()
    if name not in _newest(settings, WATCHLISTS.name):
        raise RedianError(f"there is no watchlist {name}; see: redian watch list")
    put_on(settings, WATCHLISTS, name.encode(), None)
    typer.echo(f"removed {name}")


def list_watchlists() -> None:
    """List the watchlists with what was last reported of them."""
    import msgspec
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from agents.settings import current_settings
    from streams.contracts.topics import WATCH_REPORTS, WATCHLISTS
    from streams.contracts.watchlists import Watchlist, WatchReport

    settings = current_settings()
    reports = _newest(settings, WATCH_REPORTS.name)
    table = Table("name", "query", "group", "posts an hour", "people", "mood", box=None)
    for name, value in sorted(_newest(settings, WATCHLISTS.name).items()):
        watchlist = msgspec.json.decode(value, type=Watchlist)
        told = msgspec.json.decode(reports[name], type=WatchReport) if name in reports else None
        figures = ("-", "-", "-") if told is None else (f"{told.posts:,}", f"{told.authors:,}", _signed(told.mood))
        table.add_row(f"[bold]{escape(name)}[/]", escape(watchlist.query), escape(watchlist.group), *figures)
    Console().print(table)


def show(
    name: Annotated[str, typer.Argument(help="Name of the watchlist.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Show how a watchlist stands: volume, share of voice, mood and its change, aspects, reasons with posts."""
    import msgspec
    from rich.console import Console

    from agents.settings import current_settings
    from streams.contracts.topics import WATCH_REPORTS
    from streams.contracts.watchlists import WatchReport

    reports = _newest(current_settings(), WATCH_REPORTS.name)
    if name not in reports:
        raise RedianError(f"nothing has been reported of {name} yet; see: redian watch list")
    if as_json:
        typer.echo(reports[name].decode())
        return
    Console().print(report_panel(msgspec.json.decode(reports[name], type=WatchReport)))


def try_out(
    query: Annotated[str, typer.Argument(help="The query, as for add.")],
    files: Annotated[list[Path], typer.Argument(help="JSON Lines of posts, plain or gzip, in order of time.")],
    *,
    synonym: Synonyms = None,
    aspect: Aspects = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every report and alert as a line of JSON.")] = False,
) -> None:
    """Try a query on a file: its busiest report, its last one, and the alerts; computed as the workers would.

    Example: redian watch try "earthquake OR 地震" posts.jsonl.gz --encoder off
    """
    import msgspec
    from rich.console import Console

    from agents.cli.progress import reading
    from agents.settings import current_settings
    from agents.startup import make_intake, make_scorer
    from agents.watching_files import watch_files

    settings = current_settings()
    watchlist = _watchlist("tried", query, synonym, aspect, group="", since="2005-01-01T00:00:00Z")
    with reading(files) as on_bytes:
        decided = watch_files(
            files, [watchlist], settings=settings, intake=make_intake(settings), scorer=make_scorer(settings),
            on_bytes=on_bytes,
        )  # fmt: skip
    console = Console()
    if as_json:
        for value in [*decided.reports, *decided.alerts]:
            console.out(msgspec.json.encode(value).decode(), highlight=False)
        return
    if not any(report.posts for report in decided.reports):
        console.print("no post of these files is meant by the query")
        return
    busiest = max(decided.reports, key=lambda report: report.authors)
    console.print(report_panel(busiest))
    for alert in decided.alerts:
        console.print(
            f"[bold]{alert.emitted_at}[/] mood {alert.direction}: {alert.mood_before:+.2f} to {alert.mood:+.2f}, "
            f"{alert.authors} people, p = {alert.p_value:.1g}: {', '.join(reason.phrase for reason in alert.reasons)}"
        )
    console.print(f"{len(decided.alerts)} mood alerts in {len(decided.reports):,} reports")


def _watchlist(
    name: str, query: str, synonym: list[str] | None, aspect: list[str] | None, *, group: str, since: str
) -> "Watchlist":
    from streams.contracts.watchlists import Watchlist
    from streams.watching.book import read
    from streams.watching.query import BadQuery

    watchlist = Watchlist(
        name=name,
        query=query,
        since=since,
        synonyms=_pairs("--synonym", synonym),
        aspects=_pairs("--aspect", aspect),
        group=group,
    )
    try:
        read(watchlist)
    except BadQuery as error:
        raise RedianError(str(error)) from None
    return watchlist


def _pairs(option: str, given: list[str] | None) -> dict[str, tuple[str, ...]]:
    found = {}
    for one in given or []:
        name, _, listed = one.partition("=")
        words = tuple(word.strip() for word in listed.split(",") if word.strip())
        if not name.strip() or not words:
            raise RedianError(f"{option} {one!r} is not NAME=WORD,WORD")
        found[name.strip()] = words
    return found


def _newest(settings: "Settings", topic: str) -> dict[str, bytes]:
    """Return the newest value of each key of a topic of one partition, without those that were removed."""
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import KafkaError

    from agents.adapters.connection import blocking
    from agents.errors import BrokerUnavailable

    found: dict[str, bytes] = {}
    try:
        consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False, auto_offset_reset="earliest")
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(f"no Kafka broker answers at {settings.bootstrap}: {error}") from None
    try:
        if not consumer.partitions_for_topic(topic):
            raise BrokerUnavailable(
                f"the broker at {settings.bootstrap} has no topic {topic}; run: redian topics create"
            )
        partition: Any = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        end = consumer.end_offsets([partition])[partition]
        while consumer.position(partition) < end:
            for record in consumer.poll(timeout_ms=500).get(partition, []):
                name = (record.key or b"").decode("utf-8", "replace")
                if record.value is None:
                    found.pop(name, None)
                else:
                    found[name] = record.value
    finally:
        consumer.close()
    return found


def _signed(mood: float | None) -> str:
    return "-" if mood is None else f"{mood:+.2f}"


def report_panel(report: "WatchReport") -> "RenderableType":
    """Return a report for the eye."""
    from rich.console import Group
    from rich.panel import Panel
    from rich.text import Text

    from agents.cli.terminal import sparkline

    lines = [
        Text.assemble((f"{report.authors:,}", "bold"), " people, ", (f"{report.posts:,}", "bold"), " posts an hour")
    ]
    if report.share_of_voice is not None:
        lines[0].append(f", {report.share_of_voice:.0%} of its group")
    lines.append(Text.assemble((sparkline(report.series), "cyan"), (" last hour", "dim")))
    if report.mood is not None:
        usual = f"usual {_signed(report.mood_before)}" if report.learning >= 1 else f"learning, {report.learning:.0%}"
        colour = "red" if report.mood < 0 else "green"
        lines.append(Text.assemble("mood ", (_signed(report.mood), colour), f" ({usual})"))
    if report.aspects:
        told = "  ".join(f"{name} {_signed(found.mood)} ({found.posts})" for name, found in report.aspects.items())
        lines.append(Text(f"aspects {told}"))
    for side, colour, reasons in (("−", "red", report.negative), ("+", "green", report.positive)):
        for reason in reasons:
            said = f" {reason.share:.0%} of them, {reason.elsewhere:.0%} elsewhere  {', '.join(reason.posts)}"
            lines.append(Text.assemble((f"{side} {reason.phrase}", colour), (said, "dim")))
    title = Text.assemble((f" {report.name} ", "bold"), (f" {report.query} ", "dim"))
    when = Text(f" {report.emitted_at[:16].replace('T', ' ')} UTC ", "dim")
    return Panel(Group(*lines), title=title, title_align="left", subtitle=when, subtitle_align="right", padding=(0, 1))
