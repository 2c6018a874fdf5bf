"""`redian brief`: hotspots in words, and how good those words are on a stream whose events are known."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from streams.contracts.outputs import Brief

_Folder = Annotated[
    Path | None, typer.Argument(help="Folder that backtest wrote; without one, what is on topic briefs.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    briefs = typer.Typer(help="Read briefs: each hotspot in words, with the posts behind every sentence; judge them.")
    briefs.command("list")(list_briefs)
    briefs.command("show")(show)
    briefs.command("evaluate")(evaluate)
    app.add_typer(briefs, name="brief", no_args_is_help=True)


def list_briefs(folder: _Folder = None) -> None:
    """List the hotspots that have a brief: the newest headline of each.

    Example: redian brief list run
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("hotspot", "stage", "briefs", "authors", "headline", box=None)
    for briefs in _by_hotspot(folder).values():
        last = briefs[-1]
        table.add_row(last.hotspot_id, last.stage, str(len(briefs)), str(last.authors), Text(last.headline))
    Console().print(table)


def show(
    hotspot: Annotated[str, typer.Argument(help="Hotspot id, or the beginning of one; see `redian brief list`.")],
    folder: _Folder = None,
    every: Annotated[bool, typer.Option("--all", help="Every brief of it, not only the newest.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As published, a line each.")] = False,
) -> None:
    """Show a hotspot's brief: who, what, where, when, how large, the mood, what is unconfirmed, and what changed.

    The figure behind a sentence is how many posts say it; --json names them.
    Example: redian brief show 4aafb7 run --all
    """
    import msgspec
    from rich.console import Console

    from agents.cli.terminal import full_brief_panel

    found = _briefs_of(hotspot, folder)
    console = Console()
    for brief in found if every else found[-1:]:
        if as_json:
            console.out(msgspec.json.encode(brief).decode(), highlight=False)
        else:
            console.print(full_brief_panel(brief))


def evaluate(
    folder: Annotated[Path, typer.Argument(help="Folder that backtest wrote.")],
    posts: Annotated[Path, typer.Option("--posts", help="The stream that backtest read.")],
    truth: Annotated[Path | None, typer.Option("--truth", help="What happened: must_find, label (JSON).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as one JSON object.")] = False,
) -> None:
    """Judge briefs: every sentence traceable to its post, nothing repeated, nothing from another event.

    Example: redian brief evaluate run --posts posts.jsonl.gz --truth posts.truth.json.gz
    """
    import msgspec
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from agents.cli.progress import reading
    from agents.files import UnreadableFile, lines_of
    from agents.settings import current_settings
    from agents.startup import make_intake
    from agents.topicfiles import values_in
    from streams.briefs.judging import judge_briefs
    from streams.contracts.outputs import Brief, Hotspot
    from streams.contracts.topics import BRIEFS, HOTSPOTS
    from streams.evaluation import Truth
    from streams.intake import Record

    briefs = list(values_in(folder, BRIEFS, Brief))
    evidence = {(h.hotspot_id, h.emitted_at): h.evidence for h in values_in(folder, HOTSPOTS, Hotspot)}
    label: dict[str, str] = {}
    if truth is not None:
        try:
            label = msgspec.json.decode(b"".join(lines_of(truth)), type=Truth).label
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnreadableFile(f"{truth} is not the truth of a stream: {error}") from None
    wanted = {post for brief in briefs for s in brief.sentences for post in s.evidence[:1]}
    wanted |= {post for brief in briefs for post in brief.headline_evidence[:1]}
    texts: dict[str, str] = {}
    intake = make_intake(current_settings())
    with reading([posts]) as on_bytes:
        for number, line in enumerate(lines_of(posts, on_bytes)):
            for post in intake.take(Record("posts", 0, number, line, _LATE_MS)).posts:
                if post.id in wanted:
                    texts[post.id] = post.text
    account = judge_briefs(briefs, evidence, texts, label)
    counts = {"briefs": account.briefs, "sentences": account.sentences, "hotspots_of_known_events": account.hotspots}
    console = Console()
    if as_json:
        console.out(msgspec.json.encode({**counts, **account.figures()}).decode(), highlight=False)
        return
    table = Table(title=folder.name, title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, number in counts.items():
        table.add_row(name.replace("_", " "), f"{number:,}")
    for name, share in account.figures().items():
        table.add_row(name.replace("_", " "), f"[bold]{share:.1%}[/]")
    console.print(table)
    for example in account.examples:
        console.print(Text(f"✗ {example}"), soft_wrap=True)


_LATE_MS = 4_102_444_800_000
"""Arrival after any post that a file can hold (the year 2100): nothing is refused as written in the future."""


def newest_brief(hotspot: str, folder: Path | None) -> "Brief":
    """Return the newest brief of the hotspot whose id begins with `hotspot`.

    Raises:
        RedianError: there is none, or more than one.
    """
    return _briefs_of(hotspot, folder)[-1]


def newest_briefs(folder: Path | None) -> "list[Brief]":
    """Return the newest brief of every hotspot."""
    return [briefs[-1] for briefs in _by_hotspot(folder).values()]


def _briefs_of(hotspot: str, folder: Path | None) -> "list[Brief]":
    from agents.errors import RedianError

    found = [briefs for name, briefs in _by_hotspot(folder).items() if name.startswith(hotspot)]
    if len(found) != 1:
        told = "no hotspot" if not found else f"{len(found)} hotspots"
        raise RedianError(f"{told} with a brief begins with {hotspot!r}; `redian brief list` shows them")
    return found[0]


def _by_hotspot(folder: Path | None) -> "dict[str, list[Brief]]":
    from agents.settings import current_settings
    from agents.topicfiles import values_in, values_on
    from streams.briefs import supersedes
    from streams.contracts.outputs import Brief
    from streams.contracts.topics import BRIEFS

    found = values_in(folder, BRIEFS, Brief) if folder is not None else values_on(current_settings(), BRIEFS, Brief)
    briefs: dict[str, list[Brief]] = {}
    for brief in found:
        held = briefs.setdefault(brief.hotspot_id, [])
        if any(brief.brief_id == one.brief_id for one in held):  # a repeat, or without posts that were taken back
            held[:] = [brief if supersedes(brief, one) else one for one in held]
        else:
            held.append(brief)
    return briefs
