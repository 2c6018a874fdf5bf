"""`redian models`: which models there are, whether they are what their manifests say, which is in use, how good it is.

What is printed of figures stands in `judged.py`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from agents.adapters.model_folder import Manifest


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    models = typer.Typer(help="Show, check, judge, compare and choose models.")
    models.command("list")(list_models)
    models.command("verify")(verify)
    models.command("evaluate")(evaluate)
    models.command("compare")(compare)
    models.command("gpu-check")(gpu_check)
    models.command("use")(use)
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


Data = Annotated[Path, typer.Option(help="Folder of labelled texts, TASK.train.jsonl.gz and TASK.val.jsonl.gz.")]
Limit = Annotated[int, typer.Option(min=0, help="The first so many texts of each task, 0: all.")]
Task = Annotated[str | None, typer.Option(help="HEAD-LANG of the files, if their names do not say it.")]
Out = Annotated[Path | None, typer.Option(help="Write the figures there too, as JSON.")]
_DATA = Path("../shared/data/labels")


def evaluate(  # noqa: PLR0917 - the options of a command
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME] [FILE]...", help="A model, if not the one in use; files of labelled texts."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The held-out part of every task in --data.")] = False,
    task: Task = None,
    data: Data = _DATA,
    limit: Limit = 0,
    out: Out = None,
    picture: Annotated[Path | None, typer.Option(help="Draw table and confusion matrices there, SVG.")] = None,
) -> None:
    """Judge a model on labelled texts: JSON Lines of {"text": …, "label": …}, plain or gzip.

    Texts are cleaned as intake cleans them. A data set may know fewer labels than the head: the largest probability
    among those it knows decides. Figures: macro recall of sentiment (accuracy of sentiment-zh), F1 of irony, macro F1
    of the rest; with 95 % intervals by bootstrap and the calibration error, 0 for a model whose confidence is right as
    often as it says. Held out is what the recipes never trained on.
    Example: redian models evaluate small mine.jsonl --task sentiment-en
    """
    from agents.cli.judged import evaluate as run

    run(targets or [], everything=everything, task=task, data=data, limit=limit, out=out, picture=picture)


def compare(  # noqa: PLR0917 - the options of a command
    first: Annotated[str, typer.Argument(help="A model.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    files: Annotated[list[Path] | None, typer.Argument(help="Labelled texts; else those held out in --data.")] = None,
    task: Task = None,
    data: Data = _DATA,
    limit: Limit = 0,
    out: Out = None,
) -> None:
    """Compare two models on the same texts: figures, share of equal labels by head, nearest neighbours, speed.

    Speed is measured in turns, so that a busy machine is busy for both.
    Example: redian models compare small standard --limit 500
    """
    from agents.cli.judged import compare as run

    run((first, second), files or [], task=task, data=data, limit=limit, out=out)


def gpu_check(
    stream: Annotated[Path | None, typer.Argument(help="JSON Lines of your posts; simulated ones without it.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="A model, may be given again; all without it.")] = None,
    posts: Annotated[int, typer.Option(min=1, help="How many of them are scored.")] = 1000,
    seconds: Annotated[float, typer.Option(min=0, help="How long each scores at least.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run models on CUDA and TensorRT and on the CPU: whether they say the same, how fast, how soon they are warm.

    What cannot run here is shown with the reason. Status 0: all that ran agrees with the CPU. 1: something does not, so
    do not use it. 2: nothing ran on a GPU, so nothing is shown.
    Example: redian models gpu-check posts.jsonl.gz
    """
    from agents.cli.parity import gpu_check as run

    run(stream, model or [], posts=posts, seconds=seconds, as_json=as_json)


def use(name: Annotated[str, typer.Argument(help="A model, or auto for the best for the provider, or off.")]) -> None:
    """Choose the model that is used from here on: writes REDIAN_ENCODER into .env of this folder.

    Workers that run go on with theirs until they are restarted. Example: redian models use standard
    """
    from rich.console import Console

    from agents.adapters.onnx import load_scorer
    from agents.settings import ENV_FILE, PREFIX, current_settings, source_of, write_env
    from agents.startup import model_folder

    settings = current_settings()
    if name != "off":
        load_scorer(model_folder(settings, name), settings.provider, threads=1, token_budget=1024, cache_size=0)
    write_env("encoder", name)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{PREFIX}ENCODER={name} is written to {Path(ENV_FILE).resolve()}; restart workers that run")
    if source_of("encoder") in ("environment", "command line"):
        told = f"but {PREFIX}ENCODER is set in the {source_of('encoder')}, which comes first: {settings.encoder}"
        console.print(f"[yellow]{told}[/]")


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
