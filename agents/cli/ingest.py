"""`redian ingest`: one source a process, from a platform or by a general door to topic posts."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from agents.adapters.sources.fetching import Web
    from agents.adapters.sources.source import Source
    from streams.mapping import Mapping

HELP = """Bring posts from a platform, a file or another topic to topic posts, once each, until it is told to stop.

One source a process; any number may run. Each keeps its place on topic sources.cursors under its own name, written when
everything before it is acknowledged: killed with -9 and started again it goes on there, loses nothing and repeats
nothing. Keys are read from files (--token-file), never from the command line, and never written anywhere.

What each platform allows and costs: docs/sources."""

MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="How a record becomes a post (see `redian map`); none: it is one.")
]
Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on, 0: any that is free.")]
TokenFile = Annotated[Path, typer.Option(help="File with the key.")]
Contact = Annotated[str, typer.Option(help="Address or page for the user agent: whom to ask about these requests.")]
MetricsPort = Annotated[
    int | None, typer.Option(min=0, max=65_535, help="Serve /metrics on loopback at this port, 0: any that is free.")
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
    from agents.errors import RedianError
    from agents.settings import connected_to, connection_in, current_settings
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
        found = Registry(registry, clock=SystemClock(), web=_web(contact), login=_secret(registry_login))
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

    secret = _secret(token_file)
    run(Webhook(name, secret, clock=SystemClock(), host=host, port=port, mapping=_mapping(mapping)), metrics_port)


def x(
    token_file: TokenFile,
    rules: Annotated[Path, typer.Option(help="File of rules in X's rule language, one a line; # for remarks.")],
    cap: Annotated[int, typer.Option(min=1, help="Posts to read a calendar month at most: each is paid for.")],
    *,
    endpoint: Annotated[str, typer.Option(help="Of the API.")] = "https://api.x.com",
    contact: Contact = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Read X's filtered stream (API v2): rules are set as in the file, what was missed is searched for.

    Needs an application's bearer token with access to the filtered stream.
    """
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.x import X
    from agents.errors import RedianError
    from agents.files import lines_of

    lines = (line.decode("utf-8", "replace").strip() for line in lines_of(rules))
    wanted = [line for line in lines if line and not line.startswith("#")]
    if not wanted:
        raise RedianError(f"{rules} has no rule: without one X sends nothing")
    token, web = _secret(token_file), _web(contact)
    run(X(token, wanted, cap=cap, clock=SystemClock(), web=web, endpoint=endpoint), metrics_port)


