"""`redian ingest`: one source a process, from a platform or by a general door to topic posts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.ingest_keyed import facebook, facebook_pages, hot_list, wechat, weibo, x
from agents.cli.ingest_run import Contact, Host, MetricsPort, Port, TokenFile, run, secret_in, web_of

if TYPE_CHECKING:
    from streams.mapping import Mapping

HELP = """Bring posts from a platform, a file or another topic to topic posts, once each, until it is told to stop.

One source a process; any number may run. Each keeps its place on topic sources.cursors under its own name, written when
everything before it is acknowledged: killed with -9 and started again it goes on there, loses nothing and repeats
nothing. Keys are read from files (--token-file), never from the command line, and never written anywhere.

What each platform allows and costs: docs/sources."""

MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="How a record becomes a post (see `redian map`); none: it is one.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    ingest = typer.Typer(help=HELP, no_args_is_help=True)
    for command in (
        bluesky,
        mastodon,
        feeds,
        x,
        weibo,
        facebook,
        facebook_pages,
        wechat,
        hot_list,
        files,
        stdin,
        topic,
        webhook,
    ):
        ingest.command(command.__name__.replace("_", "-"))(command)
    app.add_typer(ingest, name="ingest")


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

    run(Bluesky(endpoint or ENDPOINT, dictionary=zstd_dictionary, web=web_of(contact)), metrics_port)


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

    clock, web, token = SystemClock(), web_of(contact), secret_in(token_file)
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

    clock, web = SystemClock(), web_of(contact)
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


def _mapping(file: Path | None) -> "Mapping | None":
    from agents.adapters.sources.records import load_mapping

    return None if file is None else load_mapping(file)


def files(
    paths: Annotated[
        list[Path], typer.Argument(help="JSON Lines, JSON, CSV, Parquet, or an archive of X or Mastodon.")
    ],
    mapping: MappingFile = None,
    metrics_port: MetricsPort = None,
) -> None:
    """Read files of records, plain or gzip, in the order given; each keeps its own dates.

    Stopped and started again with the same files, it goes on where it was. To show a file as if it were happening now,
    use redian replay.
    """
    from agents.adapters.sources.files import Files

    run(Files(paths, _mapping(mapping)), metrics_port)


def stdin(
    name: Annotated[str, typer.Option(help="What is piped in, for metrics.")] = "-",
    mapping: MappingFile = None,
    metrics_port: MetricsPort = None,
) -> None:
    """Read JSON Lines from standard input until it ends."""
    from agents.adapters.sources.files import StandardInput

    run(StandardInput(name, _mapping(mapping)), metrics_port)


def topic(
    name: Annotated[str, typer.Argument(help="The topic.")],
    *,
    brokers: Annotated[str, typer.Option(help="Its brokers, host:port, in the clear; Redian's own if absent.")] = "",
    connection: Annotated[
        Path | None,
        typer.Option(help="File that says where its brokers are and who we are to them, by the names of our settings."),
    ] = None,
    registry: Annotated[
        str, typer.Option(help="Address of a schema registry: values are Avro, Protobuf or JSON by it. JSON if absent.")
    ] = "",
    registry_login: Annotated[
        Path | None, typer.Option("--registry-login-file", help="File with name:password for the registry.")
    ] = None,
    mapping: MappingFile = None,
    contact: Contact = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Read another Kafka topic, from its beginning the first time; no consumer group is used there.

    Brokers that ask for more than an address: --connection FILE, with lines such as REDIAN_BOOTSTRAP=other:9093,
    REDIAN_SECURITY_PROTOCOL=SASL_SSL, REDIAN_SASL_USERNAME=…, REDIAN_SASL_PASSWORD_FILE=…. Nothing of Redian's own
    connection is used then, so no password of ours goes elsewhere.

    Example: redian ingest topic tweets --connection other.env --registry https://registry.example.org
    """
    from agents.adapters.connection import asynchronous
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.registry import Registry
    from agents.adapters.sources.topic import Topic
    from agents.connections import connected_to, connection_in
    from agents.errors import RedianError
    from agents.settings import current_settings
    from streams.contracts.topics import TOPICS

    own = current_settings()
    if brokers and connection is not None:
        raise RedianError("give --brokers or --connection; the file says where the brokers are")
    there = own
    if connection is not None:
        there = connection_in(connection)
    elif brokers:
        there = connected_to(brokers)
    asynchronous(there)  # what cannot be meant is told now
    if name in {topic.name for topic in TOPICS} and there.bootstrap == own.bootstrap:
        raise RedianError(f"{name} is a topic of Redian's own: what it would write, it would read again")
    found = None
    if registry:
        found = Registry(registry, clock=SystemClock(), web=web_of(contact), login=secret_in(registry_login))
    run(Topic(there, name, mapping=_mapping(mapping), registry=found), metrics_port)


def webhook(
    name: Annotated[str, typer.Argument(help="Who sends, for metrics.")],
    token_file: TokenFile,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8070,
    mapping: MappingFile = None,
    metrics_port: MetricsPort = None,
) -> None:
    """Take records that others send to POST /, signed by the Standard Webhooks specification (secret whsec_…).

    The answer is 204 once the posts are acknowledged by Kafka, 401 for a wrong signature or a time more than five
    minutes off, 503 where it should be sent again.
    """
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.webhook import Webhook

    secret = secret_in(token_file)
    run(Webhook(name, secret, clock=SystemClock(), host=host, port=port, mapping=_mapping(mapping)), metrics_port)
