"""`redian export`: a topic as a Parquet file, for SQL over history."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("export")(export)


def export(
    name: Annotated[str, typer.Argument(help="alerts, briefs, hotspots, posts.scored or posts.dead.")],
    out: Annotated[Path, typer.Option(help="The Parquet file to write.")],
) -> None:
    """Write what a topic holds to a Parquet file, one row a value, for DuckDB, pandas, Spark.

    Example: redian export alerts --out alerts.parquet, then
    duckdb -c "SELECT stage, count(*) FROM 'alerts.parquet' GROUP BY stage"
    """
    from rich.console import Console

    from agents.errors import RedianError
    from agents.settings import current_settings
    from streams.contracts.topics import ALERTS, BRIEFS, DEAD, HOTSPOTS, SCORED

    topics = {topic.name: topic for topic in (ALERTS, BRIEFS, HOTSPOTS, SCORED, DEAD)}
    if name not in topics:
        raise RedianError(f"{name} cannot be exported; these can: {', '.join(topics)}")
    if not out.resolve().parent.is_dir():
        raise RedianError(f"there is no folder {out.resolve().parent}")
    try:
        from agents.exporting import export as write
    except ImportError:
        raise RedianError("writing Parquet needs pyarrow: pip install 'redian[parquet]'") from None
    settings = current_settings()
    from agents.adapters.admin import partitions_by_topic

    if name not in partitions_by_topic(settings):
        raise RedianError(f"the broker at {settings.bootstrap} has no topic {name}; run: redian topics create")
    Console(stderr=True).print(f"[bold]{write(settings, topics[name], out):,}[/] rows in {out}")