def weibo(
    token_file: TokenFile,
    *,
    every: Annotated[float, typer.Option(min=10.0, help="Seconds between two looks.")] = 60.0,
    endpoint: Annotated[str, typer.Option(help="Of the API.")] = "https://api.weibo.com",
    contact: Contact = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Read the Weibo timeline of the account that gave the token: itself and whom it follows.

    Weibo's hot-search lists are outside evidence: redian leads compares alerts with them.
    """
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.weibo import Weibo

    token, web = _secret(token_file), _web(contact)
    run(Weibo(token, clock=SystemClock(), web=web, every_s=every, endpoint=endpoint), metrics_port)


def hot_list(
    name: Annotated[str, typer.Argument(help="weibo, wikipedia, or a name of your own with --file.")],
    *,
    token_file: Annotated[Path | None, typer.Option(help="weibo: file with the key.")] = None,
    project: Annotated[str, typer.Option(help="wikipedia: which, such as zh.wikipedia.")] = "en.wikipedia",
    file: Annotated[
        Path | None, typer.Option(help="Snapshots that somebody took, JSON Lines of day, hour, rank, title.")
    ] = None,
    offset_h: Annotated[int, typer.Option(min=-14, max=14, help="Time zone of the file's hours, from UTC.")] = 8,
    every: Annotated[float | None, typer.Option(min=10.0, help="Seconds between two looks.")] = None,
    endpoint: Annotated[str, typer.Option(help="Of the API, if it is not the platform's own.")] = "",
    contact: Contact = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Follow somebody else's list of what is hot, as outside evidence: which hotspots are seen there, and when.

    No posts come of it. The workers compare: redian leads shows what was earlier, and by how much.
    Example: redian ingest hot-list wikipedia --project zh.wikipedia --contact ops@example.org
    """
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.lists import HotList, ListFile, Looks, WeiboTrends, WikipediaViews
    from agents.errors import RedianError

    clock, web = SystemClock(), _web(contact)
    looks: Looks
    if file is not None:
        looks = ListFile(name, file, offset_h)
    elif name == "weibo":
        there = endpoint or "https://api.weibo.com"
        looks = WeiboTrends(_secret(token_file), clock=clock, web=web, every_s=every or 60.0, endpoint=there)
    elif name == "wikipedia":
        there = endpoint or "https://wikimedia.org/api/rest_v1"
        looks = WikipediaViews(project, clock=clock, web=web, every_s=every or 3600.0, endpoint=there)
    else:
        raise RedianError(f"{name} is none of weibo and wikipedia; a list of your own comes with --file")
    run(HotList(looks), metrics_port)


def facebook(
    secret_file: Annotated[Path, typer.Option(help="File with the application's secret, which signs every call.")],
    verify_file: Annotated[Path, typer.Option(help="File with the verify token chosen when registering the webhook.")],
    *,
    host: Host = "127.0.0.1",
    port: Port = 8071,
    metrics_port: MetricsPort = None,
) -> None:
    """Take what Meta's webhooks tell of Facebook pages, at /facebook: posts, comments, removals.

    Meta calls over HTTPS only: put a proxy with a certificate before it.
    """
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.facebook import Facebook

    secret, verify = _secret(secret_file), _secret(verify_file)
    run(Facebook(secret, verify, clock=SystemClock(), host=host, port=port), metrics_port)


def facebook_pages(
    page: Annotated[list[str], typer.Argument(help="Ids or names of pages.")],
    token_file: TokenFile,
    *,
    secret_file: Annotated[
        Path | None, typer.Option(help="File with the application's secret, if it demands signed requests.")
    ] = None,
    every: Annotated[float, typer.Option(min=10.0, help="Seconds between two looks.")] = 300.0,
    endpoint: Annotated[str, typer.Option(help="Of the API, with its version.")] = "https://graph.facebook.com/v23.0",
    contact: Contact = "",
    metrics_port: MetricsPort = None,
) -> None:
    """Ask Facebook's Graph API again and again what is new on pages: posts, not comments.

    For pages whose webhooks do not come to us (redian ingest facebook).
    Example: redian ingest facebook-pages 1234567890 --token-file page.token
    """
    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.facebook_pages import FacebookPages

    token, secret, web = _secret(token_file), _secret(secret_file), _web(contact)
    source = FacebookPages(
        page, token, clock=SystemClock(), web=web, app_secret=secret, every_s=every, endpoint=endpoint
    )
    run(source, metrics_port)


def wechat(
    app_id: Annotated[str, typer.Argument(help="AppID of the official account.")],
    token_file: Annotated[Path, typer.Option(help="File with the token chosen when registering the callback.")],
    aes_key_file: Annotated[Path, typer.Option(help="File with the account's EncodingAESKey.")],
    *,
    answer: Annotated[
        str, typer.Option(help="Which messages are put on topic questions and answered: none, questions, all.")
    ] = "none",
    app_secret_file: Annotated[
        Path | None, typer.Option(help="File with the account's AppSecret: answers that take longer go by it.")
    ] = None,
    endpoint: Annotated[str, typer.Option(help="Of the API.")] = "https://api.weixin.qq.com",
    contact: Contact = "",
    host: Host = "127.0.0.1",
    port: Port = 8072,
    metrics_port: MetricsPort = None,
) -> None:
    """Take what people write to a WeChat official account, at /wechat: signed and encrypted callbacks (safe mode).

    WeChat calls port 80 or 443: put a proxy before it. With --answer, replies come from topic answers: with the call if
    they are there within four seconds, else as customer-service messages.
    """
    from typing import get_args

    from agents.adapters.sources.clock import SystemClock
    from agents.adapters.sources.wechat import WeChat
    from agents.adapters.sources.wechat_service import Service
    from agents.errors import RedianError
    from agents.settings import current_settings
    from streams.ingesting.replies import Asking

    if answer not in get_args(Asking):
        raise RedianError(f"--answer is one of {', '.join(get_args(Asking))}, not {answer}")
    clock = SystemClock()
    token, key = _secret(token_file), _secret(aes_key_file)
    source = WeChat(app_id, token, key, clock=clock, host=host, port=port)
    if answer != "none":
        if app_secret_file is None:
            raise RedianError("answers that take longer than a call need --app-secret-file")
        service = Service(app_id, _secret(app_secret_file), clock=clock, web=_web(contact), endpoint=endpoint)
        source.answer(cast(Asking, answer), service, current_settings())
    run(source, metrics_port)
