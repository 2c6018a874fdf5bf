"""`redian ingest` of platforms that ask for a key: X, Weibo, Facebook, WeChat; and lists of what is hot."""

from pathlib import Path
from typing import Annotated, cast

import typer

from agents.cli.ingest_run import Contact, Host, MetricsPort, Port, TokenFile, run, secret_in, web_of


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
    token, web = secret_in(token_file), web_of(contact)
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

    token, web = secret_in(token_file), web_of(contact)
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

    clock, web = SystemClock(), web_of(contact)
    looks: Looks
    if file is not None:
        looks = ListFile(name, file, offset_h)
    elif name == "weibo":
        there = endpoint or "https://api.weibo.com"
        looks = WeiboTrends(secret_in(token_file), clock=clock, web=web, every_s=every or 60.0, endpoint=there)
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

    secret, verify = secret_in(secret_file), secret_in(verify_file)
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

    token, secret, web = secret_in(token_file), secret_in(secret_file), web_of(contact)
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
    token, key = secret_in(token_file), secret_in(aes_key_file)
    source = WeChat(app_id, token, key, clock=clock, host=host, port=port)
    if answer != "none":
        if app_secret_file is None:
            raise RedianError("answers that take longer than a call need --app-secret-file")
        service = Service(app_id, secret_in(app_secret_file), clock=clock, web=web_of(contact), endpoint=endpoint)
        source.answer(cast(Asking, answer), service, current_settings())
    run(source, metrics_port)
