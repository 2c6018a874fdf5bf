"""What the commands of `redian ingest` have in common: their options, their keys, and how a source is run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agents.adapters.sources.fetching import Web
    from agents.adapters.sources.source import Source

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on, 0: any that is free.")]
TokenFile = Annotated[Path, typer.Option(help="File with the key.")]
Contact = Annotated[str, typer.Option(help="Address or page for the user agent: whom to ask about these requests.")]
MetricsPort = Annotated[
    int | None,
    typer.Option(
        min=0, max=65_535, help="Serve /metrics at this port of REDIAN_METRICS_HOST (loopback), 0: any that is free."
    ),
]


def run(source: "Source", metrics_port: int | None) -> None:
    """Run a source in this process until it ends or SIGTERM or Ctrl-C comes."""
    from rich.console import Console

    from agents.serving_source import serve_source
    from agents.settings import current_settings

    written = serve_source(source, current_settings(), metrics_port)
    Console(stderr=True).print(f"[bold]{written:,}[/] posts of {source.name} written")


def web_of(contact: str) -> "Web":
    """Return how a source reaches the web: where the operator allows it, saying whom to ask about that."""
    from agents.adapters.addresses import networks_of
    from agents.adapters.sources.fetching import Web
    from agents.settings import current_settings

    return Web(networks_of(current_settings().outbound_allow), contact)


def secret_in(path: Path | None) -> str:
    """Return what a file holds, without the spaces around it; nothing for no file."""
    from agents.errors import RedianError

    if path is None:
        return ""
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RedianError(f"the key cannot be read from {path}: {error}") from None
    if not secret:
        raise RedianError(f"{path} is empty: it should hold a key")
    return secret
