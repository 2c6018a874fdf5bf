"""What `redian models evaluate` and `compare` print: figures with intervals, confusion matrices, two models abreast."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from agents.errors import RedianError
from agents.judging import Likeness, Scores, judged, likeness, scores_of
from agents.labelled import Labelled, read_all, read_labelled
from streams.scoring.figures import Judged

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from streams.scoring import Scorer

_TWINS: Final = {"standard": "standard-fp16", "standard-fp16": "standard"}
"""The same weights in other arithmetic: evaluated on everything, one is also held against the other."""
_TWIN_TEXTS: Final = 150
"""Of each task: half precision is slow on a CPU."""
_TIMED_TEXTS: Final = 256
_ROUNDS: Final = 3


def evaluate(
    targets: Sequence[str],
    *,
    everything: bool,
    task: str | None,
    data: Path,
    limit: int,
    out: Path | None,
    picture: Path | None,
) -> None:
    """See `redian models evaluate`.

    Raises:
        RedianError: in one line, what is missing or does not fit.
    """
    from rich.console import Console

    files = [Path(target) for target in targets if Path(target).is_file()]
    names = [target for target in targets if not Path(target).is_file()]
    if len(names) > 1:
        raise RedianError(f"one model at a time, and {' and '.join(names)} are no files; or: redian models compare")
    if everything == bool(files):
        raise RedianError("name files of labelled texts, or --all for the held-out part of every task in --data")
    scorer = _scorer(names[0] if names else None)
    heads = [head.name for head in scorer.heads]
    sets = read_all(data, heads, limit) if everything else [read_labelled(path, task, most=limit) for path in files]
    found = judged(scorer, sets, _scored(scorer, sets))
    twin = _twin(scorer, sets) if everything else None
    console = Console(record=picture is not None)
    console.print(_figures(scorer.model.name, sets, found))
    for one in found:
        console.print(_confusion(one))
    if twin is not None:
        console.print(_likeness(scorer.model.name, _TWINS[scorer.model.name], twin))
    if picture is not None:
        _draw(console, picture, scorer.model.name)
    _write(out, {"model": scorer.model, "tasks": found, "twin": twin})


def compare(
    names: tuple[str, str], files: Sequence[Path], *, task: str | None, data: Path, limit: int, out: Path | None
) -> None:
    """See `redian models compare`.

    Raises:
        RedianError: in one line, what is missing or does not fit.
    """
    from rich.console import Console

    from agents.bench.paired import measure

    ours, theirs = (_scorer(name) for name in names)
    shared = [head.name for head in ours.heads if head.name in {other.name for other in theirs.heads}]
    sets = [read_labelled(path, task, most=limit) for path in files] or read_all(data, shared, limit)
    our_scores, their_scores = (_scored(scorer, sets) for scorer in (ours, theirs))
    known = [labelled for labelled in sets if labelled.head in shared]
    figures = [judged(scorer, known, scores) for scorer, scores in ((ours, our_scores), (theirs, their_scores))]
    alike = likeness(ours, theirs, our_scores, their_scores)
    every = [text for labelled in sets for text in labelled.texts]
    some = every[:: max(len(every) // _TIMED_TEXTS, 1)][:_TIMED_TEXTS]
    cases = {names[0]: lambda: ours.score(some), names[1]: lambda: theirs.score(some)}
    speed = measure(names[1], cases, len(some), _ROUNDS)
    console = Console()
    console.print(_abreast(names, figures))
    console.print(_likeness(*names, alike))
    console.print(
        f"posts/s a core, in turns: {names[0]} {speed[0].rate:,.0f}, {names[1]} {speed[1].rate:,.0f}; "
        f"ratio [bold]{speed[0].ratio:.2f}[/]"
    )
    models = (ours.model, theirs.model)
    _write(out, {"models": models, "tasks": dict(zip(names, figures, strict=True)), "likeness": alike, "speed": speed})


def _scorer(name: str | None) -> "Scorer":
    from agents.adapters.onnx import load_scorer
    from agents.settings import current_settings
    from agents.startup import model_folder

    settings = current_settings()
    if name is None and settings.encoder == "off":
        raise RedianError("the encoder is off; name a model of `redian models list`")
    folder = model_folder(settings, name)
    return load_scorer(folder, settings.provider, settings.threads, settings.token_budget, cache_size=0)


def _scored(scorer: "Scorer", sets: Sequence[Labelled]) -> Scores:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(scorer.model.name, total=sum(len(labelled.texts) for labelled in sets))
        return scores_of(scorer, sets, lambda texts: progress.advance(task, texts))


def _twin(scorer: "Scorer", sets: Sequence[Labelled]) -> Likeness | None:
    from agents.settings import current_settings
    from agents.startup import model_folder

    name = _TWINS.get(scorer.model.name)
    if name is None or not model_folder(current_settings(), name).is_dir():
        return None
    other = _scorer(name)
    some = [msgspec.structs.replace(labelled, texts=labelled.texts[:_TWIN_TEXTS]) for labelled in sets]
    return likeness(scorer, other, _scored(scorer, some), _scored(other, some))


def _figures(name: str, sets: Sequence[Labelled], found: Sequence[Judged]) -> "Table":
    from rich.table import Table

    table = Table(title=name, title_justify="left", box=None)
    for column in ("task", "texts", "figure", "", "95 %", "calibration error"):
        table.add_column(column, justify="left" if column in ("task", "figure") else "right")
    for labelled, one in zip(sets, found, strict=True):
        table.add_row(
            one.task + ("" if labelled.held_out else "[dim], whole file[/]"),
            f"{one.texts:,}",
            one.figure,
            f"[bold]{one.value:.3f}[/]",
            f"{one.low:.3f} to {one.high:.3f}",
            f"{one.calibration_error:.3f}",
        )
    return table


def _confusion(one: Judged) -> "Table":
    """Return a confusion matrix: a row is a true label, shaded by the share of its texts."""
    from rich.style import Style
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"\n{one.task}: label given →", title_justify="left", box=None, padding=(0, 1))
    table.add_column("true ↓", style="bold")
    for label in one.labels:
        table.add_column(label, justify="right")
    for number, (label, row) in enumerate(zip(one.labels, one.confusion, strict=True)):
        total = max(sum(row), 1)
        cells = []
        for column, count in enumerate(row):
            share = count / total
            paint = (30, round(60 + 110 * share), 60) if column == number else (round(50 + 170 * share), 40, 40)
            cells.append(Text(f"{count:,} {share:4.0%}", Style(color="white", bgcolor="rgb({},{},{})".format(*paint))))
        table.add_row(label, *cells)
    return table


def _abreast(names: tuple[str, str], figures: Sequence[Sequence[Judged]]) -> "Table":
    from rich.table import Table

    table = Table("task", "figure", box=None)
    for name in names:
        table.add_column(name, justify="right")
        table.add_column("95 %", justify="right")
    for pair in zip(*figures, strict=True):
        cells = [cell for one in pair for cell in (f"[bold]{one.value:.3f}[/]", f"{one.low:.3f} to {one.high:.3f}")]
        table.add_row(pair[0].task, pair[0].figure, *cells)
    return table


def _likeness(first: str, second: str, alike: Likeness) -> "RenderableType":
    from rich.table import Table

    table = Table(title=f"\n{first} and {second} on {alike.texts:,} texts", title_justify="left", box=None)
    table.add_column("")
    table.add_column("share", justify="right")
    for head, share in alike.agreement.items():
        table.add_row(f"same {head}", f"{share:.3f}")
    if alike.neighbours is not None and alike.neighbours_centred is not None:
        table.add_row("ten nearest neighbours kept", f"{alike.neighbours:.3f}")
        table.add_row("the same, embeddings centred", f"{alike.neighbours_centred:.3f}")
    return table


def _draw(console: "Console", picture: Path, name: str) -> None:
    try:
        console.save_svg(str(picture), title=f"redian models evaluate {name}")
    except OSError as error:
        raise RedianError(f"{picture} cannot be written ({error.strerror})") from None


def _write(out: Path | None, figures: object) -> None:
    if out is None:
        return
    try:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1) + b"\n")
    except OSError as error:
        raise RedianError(f"{out} cannot be written ({error.strerror})") from None
