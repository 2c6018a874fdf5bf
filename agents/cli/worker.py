"""`redian worker`: one worker with all agents."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("worker")(worker)


def worker() -> None:
    """Run a worker: reads `posts`, publishes hotspots, alerts and briefs, until it is told to stop (SIGTERM, Ctrl-C).

    Any number may run; partitions are shared out among them. Killing one, even with -9, loses and repeats nothing.
    """
    from agents.settings import current_settings
    from agents.startup import begin_to_load

    settings = current_settings()
    scorer = begin_to_load(settings)

    from agents.serving import serve  # half of a start is this import

    raise typer.Exit(serve(settings, scorer))
