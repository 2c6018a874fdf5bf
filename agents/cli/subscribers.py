"""`redian subscribers`: who is told of alerts, by which rule and channel, and what became of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from streams.contracts.subscriptions import Delivery, Rule, Subscriber

T = TypeVar("T")

Stages = Annotated[list[str] | None, typer.Option("--stage", help="Only these stages, such as emerging; repeatable.")]
MinRank = Annotated[float | None, typer.Option(help="Only from this rank on.")]
MinCredibility = Annotated[float | None, typer.Option(help="Only from this credibility on, 0 to 1.")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Only with posts in it: en, zh; repeatable.")]
Platforms = Annotated[list[str] | None, typer.Option("--platform", help="Only with posts from it; repeatable.")]
Terms = Annotated[
    list[str] | None, typer.Option("--term", help="Only stories with a term that contains it; repeatable.")
]
Quiet = Annotated[
    str | None, typer.Option(help='Hours in which nothing is told and all waits: "22:00-07:00"; "" for none.')
]
Zone = Annotated[str | None, typer.Option(help="Time zone of the quiet hours, such as Asia/Shanghai.")]
Digest = Annotated[
    int | None, typer.Option("--digest-min", help="One message at most every so many minutes, with all.")
]
Cooldown = Annotated[int | None, typer.Option("--cooldown-min", help="Minutes between two messages of one hotspot.")]
Simulated = Annotated[bool | None, typer.Option("--simulated/--no-simulated", help="Simulated alerts too.")]
Watchlists = Annotated[
    list[str] | None,
    typer.Option("--watchlist", help="Only stories that it is for, and the turns of its mood; repeatable."),
]
Escalate = Annotated[
    int | None, typer.Option(help="Only what nobody judged for so many minutes, or what grew meanwhile.")
]
Name = Annotated[str, typer.Argument(help="Name of the subscriber: letters, digits, dots, dashes.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    subscribers = typer.Typer(
        help="Tell people and programs of alerts: webhooks, chats and mail, Alertmanager, another topic, MQTT.\n\n"
        "Start with [bold]redian subscribers add ops --webhook https://…[/], then [bold]redian subscribers test ops[/]."
    )
    for command in (add, edit, list_subscribers, test, pause, resume, rotate, remove, log):
        subscribers.command("list" if command is list_subscribers else command.__name__)(command)
    app.add_typer(subscribers, name="subscribers", no_args_is_help=True)


def add(
    name: Name,
    *,
    webhook: Annotated[str | None, typer.Option(help="Address that takes Standard Webhooks.")] = None,
    chat: Annotated[str | None, typer.Option(help="Apprise address: slack://…, tgram://…, mailto://… .")] = None,
    alertmanager: Annotated[str | None, typer.Option(help="Address of an Alertmanager.")] = None,
    topic: Annotated[str | None, typer.Option(help="A Kafka topic of the same cluster.")] = None,
    mqtt: Annotated[str | None, typer.Option(help="A topic of an MQTT broker: mqtts://host/some/topic.")] = None,
    stage: Stages = None,
    min_rank: MinRank = None,
    min_credibility: MinCredibility = None,
    language: Languages = None,
    platform: Platforms = None,
    term: Terms = None,
    quiet: Quiet = None,
    zone: Zone = None,
    digest_min: Digest = None,
    cooldown_min: Cooldown = None,
    simulated: Simulated = None,
    watchlist: Watchlists = None,
    escalate_min: Escalate = None,
) -> None:
    """Add a subscriber with one channel and a rule; without one it is told of every alert that is not simulated.

    A webhook's secret is shown once, here: the receiver needs it to verify. Alerts from now on are told.
    """
    from rich.console import Console

    from agents.errors import RedianError
    from agents.subscribers import editing

    given = {"webhook": webhook, "chat": chat, "alertmanager": alertmanager, "topic": topic, "mqtt": mqtt}
    chosen = {kind: address for kind, address in given.items() if address is not None}
    if len(chosen) != 1:
        raise RedianError(f"a subscriber has one channel: give one of {', '.join(f'--{kind}' for kind in given)}")
    ((kind, address),) = chosen.items()
    rule = _changed(
        Rule(), stages=stage, min_rank=min_rank, min_credibility=min_credibility, languages=language,
        platforms=platform, terms=term, quiet=quiet, zone=zone, digest_min=digest_min, cooldown_min=cooldown_min,
        simulated=simulated, watchlists=watchlist, escalate_min=escalate_min,
    )  # fmt: skip
    added = _run(lambda settings: editing.add(settings, name, kind, address, rule))
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[green]added[/] {name}, told by {kind}; try it: redian subscribers test {name}")
    if added.secrets:
        console.print(f"secret of the webhook, not shown again: [bold]{added.secrets[0].key}[/]")


def edit(
    name: Name,
    *,
    address: Annotated[str | None, typer.Option(help="Another address of the same channel.")] = None,
    stage: Stages = None,
    min_rank: MinRank = None,
    min_credibility: MinCredibility = None,
    language: Languages = None,
    platform: Platforms = None,
    term: Terms = None,
    quiet: Quiet = None,
    zone: Zone = None,
    digest_min: Digest = None,
    cooldown_min: Cooldown = None,
    simulated: Simulated = None,
    watchlist: Watchlists = None,
    escalate_min: Escalate = None,
) -> None:
    """Change the options given, and leave the others. Lifts a disabling. Of two edits at once the first one holds."""
    from agents.subscribers import editing

    def change(held: Subscriber) -> Subscriber:
        from msgspec.structs import replace

        rule = _changed(
            held.rule, stages=stage, min_rank=min_rank, min_credibility=min_credibility, languages=language,
            platforms=platform, terms=term, quiet=quiet, zone=zone, digest_min=digest_min, cooldown_min=cooldown_min,
            simulated=simulated, watchlists=watchlist, escalate_min=escalate_min,
        )  # fmt: skip
        return replace(held, rule=rule, address=address or held.address)

    _run(lambda settings: editing.edit(settings, name, change))
    _say(f"[green]changed[/] {name}")


def list_subscribers() -> None:
    """List the subscribers: channel, rule, what waits, and how they do. Addresses are shown without what is secret."""
    from rich.console import Console
    from rich.table import Table

    from agents.subscribers import editing

    table = Table("name", "channel", "address", "rule", "waiting", "status", box=None)
    colours = {"active": "green", "failing": "yellow", "disabled": "red", "paused": "dim"}
    for found in _run(editing.overview):
        detail = f": {found.detail}" if found.detail else ""
        table.add_row(
            f"[bold]{found.subscriber.name}[/]",
            found.subscriber.channel,
            editing.safe_address(found.subscriber),
            editing.rule_in_words(found.subscriber.rule),
            str(found.waiting),
            f"[{colours[found.status]}]{found.status}[/]{detail}",
        )
    Console(highlight=False).print(table)


def test(name: Name) -> None:
    """Send a test message now, from here, and say what became of it. Exits with 1 if it did not arrive."""
    from agents.subscribers import editing

    sent = _run(lambda settings: editing.test(settings, name))
    if sent.outcome != "delivered":
        _say(f"[red]not delivered[/]: {sent.detail}")
        raise typer.Exit(1)
    _say(f"[green]delivered[/]: {sent.detail}")


def pause(name: Name) -> None:
    """Tell a subscriber nothing until it is resumed; what comes meanwhile is not told later."""
    from agents.subscribers import editing

    _run(lambda settings: editing.pause(settings, name, True))
    _say(f"[yellow]paused[/] {name}")


def resume(name: Name) -> None:
    """Tell a subscriber again, after a pause or after it was disabled."""
    from agents.subscribers import editing

    _run(lambda settings: editing.pause(settings, name, False))
    _say(f"[green]resumed[/] {name}")


def rotate(name: Name) -> None:
    """Give a webhook a new secret; the one before signs too for another day."""
    from agents.subscribers import editing

    edited = _run(lambda settings: editing.rotate(settings, name))
    _say(f"new secret, not shown again: [bold]{edited.secrets[0].key}[/]; the one before still signs for 24 h")


def remove(name: Name) -> None:
    """Remove a subscriber and what waits for it."""
    from agents.subscribers import editing

    _run(lambda settings: editing.remove(settings, name))
    _say(f"[green]removed[/] {name}")


def log(
    name: Annotated[str | None, typer.Argument(help="Of this subscriber; without it, of all.")] = None,
    last: Annotated[int, typer.Option(min=1, max=10_000, help="How many lines.")] = 20,
) -> None:
    """Show what was tried, oldest first, and what became of it."""
    from rich.console import Console
    from rich.table import Table

    from agents.subscribers import editing

    def colour(line: Delivery) -> str:
        return {"delivered": "green", "retry": "yellow"}.get(line.outcome, "red")

    lines = _run(lambda settings: editing.log_of(settings, name, last))
    if not lines:
        Console(highlight=False).print(f"nothing was tried{'' if name is None else f' for {name}'} within two weeks")
        return
    table = Table("when", "subscriber", "channel", "outcome", "attempt", "s", "alerts", "detail", box=None)
    for line in lines:
        table.add_row(
            line.at[:19].replace("T", " "),
            line.subscriber,
            line.channel,
            f"[{colour(line)}]{line.outcome}[/]",
            str(line.attempt),
            f"{line.seconds:.2f}",
            str(len(line.alerts)),
            line.detail,
        )
    Console(highlight=False).print(table)


def _changed(rule: Rule, **given: object) -> Rule:
    """Return the rule with the options that were given; an empty word in a list empties it."""
    from msgspec.structs import replace

    chosen = {
        name: tuple(word for word in value if word) if isinstance(value, list) else value
        for name, value in given.items()
        if value is not None
    }
    return replace(rule, **chosen)


def _run(work: "Callable[..., Awaitable[T]]") -> T:
    from agents.settings import current_settings

    async def do() -> T:
        return await work(current_settings())

    return asyncio.run(do())


def _say(text: str) -> None:
    from rich.console import Console

    Console(highlight=False, soft_wrap=True).print(text)
