"""`redian profile`: what is known of an author by what they write, from the workers or from a file of posts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.errors import RedianError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agents.settings import Settings
    from streams.contracts.profiles import Profile

_BLOCKS = " ▁▂▃▄▅▆▇█"
_HASH_DIGITS = 16


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("profile")(profile)


def profile(
    author: Annotated[
        str, typer.Argument(help="Id of the author on its platform, or the 16 digits by which outputs know them.")
    ] = "",
    posts: Annotated[
        Path | None, typer.Argument(help="File of posts to learn from; without one, what is on topic profiles.")
    ] = None,
    *,
    platform: Annotated[str, typer.Option("--platform", help="Platform of an id, such as bluesky.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="List those who write most instead of one.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As published, a line each.")] = False,
) -> None:
    """Show what an author is interested in, when and in which languages they write, in what mood, what they pass on.

    A post counts half after a week. Nothing is told of an author before a third post, and no term, address or language
    that fewer than five authors have. An id needs the key of hashes (REDIAN_AUTHOR_KEY) that workers use.
    Examples: redian profile 6f1b5fd9a3c4e8d7
    redian profile did:plc:7iza6de2dwap2sbkpav7c6c6 --platform bluesky
    redian profile --list posts.jsonl.gz
    """
    import msgspec
    from rich.console import Console

    from agents.settings import current_settings

    settings = current_settings()
    if listed and author and posts is None:
        author, posts = "", Path(author)
    if listed == bool(author):
        raise RedianError("say whose: an author, or --list")
    found = learnt(settings, posts) if posts is not None else _published(settings)
    console = Console()
    if listed:
        shown = sorted(found.values(), key=lambda told: (-told.posts, told.author))[:20]
    else:
        names = hashes_of(settings, author, platform)
        shown = [found[name] for name in names if name in found][:1]
        if not shown:
            raise RedianError(f"there is no profile of {names[0]}; `redian profile --list` shows some")
    for told in shown:
        if as_json:
            console.out(msgspec.json.encode(told).decode(), highlight=False)
    if not as_json:
        console.print(_table(shown) if listed else _panel(shown[0]))


def hashes_of(settings: "Settings", author: str, platform: str) -> list[str]:
    """Return the hashes of an author named by one, or by id and platform: that of today, then those of other keys.

    Raises:
        RedianError: it is no hash, and no platform is named.
    """
    import time

    from agents.startup import make_intake

    if platform:
        intake = make_intake(settings)
        known = intake.authors(platform, author)
        today = intake.rotations.era_at(time.time_ns() // 1_000_000)
        return [f"{hashed:016x}" for hashed in (known[today], *reversed(known))]
    if len(author) == _HASH_DIGITS and all(digit in "0123456789abcdef" for digit in author):
        return [author, *(make_intake(settings).rotations.names_meant(author) if settings.has_author_key else ())]
    raise RedianError(f"{author} is no hash of {_HASH_DIGITS} digits; of an id, name the platform too: --platform")


def _published(settings: "Settings") -> "dict[str, Profile]":
    """Return the profiles on the topic, each united over its partitions."""
    import msgspec

    from agents.topicfiles import newest_on
    from streams.contracts.profiles import Profile
    from streams.contracts.topics import PROFILES
    from streams.profiles.uniting import united

    parts: dict[str, list[Profile]] = {}
    for value in newest_on(settings, PROFILES):
        try:
            part = msgspec.json.decode(value, type=Profile)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        parts.setdefault(part.author, []).append(part)
    return {author: united(found) for author, found in parts.items()}


def learnt(settings: "Settings", posts: Path) -> "dict[str, Profile]":
    """Return the profiles of the authors of a file."""
    from agents.cli.progress import reading
    from agents.files import lines_of
    from agents.learning import profiles_from

    with reading([posts]) as on_bytes:
        return profiles_from(lines_of(posts, on_bytes), settings)


def _panel(told: "Profile") -> "RenderableType":
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    from streams.contracts.terms import shown

    def weighed(table: dict[str, float]) -> Text:
        return Text(" · ".join(f"{shown(name)} {weight:.1f}" for name, weight in table.items()) or "-")

    most = max(told.hours, default=0.0) or 1.0
    hours = "".join(_BLOCKS[round(hour / most * (len(_BLOCKS) - 1))] for hour in told.hours)
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text("posts", "dim"), f"{told.posts:.1f} of late, {told.reposts / max(told.posts, 1e-9):.0%} pass on")
    grid.add_row(Text("interests", "dim"), weighed(told.terms))
    grid.add_row(Text("passes on", "dim"), weighed(told.spreads))
    grid.add_row(Text("languages", "dim"), weighed(told.languages))
    grid.add_row(Text("hours, UTC", "dim"), Text(f"0 {hours} 23"))
    mood = " · ".join(f"{name} {share:.0%}" for name, share in (told.mood or {}).items()) or "-"
    grid.add_row(Text("mood", "dim"), Text(mood))
    return Panel(
        grid, title=Text(f"{told.author} on {told.platform}, until {told.updated_at[:16]}"), title_align="left"
    )


def _table(profiles: "list[Profile]") -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    from streams.contracts.terms import shown

    table = Table("author", "platform", "posts", "pass on", "interests", box=None)
    for told in profiles:
        interests = ", ".join(shown(name) for name in list(told.terms)[:6])
        share = f"{told.reposts / max(told.posts, 1e-9):.0%}"
        table.add_row(told.author, told.platform, f"{told.posts:.1f}", share, Text(interests))
    return table
