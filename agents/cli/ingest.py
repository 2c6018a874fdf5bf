"""`redian ingest`: one source a process, from a platform or by a general door to topic posts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agents.adapters.sources.fetching import Web
    from agents.adapters.sources.source import Source

HELP = """Bring posts from a platform, a file or another topic to topic posts, once each, until it is told to stop.

One source a process; any number may run. Each keeps its place on topic sources.cursors under its own name, written when
everything before it is acknowledged: killed with -9 and started again it goes on there, loses nothing and repeats
nothing. Keys are read from files (--token-file), never from the command line, and never written anywhere.

What each platform allows and costs: docs/sources."""

Contact = Annotated[str, typer.Option(help="Address or page for the user agent: whom to ask about these requests.")]
MetricsPort = Annotated[
    int | None, typer.Option(min=0, max=65_535, help="Serve /metrics on loopback at this port, 0: any that is free.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    ingest = typer.Typer(help=HELP, no_args_is_help=True)
    for command in (bluesky, mastodon, feeds):
        ingest.command(command.__name__)(command)
    app.add_typer(ingest, name="ingest")


def run(source: "Source", metrics_port: int | None) -> None:
    """Run a source in this process until it ends or SIGTERM or Ctrl-C comes."""
    from rich.console import Console

    from agents.serving_source import serve_source
    from agents.settings import current_settings

    written = serve_source(source, current_settings(), metrics_port)
    Console(stderr=True).print(f"[bold]{written:,}[/] posts of {source.name} written")


def _web(contact: str) -> "Web":
    from agents.adapters.addresses import networks_of
    from agents.adapters.sources.fetching import Web
    from agents.settings import current_settings

    return Web(networks_of(current_settings().outbound_allow), contact)


def _secret(path: Path | None) -> str:
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


def bluesky(
    endpoint: Annotated[str, typer.Option(help="Jetstream's /subscribe, ws:// or wss://.")] = "",
    zstd_dictionary: Annotated[
        Path | None, typer.Option(help="Jetstream's zstd dictionary: with it, events come compressed, at about half.")
    ] = None,
    contact: Contact = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Read everything posted on Bluesky, live, from the Jetstream. Needs no account and no key.

    Comes back a few seconds before its cursor and leaves out what it has written. Deletions go to posts.deleted.
    """
    from agents.adapters.sources.bluesky import ENDPOINT, Bluesky

    run(Bluesky(endpoint or ENDPOINT, dictionary=zstd_dictionary, web=_web(contact)), metrics_port)


def mastodon(
    instance: Annotated[list[str], typer.Option(help="Address of an instance, https://…; may be given several times.")],
    token_file: Annotated[
        Path | None, typer.Option(help="File with an application's token; most instances want one for their stream.")
    ] = None,
    local: Annotated[bool, typer.Option("--local", help="Only posts written on these instances.")] = False,
    contact: Contact = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Read the public timelines of Mastodon instances, live; a post that several of them have comes once.

    What was missed meanwhile is read by pages first. Posts of accounts that ask not to be indexed are left out.
    """
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.mastodon import Mastodon
    from agents.adapters.sources.together import Together

    clock, web, token = SystemClock(), _web(contact), _secret(token_file)
    sources = [Mastodon(address, clock=clock, token=token, local=local, web=web) for address in instance]
    run(sources[0] if len(sources) == 1 else Together("mastodon", sources, clock), metrics_port)


def feeds(
    feed: Annotated[list[str] | None, typer.Option(help="Address of a feed; may be given several times.")] = None,
    opml: Annotated[Path | None, typer.Option(help="OPML file of feeds, as readers export it.")] = None,
    every: Annotated[float, typer.Option(min=30.0, help="Seconds between two looks at a feed.")] = 300.0,
    contact: Contact = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Read RSS and Atom feeds: each is asked at intervals, and only for what is new to it (ETag, Last-Modified).

    Addresses from an OPML file may not lead into a private network; addresses given by --feed may, if they are numbers.
    """
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.feeds import Feed, feeds_in
    from agents.adapters.sources.together import Together
    from agents.errors import RedianError

    clock, web = SystemClock(), _web(contact)
    sources = [Feed(address, clock=clock, every_s=every, web=web) for address in feed or []]
    if opml is not None:
        sources += [
            Feed(address, clock=clock, every_s=every, web=web, named=False)
            for address in feeds_in(opml)
            if address not in (feed or [])
        ]
    if not sources:
        raise RedianError("no feed was named: give --feed ADDRESS or --opml FILE")
    run(Together("feeds", sources, clock), metrics_port)
