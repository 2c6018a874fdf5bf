"""`redian demo`: everything on this machine, on an embedded broker, with a simulated stream or a file."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("demo")(demo)


def demo(
    source: Annotated[
        str, typer.Option(help="simulated, bluesky (the live network), or a JSON Lines file, plain or gzip.")
    ] = "simulated",
    speed: Annotated[float, typer.Option(min=0.0, help="Times real time; 0, for a file: as fast as it goes.")] = 60.0,
    for_s: Annotated[float, typer.Option("--for", min=0.0, help="Seconds until it stops; 0: until Ctrl-C.")] = 0.0,
    endpoint: Annotated[str, typer.Option(help="Where bluesky is read, ws:// or wss://; the public Jetstream.")] = "",
) -> None:
    """Run everything here, now: a broker, a worker, a source; alerts and briefs appear as they come.

    With --for it stops by itself and succeeds only if at least one alert and one brief came out; of a live source,
    whose first day brings no alert, one brief.
    Nothing stays behind. A broker given by --bootstrap or REDIAN_BOOTSTRAP is used instead of the embedded one.
    """
    import signal
    import sys
    import time

    from rich.console import Console

    from agents.cli.terminal import alert_panel, brief_panel
    from agents.demo import LIVE, SIMULATED, Demo
    from streams.contracts.outputs import Alert

    console = Console(highlight=False)
    began = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.1f} s[/]  {line}")

    label = "  [black on yellow] simulated [/] nobody wrote these posts" if source == SIMULATED else ""
    console.print(f"[bold]Redian 热点[/]  what people begin to talk about, and why{label}\n")
    alerts = briefs = shown = 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with it
    with Demo(source, speed, tell, endpoint) as running:
        tell(f"live page: [bold cyan]{running.page}[/]")
        tell("Ctrl-C ends it" if not for_s else f"it ends after {for_s:g} s")
        try:
            for output in running.outputs(max(for_s - (time.monotonic() - began), 1.0) if for_s else 0.0):
                if isinstance(output, Alert):
                    alerts += 1
                    if alerts == 1:
                        tell("[bold green]first alert[/]")
                    console.print(alert_panel(output))
                else:
                    briefs += 1
                    if output.alerts or source in LIVE:
                        shown += 1
                        console.print(brief_panel(output))
        except KeyboardInterrupt:
            console.print()
        log = running.log_tail()
    rest = f" ({shown} shown, the others are of hotspots that alerted no one)" if shown < briefs else ""
    tell(f"{alerts} alerts, {briefs} briefs{rest}")
    if source in LIVE and briefs and not alerts:
        tell("no alert is to be expected on the first day of a live source; without --for it goes on")
    elif for_s and not (alerts and briefs):
        console.print(
            "[bold red]no alert and brief came out[/]; the end of the worker's log:", log, sep="\n", markup=True
        )
        raise typer.Exit(1)
