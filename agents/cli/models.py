"""`redian models`: which models there are, and whether they are what their manifests say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from agents.adapters.model_folder import Manifest


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    models = typer.Typer(help="Show the models there are; check them against their manifests.")
    models.command("list")(list_models)
    models.command("verify")(verify)
    app.add_typer(models, name="models", no_args_is_help=True)


def list_models() -> None:
    """Show every model: size, where it runs, and for each head the manifest's figures by language.

    The star marks the one in use, a dash a head without figures. Nothing is verified, see `redian models verify`;
    what the figures are is told by `redian models evaluate --help`.
    """
    from rich.console import Console
    from rich.table import Column, Table

    from agents.adapters.model_folder import ModelError, read_manifest
    from agents.settings import current_settings
    from agents.startup import MODELS, model_folder, model_folders
    from streams.scoring import KNOWN

    settings = current_settings()
    in_use = None if settings.encoder == "off" else model_folder(settings)
    table = Table("", Column("model", no_wrap=True), "MB", "runs on", *KNOWN, "own heads", "licence", box=None)
    problems: list[str] = []
    for folder in model_folders(settings):
        try:
            _add(table, folder, read_manifest(folder), in_use=folder == in_use)
        except ModelError as error:
            problems.append(str(error))
    if table.rows:
        Console().print(table)
    elif not problems:
        typer.echo(f"there are no models in {MODELS}")
    _fail(problems)


def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Model folders; all of them when none is named.")] = None,
) -> None:
    """Check models: every file against its hash, the graph against the manifest, the probes against their answers.

    Example: redian models verify small
    """
    from rich.console import Console

    from agents.adapters.onnx import ModelError, load_scorer
    from agents.settings import current_settings
    from agents.startup import MODELS, model_folder, model_folders

    settings = current_settings()
    folders = [model_folder(settings, name) for name in names] if names else model_folders(settings)
    if not folders:
        _fail([f"there are no models in {MODELS}"])
    problems: list[str] = []
    for folder in folders:
        try:
            scorer = load_scorer(folder, provider=settings.provider, threads=1, token_budget=1024, cache_size=0)
        except ModelError as error:
            problems.append(str(error))
        else:
            sound = f"[green]sound[/]  {scorer.model.name}  sha256 {scorer.model.sha256}"
            Console(soft_wrap=True, highlight=False).print(sound)
    _fail(problems)


def _add(table: "Table", folder: Path, manifest: "Manifest", *, in_use: bool) -> None:
    from streams.scoring import KNOWN

    size = sum(path.stat().st_size for name in manifest.files if (path := folder / name).is_file())
    heads = [head.name for head in manifest.heads]
    table.add_row(
        "[green]*[/]" if in_use else "",
        folder.name,
        f"{size / 1e6:.1f}",
        " ".join(manifest.providers),
        *(_figures(manifest, name) if name in heads else "" for name in KNOWN),
        " ".join(name for name in heads if name not in KNOWN),
        manifest.licence,
    )


def _figures(manifest: "Manifest", head: str) -> str:
    """Return the figures of a head by language, a dash where the manifest has none."""
    found = [(name.removeprefix(f"{head}-"), value) for name, value in manifest.figures.items()]
    return " ".join(f"{value:.2f} {lang}" for lang, value in found if lang in ("en", "zh")) or "-"


def _fail(problems: list[str]) -> None:
    """Show each problem as one red line and exit with status 1 if there are any."""
    for problem in problems:
        typer.secho(f"redian: {problem}", fg="red", err=True)
    if problems:
        raise typer.Exit(1)
