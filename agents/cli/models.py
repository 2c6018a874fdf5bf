"""`redian models`: which models there are, and whether they are what their manifests say."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from agents.adapters.model_folder import Manifest

_SHOWN_FIGURES = ("macro_recall_en", "accuracy_zh")


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    models = typer.Typer(help="Show the models there are; check them against their manifests.")
    models.command("list")(list_models)
    models.command("verify")(verify)
    app.add_typer(models, name="models", no_args_is_help=True)


def list_models() -> None:
    """Show every model folder: version, size, where it runs, how good it is, its licence. Nothing is verified."""
    from rich.console import Console
    from rich.table import Table

    from agents.adapters.model_folder import ModelError, read_manifest
    from agents.startup import MODELS

    table = Table("model", "version", "MB", "runs on", *_SHOWN_FIGURES, "licence", box=None)
    problems: list[str] = []
    for folder in _folders(MODELS):
        try:
            _add(table, folder, read_manifest(folder))
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

    Example: redian models verify e5-small-int8
    """
    from rich.console import Console

    from agents.adapters.onnx import ModelError, load_scorer
    from agents.settings import current_settings
    from agents.startup import MODELS

    provider = current_settings().provider
    folders = [MODELS / name for name in names] if names else _folders(MODELS)
    if not folders:
        _fail([f"there are no models in {MODELS}"])
    problems: list[str] = []
    for folder in folders:
        try:
            scorer = load_scorer(folder, provider=provider, threads=1, token_budget=1024, cache_size=0)
        except ModelError as error:
            problems.append(str(error))
        else:
            sound = f"[green]sound[/]  {scorer.model.name}  sha256 {scorer.model.sha256}"
            Console(soft_wrap=True, highlight=False).print(sound)
    _fail(problems)


def _folders(models: Path) -> list[Path]:
    from agents.adapters.model_folder import MANIFEST

    return sorted(path.parent for path in models.glob(f"*/{MANIFEST}"))


def _add(table: "Table", folder: Path, manifest: "Manifest") -> None:
    size = sum(path.stat().st_size for name in manifest.files if (path := folder / name).is_file())
    figures = [f"{manifest.figures[name]:.3f}" if name in manifest.figures else "-" for name in _SHOWN_FIGURES]
    providers = ", ".join(manifest.providers)
    table.add_row(folder.name, manifest.version, f"{size / 1e6:.1f}", providers, *figures, manifest.licence)


def _fail(problems: list[str]) -> None:
    """Show each problem as one red line and exit with status 1 if there are any."""
    for problem in problems:
        typer.secho(f"redian: {problem}", fg="red", err=True)
    if problems:
        raise typer.Exit(1)
