"""`redian map`: mappings from any record to a post, tried out before they are used."""

from pathlib import Path
from typing import Annotated

import typer

HELP = """Try a mapping: the file that says where in a record the fields of a post stand (TOML or JSON, JMESPath).

[bold]redian map check mapping.toml sample.jsonl[/] shows what becomes of each record, and every problem of each that
becomes nothing. How mappings are written: docs/sources/mapping.md."""

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    mapping = typer.Typer(help=HELP, no_args_is_help=True)
    mapping.command("check")(check)
    app.add_typer(mapping, name="map")


def check(
    file: Annotated[Path, typer.Argument(help="The mapping, TOML or JSON.")],
    sample: Annotated[Path, typer.Argument(help="Records: JSON Lines, a JSON document, CSV or Parquet; - for none.")],
) -> None:
    """Show what a mapping makes of a sample. Exit status 1 if any record becomes nothing, 2 if the mapping is wrong."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from agents.adapters.sources.records import load_mapping, records_of
    from agents.adapters.sources.source import Malformed
    from streams.contracts.posts import Post
    from streams.mapping import apply

    console = Console(highlight=False, soft_wrap=True)
    mapping = load_mapping(file)
    posts = bad = records = skipped = 0
    table = Table("id", "platform", "author", "created_at", "text", box=None, pad_edge=False)
    for record in records_of(sample):
        records += 1
        if isinstance(record, Malformed):
            bad += 1
            console.print(f"[red]record {records}[/] {escape(record.detail)}")
            continue
        made = apply(mapping, record)
        skipped += not made
        for item in made:
            if isinstance(item, Post):
                posts += 1
                if posts <= SHOWN:
                    row = (item.id, item.platform, item.author, item.created_at, item.text.replace("\n", " ")[:60])
                    table.add_row(*(escape(cell) for cell in row))
                continue
            bad += 1
            if bad <= SHOWN:
                for problem in item.problems:
                    console.print(f"[red]record {records}[/] {escape(problem)}")
    if posts:
        console.print(table)
    console.print(f"[bold]{records:,}[/] records: {posts:,} posts, {skipped:,} skipped, {bad:,} became nothing")
    if bad or not posts:
        raise typer.Exit(1)
