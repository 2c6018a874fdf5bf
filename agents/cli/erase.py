"""`redian erase`: everything of one author, taken back, with a report of what is left where and until when."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from agents.erasing import Report
    from agents.settings import Settings
    from streams.privacy.traces import Traces

STILL_QUOTED_EXIT = 1


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("erase")(erase)


def erase(
    author: Annotated[str, typer.Argument(help="The author's id as the platform writes it, such as did:plc:abc.")],
    platform: Annotated[str, typer.Option(help="Where: the `platform` of their posts, such as bluesky.")],
    *,
    posts: Annotated[
        list[str] | None,
        typer.Option("--post", help="Id of a post of theirs that `posts` no longer has; may be repeated."),
    ] = None,
    also_opt_out: Annotated[
        bool, typer.Option("--opt-out", help="Read them no more either (`redian optout`).")
    ] = False,
    really: Annotated[bool, typer.Option("--yes", help="Do it; without it, only say what there is of them.")] = False,
    wait_s: Annotated[int, typer.Option("--wait", min=0, help="Seconds to wait for workers to revise briefs.")] = 120,
) -> None:
    """Take back all that an author wrote: no page, brief or answer shows it from then on.

    Briefs that quote them are written again without their words. Then every topic is read back: what it still holds of
    them, and when that is gone. Exit status 1: a brief or a profile still stands (is a worker running?). Without --yes
    it only reads, so run it again at any time to see what is left.

    Example: redian erase did:plc:7iza6de2dwap2sbkpav7c6c6 --platform bluesky --opt-out --yes
    """
    import asyncio

    from rich.console import Console

    from agents.cli.optout import opt_out
    from agents.erasing import look, take_back, until_gone
    from agents.errors import RedianError
    from agents.settings import current_settings

    if not author or not platform:
        raise RedianError("an author has an id and a platform; neither may be empty")
    settings, console = current_settings(), Console(highlight=False, soft_wrap=True)
    traces = _traces(settings, platform, author, posts or [])
    if not really:
        _show(console, asyncio.run(look(settings, traces)))
        console.print("nothing was done; --yes takes it back", style="dim")
        return
    asyncio.run(look(settings, traces))
    if also_opt_out:
        opt_out(settings, platform, author)
    asyncio.run(take_back(settings, platform, author, traces.posts))
    clean = asyncio.run(until_gone(settings, traces, wait_s))
    _show(console, asyncio.run(look(settings, traces)))
    console.print(f"taken back: the author, and {len(traces.posts):,} posts by their ids")
    if not clean:
        console.print("[bold red]briefs still quote them, or a profile is kept[/]: is a worker running? It mends both")
        raise typer.Exit(STILL_QUOTED_EXIT)


def _traces(settings: "Settings", platform: str, author: str, posts: list[str]) -> "Traces":
    """Return what the author is known by, without the hash where the key of hashes is not at hand."""
    from agents.startup import make_intake
    from streams.privacy.traces import Traces

    hashes = make_intake(settings).authors(platform, author) if settings.has_author_key else ()
    if not hashes:
        typer.echo("hashes of the author are not looked for: the key is not here (REDIAN_AUTHOR_KEY)", err=True)
    return Traces(platform, author, hashes, posts)


def _show(console: "Console", report: "Report") -> None:
    from rich.table import Table

    from streams.contracts.times import format_time
    from streams.contracts.topics import DELETED, OPT_OUTS

    table = Table("topic", "records", "theirs", "what", "gone by", box=None, pad_edge=False)
    for left in report.topics:
        if left.topic in (DELETED, OPT_OUTS):
            until = "kept: hides them" if left.holding else ""
        elif not left.holding:
            until = ""
        elif left.gone_ms is None:
            until = "within two hours" if left.topic.name.endswith(".snapshots") else "when compacted"
        else:
            until = format_time(left.gone_ms)[:16].replace("T", " ")
        table.add_row(left.topic.name, f"{left.records:,}", f"{left.holding:,}", ", ".join(left.what), until)
    console.print(table)
    quoting = len(report.quoting)
    console.print(f"{quoting:,} briefs in force quote them" if quoting else "no brief in force quotes them")
    console.print(f"{report.profiles:,} profiles are kept of them" if report.profiles else "no profile is kept of them")
