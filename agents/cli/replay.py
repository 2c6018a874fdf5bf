"""`redian replay`: a file of posts, written to `posts` as if its posts were arriving."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("replay")(replay)


def replay(
    files: Annotated[list[Path], typer.Argument(help="JSON Lines of posts, plain or gzip, in order of time.")],
    speed: Annotated[float, typer.Option(min=0.0, help="Times real time; 0 is as fast as it goes.")] = 0.0,
) -> None:
    """Write files to topic posts, message i to partition i modulo N, each arriving when its newest post was created.

    A heartbeat to every partition ends it, so that the last bucket closes. `redian backtest` of the same files gives
    the same hotspots and alerts.
    """
    from rich.console import Console

    from agents.cli.progress import reading
    from agents.replaying import replay_files
    from agents.settings import current_settings

    settings = current_settings()
    with reading(files) as on_bytes:
        sent = replay_files(settings, files, speed=speed, on_bytes=on_bytes)
    Console(stderr=True).print(
        f"[bold]{sent.messages:,}[/] messages, {sent.bytes:,} bytes on {settings.bootstrap}"
        + (f", {sent.dead} too large for a message, in posts.dead" if sent.dead else "")
    )
