"""`redian tune`: how many workers this machine should run, with how many threads, from a short measurement."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from agents.settings import Settings
    from streams.capacity.tuning import Arrangement, Choice, Measured

_SIMULATED = 4000


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("tune")(tune)


def tune(
    stream: Annotated[Path | None, typer.Argument(help="JSON Lines of your posts; simulated ones without it.")] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="How long each arrangement scores in a round.")] = 4.0,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="Rounds; the figure is the median.")] = 3,
    write: Annotated[bool, typer.Option("--write", help="Write the settings into .env of this folder.")] = False,
) -> None:
    """Find how many workers to run on this machine, and with how many threads and how large batches.

    The model in use scores posts in one, two, four … processes at once, in turns; the most frugal of those that are
    within 5 % of the fastest is chosen. Nothing else should be busy meanwhile.
    Example: redian tune posts.jsonl.gz --write
    """
    from rich.console import Console

    from agents.errors import RedianError
    from agents.settings import current_settings, write_env
    from streams.capacity.tuning import batches, chosen

    settings = current_settings()
    if settings.encoder == "off":
        raise RedianError("the encoder is off, so there is nothing to tune; leave out `--encoder off`")
    texts = _texts(stream, settings)
    console = Console()
    first = _measured(_arrangements(settings), texts, settings, rounds, seconds)
    workers = chosen(first)
    second = _measured(batches(workers.best.arrangement), texts, settings, rounds, seconds)
    size = chosen(second)
    for title, measured, choice in (("workers and threads", first, workers), ("batches", second, size)):
        console.print(_table(title, measured, choice))
        console.print(f"[green]→[/] {choice.best.arrangement}: {choice.reason}\n", highlight=False)
    best = size.best.arrangement
    found = {"threads": best.threads, "token_budget": best.token_budget}
    console.print(f"[bold]Run {best.workers} worker{'s' * (best.workers > 1)} on this machine, with[/]")
    for name, value in found.items():
        console.print(f"  REDIAN_{name.upper()}={value}", highlight=False)
    if settings.posts_partitions < best.workers:
        console.print(
            f"[yellow]topic posts has {settings.posts_partitions} partitions: no more workers than that can share it "
            "(REDIAN_POSTS_PARTITIONS)[/]",
            highlight=False,
        )
    if not write:
        console.print("--write puts these into .env", style="dim")
        return
    for name, value in found.items():
        write_env(name, str(value))
    console.print("written to .env", style="dim")


def _arrangements(settings: "Settings") -> "list[Arrangement]":
    import os

    from agents.bench.machine import cores
    from agents.startup import runs_on_cuda
    from streams.capacity.tuning import arrangements

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 1 << 62
    return arrangements(cores(), memory, settings.token_budget, gpu=runs_on_cuda(settings))


def _measured(
    arrangements: "list[Arrangement]", texts: list[str], settings: "Settings", rounds: int, seconds: float
) -> "list[Measured]":
    from agents.cli.progress import measuring
    from agents.tuning import measure

    with measuring("arrangements", len(arrangements) * rounds) as advance:
        return measure(arrangements, texts, settings, rounds, seconds, advance)


def _texts(stream: Path | None, settings: "Settings") -> list[str]:
    """Return different texts of posts: those of a file, cleaned as intake cleans them, or simulated ones."""
    from agents.cli.texts import texts_to_score
    from agents.errors import RedianError
    from agents.tuning import MOST_TEXTS

    found = texts_to_score(stream, _SIMULATED if stream is None else MOST_TEXTS, settings)
    if len(found) < 1000:
        raise RedianError(f"{stream} has {len(found)} different texts; a measurement takes 1,000 at least")
    return found


def _table(title: str, measured: "list[Measured]", choice: "Choice") -> "Table":
    from rich.table import Table

    table = Table("arrangement", "", title=title, title_justify="left", title_style="bold", box=None)
    table.add_column("posts/s", justify="right", no_wrap=True)
    table.add_column("lowest, highest", style="dim", no_wrap=True)
    most = max(one.median for one in measured)
    for one in measured:
        bar = "█" * max(1, round(20 * one.median / most))
        colour = "green" if one is choice.best else "cyan"
        spread = f"{min(one.rates):,.0f} to {max(one.rates):,.0f}"
        table.add_row(str(one.arrangement), f"[{colour}]{bar}[/]", f"{one.median:,.0f}", spread)
    return table
