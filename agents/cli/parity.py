"""What `redian models gpu-check` prints: each model on each provider, what was measured, and why the rest was not."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agents.bench.parity import PROVIDERS, Checked, check
from agents.errors import RedianError

if TYPE_CHECKING:
    from rich.table import Table


def gpu_check(stream: Path | None, names: Sequence[str], *, posts: int, seconds: float, as_json: bool) -> None:
    """See `redian models gpu-check`.

    Raises:
        RedianError: there is nothing to score, or nothing ran on a GPU.
    """
    import msgspec
    import onnxruntime
    from rich.console import Console

    from agents.bench.machine import machine
    from agents.cli.progress import measuring
    from agents.cli.texts import texts_to_score
    from agents.settings import current_settings
    from agents.startup import model_folders

    settings = current_settings()
    models = names or [folder.name for folder in model_folders(settings)]
    texts = texts_to_score(stream, posts, settings)
    if not texts:
        raise RedianError(f"{stream} has no posts with a text")
    onnxruntime.set_default_logger_severity(4)  # what it lacks stands in the table
    with measuring("models", len(models) * len(PROVIDERS)) as advance:
        found = check(settings, models, texts, seconds, advance)
    console = Console()
    if as_json:
        told = {"texts": len(texts), "machine": machine(), "checked": found}
        console.out(msgspec.json.encode(told).decode(), highlight=False)
    else:
        console.print(f"{len(texts):,} texts {f'of {stream}' if stream else 'of simulated posts'}", highlight=False)
        console.print(_table(found))
        for one in found:
            if why := one.not_measured or one.wrong:
                console.print(f"{_said(one)}: {one.model} on {one.provider}: {why}", highlight=False, soft_wrap=True)
        console.print("  ".join(f"[dim]{name}[/] {value}" for name, value in machine().items()))
    if any(one.fails for one in found):
        raise typer.Exit(1)
    if not any(one.parity for one in found):
        raise RedianError("nothing ran on a GPU, so nothing is shown of one")


def _table(found: Sequence[Checked]) -> "Table":
    from rich.table import Column, Table

    table = Table(Column("model", no_wrap=True), Column("on", no_wrap=True), box=None, padding=(0, 1, 0, 0))
    for name in ("warm\nafter", "posts/s", "largest\ndifference", "same\nlabels", "lowest\ncosine"):
        table.add_column(name, justify="right")
    table.add_column("", no_wrap=True)
    for one in found:
        parity = one.parity
        table.add_row(
            one.model,
            one.provider,
            "" if one.warm_s is None else f"{one.warm_s:.1f} s",
            "" if one.posts_per_second is None else f"{one.posts_per_second:,.0f}",
            "" if parity is None else f"{parity.difference:.4f}",
            "" if parity is None else f"{parity.same_labels:.2%}",
            "" if parity is None or parity.cosine is None else f"{parity.cosine:.4f}",
            _said(one),
        )
    return table


def _said(one: Checked) -> str:
    if one.not_measured:
        return "[yellow]not measured[/]"
    if one.wrong:
        return "[red]fails[/]"
    if one.parity is None:
        return "[dim]reference[/]" if one.provider == "cpu" else "[dim]without reference[/]"
    return "[green]agrees[/]" if one.parity.agrees else "[red]differs[/]"
