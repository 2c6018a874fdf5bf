"""`redian topics`: the registry of topics, made on a cluster, described, and how far the workers are behind."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    topics = typer.Typer(help="Create, list and describe the topics; see how far the workers are behind.")
    topics.command("create")(create)
    topics.command("list")(list_topics)
    topics.command("describe")(describe)
    topics.command("lag")(lag)
    topics.command("acls")(acls)
    app.add_typer(topics, name="topics", no_args_is_help=True)


def create(
    update: Annotated[
        bool, typer.Option("--update", help="Configure those that are there as the registry says.")
    ] = False,
) -> None:
    """Create every topic of the registry that is not there yet. Safe to repeat: what is there stays as it is.

    Where a topic that is there is configured otherwise (by you, or by an earlier version), it is said how.
    """
    from rich.console import Console
    from rich.table import Table

    from agents.adapters.admin import create_topics
    from agents.settings import current_settings

    outcomes = create_topics(current_settings(), update=update)
    table = Table("topic", "partitions", "outcome", box=None)
    colours = {"created": "green", "updated": "green", "there": "dim", "configured otherwise": "yellow"}
    for found in outcomes:
        colour = colours.get(found.outcome, "red")
        table.add_row(found.topic.name, str(found.partitions), f"[{colour}]{found.outcome}[/]")
    console = Console()
    console.print(table)
    for found in outcomes:
        for key, has in found.differing.items():
            wanted = found.topic.config()[key]
            said = f"now {wanted}, was {has}" if update else f"{has}, not {wanted}"
            console.print(f"[bold]{found.topic.name}[/]: {key} is {said}", soft_wrap=True)
    if not update and any(found.differing for found in outcomes):
        console.print("To configure them as the registry says: [bold]redian topics create --update[/]")
    if any(found.outcome.startswith("differs") for found in outcomes):
        raise typer.Exit(1)


def list_topics() -> None:
    """List the topics of the registry: who writes what, under which key."""
    from rich.console import Console
    from rich.table import Table

    from streams.contracts.topics import TOPICS

    table = Table("topic", "key", "value", "written by", "what", box=None)
    for topic in TOPICS:
        value = f"{topic.value.__name__}{' or list' if topic.many else ''}, {topic.encoding}"
        table.add_row(f"[bold]{topic.name}[/]", topic.key, value, topic.owner, topic.about)
    Console().print(table)


def describe(name: str = typer.Argument(help="A topic's name, as in `redian topics list`.")) -> None:
    """Describe one topic: its configuration and the JSON Schema of its values."""
    import msgspec
    from rich.console import Console

    from agents.errors import RedianError
    from agents.settings import current_settings
    from streams.contracts.topics import TOPICS

    topic = next((found for found in TOPICS if found.name == name), None)
    if topic is None:
        raise RedianError(f"there is no topic {name}; there are {', '.join(found.name for found in TOPICS)}")
    settings = current_settings()
    sizes = {"posts_partitions": settings.posts_partitions, "terms_partitions": settings.terms_partitions}
    console = Console()
    console.print(f"[bold]{topic.name}[/]  {topic.about}")
    console.print(f"key {topic.key}, written by {topic.owner}, {topic.count(sizes)} partitions")
    for key, value in topic.config().items():
        console.print(f"  {key} = {value}")
    console.print_json(msgspec.json.encode(topic.schema()).decode())


def lag() -> None:
    """Show how many messages the workers have not finished, by partition."""
    from rich.console import Console
    from rich.table import Table

    from agents.adapters.admin import lag_of
    from agents.settings import current_settings

    table = Table("topic", "partition", "committed", "end", "lag", box=None)
    total = 0
    for found in lag_of(current_settings()):
        committed = "-" if found.committed < 0 else f"{found.committed:,}"
        table.add_row(found.topic, str(found.partition), committed, f"{found.end:,}", f"{found.lag:,}")
        total += found.lag
    Console().print(table)
    Console().print(f"[bold]{total:,}[/] messages in all")


def acls(
    role: str = typer.Argument(help="worker, source, operator or consumer."),
    principal: str = typer.Option("redian", help="Name under which this role reaches Kafka."),
) -> None:
    """Print what a role needs of Kafka, and no more, as lines for kafka-acls.sh.

    Example: redian topics acls worker --principal redian
    """
    from agents.adapters.permissions import ROLES, commands_of
    from agents.errors import RedianError
    from agents.settings import current_settings

    if role not in ROLES:
        raise RedianError(f"there is no role {role}; there are {', '.join(ROLES)}")
    for line in commands_of(role, principal, current_settings()):
        typer.echo(line)
