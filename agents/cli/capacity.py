"""`redian capacity`: the machines and the money that a number of posts a second takes."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from streams.capacity import Need, Plan


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("capacity")(capacity)


def capacity(
    posts_per_second: Annotated[float, typer.Option(help="Posts a second at the liveliest hour, up to 1,000,000.")],
    *,
    on: Annotated[str, typer.Option("--on", help="Where the encoder runs: cpu, gpu, or off.")] = "cpu",
    scored: Annotated[float, typer.Option(help="Share of the posts that the encoder sees.")] = 1.0,
    busy: Annotated[float, typer.Option(help="How much of a core may be used on average.")] = 0.6,
    retention: Annotated[float, typer.Option(min=1, help="Hours for which posts stay in the log.")] = 48.0,
    cores: Annotated[int, typer.Option(help="Cores of one machine.")] = 16,
    core_hour: Annotated[float, typer.Option(min=0, help="Price of a core for an hour, in any currency.")] = 0.04,
    gpu_hour: Annotated[float, typer.Option(min=0, help="Price of a GPU for an hour.")] = 2.0,
    gb_month: Annotated[float, typer.Option(min=0, help="Price of a GB of disk for a month.")] = 0.1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as one JSON object.")] = False,
) -> None:
    """Say what a platform of a given size needs: workers, partitions, GPUs, network, state, recovery, money.

    It rests on costs that were measured (docs/performance.md) and, where it must, on assumptions, which it names. The
    brokers' own machines are not in it.
    Example: redian capacity --posts-per-second 50000 --on gpu
    """
    import msgspec
    from rich.console import Console

    from agents.errors import RedianError
    from streams.capacity import COSTS, Need, Prices, plan_for

    try:
        need = Need(
            posts_per_second=posts_per_second, encoder=on, scored=scored, busy=busy, retention_h=retention, cores=cores
        )
    except ValueError as error:
        raise RedianError(str(error)) from None
    plan = plan_for(need, Prices(core_hour=core_hour, gpu_hour=gpu_hour, gb_month=gb_month))
    console = Console()
    if as_json:
        console.out(msgspec.json.encode({"need": need, "plan": plan}).decode(), highlight=False)
        return
    console.print(_table(need, plan))
    for warning in plan.warnings:
        console.print(f"[yellow]{warning}[/]", highlight=False)
    for name in plan.rests_on:
        cost = COSTS[name]
        console.print(f"[dim]not measured: {name}, {cost.value:,g} {cost.unit} ({cost.source})[/]", highlight=False)


def _table(need: "Need", plan: "Plan") -> "Table":
    from rich.table import Table

    title = f"{need.posts_per_second:,.0f} posts a second, encoder: {need.encoder}"
    table = Table("what", title=title, title_justify="left")
    table.add_column("how much", justify="right", no_wrap=True, style="bold")
    table.add_column("because", style="dim")
    waits = plan.waits
    rows = [
        ("machines", f"{plan.machines:,}", f"of {need.cores} cores" + (" and a GPU" if plan.gpus else "")),
        ("workers", f"{plan.workers:,}", f"{plan.post_us:.0f} µs a post beside the encoder, {need.busy:.0%} of a core"),
        ("cores for the encoder", f"{plan.encoder_cores:,}", f"{need.scored:.0%} of the posts are scored"),
        ("GPUs", f"{plan.gpus:,}", f"{need.scored:.0%} of the posts are scored"),
        ("partitions of posts", f"{plan.partitions:,}", "a power of two, at least one a worker"),
        ("shards", f"{plan.shards:,}", "the same, at most 256; each closes every minute"),
        ("network of the brokers", f"{plan.network_mb_s:,.1f} MB/s", "what is written, in three copies, and read once"),
        ("disk of the brokers", f"{plan.disk_gb:,.0f} GB", f"{need.retention_h:g} hours in three copies"),
        ("state", f"{plan.state_mib:,.0f} MiB", "shards that are full"),
        ("memory of the workers", f"{plan.memory_gib:,.1f} GiB", "each its own, its shards, its model"),
        ("a worker is back after", f"{plan.recovery_s:,.1f} s", "noticed, started, shards read, caught up"),
        ("counted, median", f"{waits.median_s:.2f} s" if waits.keeps_up else "never", "simulated: slices of 0.5 s"),
        ("counted, 99 %", f"{waits.p99_s:.2f} s" if waits.keeps_up else "never", "the same"),
        ("money a month", f"{plan.money_month:,.0f}", "machines, GPUs and disk at the prices given"),
    ]  # fmt: skip
    for row in rows:
        if row[1] != "0":
            table.add_row(*row)
    return table
