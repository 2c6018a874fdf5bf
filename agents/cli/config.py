"""`redian config`: every setting with its value, unit and source."""

import typer
from pydantic import SecretStr


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    config = typer.Typer(help="Show every setting with its source; check that they agree.")
    config.command("show")(show)
    config.command("check")(check)
    app.add_typer(config, name="config", no_args_is_help=True)


def show() -> None:
    """Show every setting: its name in the environment, its value, what it is, and where the value comes from."""
    from rich.console import Console
    from rich.table import Table

    from agents.settings import PREFIX, Settings, current_settings, source_of

    settings = current_settings()
    table = Table("setting", "value", "source", "what it is", box=None)
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = "****" if isinstance(value, SecretStr) else "-" if value is None else str(value)
        source = source_of(name)
        style = "" if source == "default" else "[cyan]"
        table.add_row(f"{PREFIX}{name.upper()}", f"{style}{shown}", f"{style}{source}", field.description or "")
    Console().print(table)


def check() -> None:
    """Check the settings, the broker and its topics, and the model. Exits with 2 and one line at the first fault."""
    from rich.console import Console

    from agents.adapters.admin import partitions_by_topic
    from agents.errors import RedianError
    from agents.settings import current_settings
    from agents.startup import make_scorer
    from streams.contracts.topics import TOPICS

    console = Console()
    settings = current_settings()
    console.print("[green]ok[/] settings")
    found = partitions_by_topic(settings)
    console.print(f"[green]ok[/] broker at {settings.bootstrap}")
    missing = [topic.name for topic in TOPICS if topic.name not in found]
    if missing:
        raise RedianError(f"topics are missing: {', '.join(missing)}; run: redian topics create")
    console.print(f"[green]ok[/] {len(TOPICS)} topics")
    make_scorer(settings)
    console.print(f"[green]ok[/] encoder {settings.encoder}")
