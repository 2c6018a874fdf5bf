"""`redian backtest`: the pipeline over files, in event time, as fast as it goes."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("backtest")(backtest)


def backtest(
    files: Annotated[list[Path], typer.Argument(help="JSON Lines of posts, plain or gzip, in order of time.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for hotspots, alerts, briefs (.jsonl) and summary.json.")],
    budget: Annotated[float | None, typer.Option(min=0.001, help="False alerts a day that you accept.")] = None,
    partitions: Annotated[int | None, typer.Option(min=1, help="Partitions to spread the posts over.")] = None,
    feedback: Annotated[
        Path | None,
        typer.Option(
            "--feedback", help="Verdicts (JSON Lines, `redian feedback --save`): what would they have changed?"
        ),
    ] = None,
) -> None:
    """Run everything over files, in event time, and write what would have been published.

    The same code as the worker's: the same log gives the same hotspots and alerts, whatever is killed on the way.
    Example: redian backtest posts.jsonl.gz --out run --budget 1 --encoder off

    With --feedback, each verdict is learnt at its time, and what that mutes, and why, is told at the end.
    Example: redian backtest posts.jsonl.gz --out run --feedback verdicts.jsonl --encoder off
    """
    import json

    import msgspec
    from rich.console import Console

    from agents.backtest import run_backtest
    from agents.cli.muted import Muted, verdicts_in
    from agents.cli.progress import reading
    from agents.settings import current_settings
    from agents.startup import make_intake, make_scorer
    from streams.pipeline import summary_of

    chosen = {"budget": budget, "posts_partitions": partitions}
    settings = current_settings({name: value for name, value in chosen.items() if value is not None})
    out.mkdir(parents=True, exist_ok=True)
    totals = {"hotspots": 0, "hotspot_updates": 0, "alerts": 0, "briefs": 0}
    ids: set[str] = set()
    counts = None
    verdicts = [] if feedback is None else verdicts_in(feedback)
    muted = Muted()
    names = ("hotspots", "alerts", "briefs")
    handles = {name: (out / f"{name}.jsonl").open("wb") for name in names}
    try:
        with reading(files) as on_bytes:
            for outputs, counts in run_backtest(  # noqa: B007 - the last account is the whole one
                files,
                settings=settings.pipeline(),
                intake=make_intake(settings),
                scorer=make_scorer(settings),
                posts_per_message=settings.posts_per_message,
                on_bytes=on_bytes,
                feedback=verdicts,
            ):
                muted.note(outputs.hotspots)
                ids.update(hotspot.hotspot_id for hotspot in outputs.hotspots)
                totals["hotspot_updates"] += len(outputs.hotspots)
                totals["alerts"] += len(outputs.alerts)
                totals["briefs"] += len(outputs.briefs)
                for name in names:
                    for value in getattr(outputs, name):
                        handles[name].write(msgspec.json.encode(value) + b"\n")
    finally:
        for handle in handles.values():
            handle.close()
    assert counts is not None
    totals["hotspots"] = len(ids)
    summary = summary_of(counts, totals)
    (out / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
    dead = sum(counts.dead.values())
    Console(stderr=True).print(
        f"[bold]{counts.posts:,}[/] posts read, {dead:,} dead, {counts.late:,} late: "
        f"[bold]{totals['hotspots']:,}[/] hotspots, [bold]{totals['alerts']:,}[/] alerts, "
        f"{totals['briefs']:,} briefs in {out}"
    )
    if feedback is not None:
        Console().print(muted.table(len(verdicts)))
