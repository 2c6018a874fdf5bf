"""`redian optout`: who does not want to be read, put on a list that every source and every worker follows."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agents.settings import Settings
    from streams.contracts.sources import OptOut

BEGINS_AFTER_MS = 10_000
"""By then every worker and every source has read it, so all of them reckon from the same moment."""

Author = Annotated[str, typer.Argument(help="The author's id as the platform writes it, such as did:plc:abc.")]
Platform = Annotated[str, typer.Option(help="Where: the `platform` of their posts, such as bluesky.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    optout = typer.Typer(
        help="Who does not want to be read: sources do not write their posts, workers leave out what others write.\n\n"
        "What was read before is not touched by this; `redian erase` is for that."
    )
    optout.command("add")(add)
    optout.command("remove")(remove)
    optout.command("list")(list_authors)
    app.add_typer(optout, name="optout", no_args_is_help=True)


def add(author: Author, platform: Platform) -> None:
    """Read an author no more, from ten seconds on.

    Example: redian optout add did:plc:7iza6de2dwap2sbkpav7c6c6 --platform bluesky
    """
    from agents.settings import current_settings

    told = opt_out(current_settings(), platform, author)
    typer.echo(f"posts of {author} on {platform} that arrive from {told.since} on are not taken")


def remove(author: Author, platform: Platform) -> None:
    """Read an author again. What was left out meanwhile stays out."""
    from msgspec.structs import replace

    from agents.errors import RedianError
    from agents.settings import current_settings

    settings = current_settings()
    held = _newest(settings).get((platform, author))
    if held is None or held.until is not None:
        raise RedianError(f"{author} on {platform} has not opted out; see: redian optout list")
    told = replace(held, until=_soon())
    _write(settings, told)
    typer.echo(f"posts of {author} on {platform} that arrive from {told.until} on are taken again")


def list_authors() -> None:
    """List who has opted out, and since when."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from agents.settings import current_settings

    table = Table("platform", "author", "since", box=None)
    for (platform, author), told in sorted(_newest(current_settings()).items()):
        if told.until is None:
            table.add_row(escape(platform), escape(author), told.since[:19].replace("T", " "))
    Console(soft_wrap=True).print(table if table.rows else "nobody has opted out")


def opt_out(settings: "Settings", platform: str, author: str) -> "OptOut":
    """Put an author on the list and return what stands there; one who stands there already stays as they are."""
    from agents.errors import RedianError
    from streams.contracts.sources import OptOut

    if not author or not platform:
        raise RedianError("an author has an id and a platform; neither may be empty")
    held = _newest(settings).get((platform, author))
    if held is not None and held.until is None:
        return held
    told = OptOut(platform=platform, author=author, since=_soon())
    _write(settings, told)
    return told


def _soon() -> str:
    import time

    from streams.contracts.times import format_time

    return format_time(time.time_ns() // 1_000_000 + BEGINS_AFTER_MS)


def _newest(settings: "Settings") -> "dict[tuple[str, str], OptOut]":
    from agents.topicfiles import values_on
    from streams.contracts.sources import OptOut
    from streams.contracts.topics import OPT_OUTS

    return {(told.platform, told.author): told for told in values_on(settings, OPT_OUTS, OptOut)}


def _write(settings: "Settings", told: "OptOut") -> None:

    from agents.topicfiles import put_on
    from streams.contracts.topics import OPT_OUTS

    put_on(settings, OPT_OUTS, told.key, told)
