"""The program `redian`: its commands, and how a fault that a person can mend is told."""

import os
import sys
import threading
from typing import Annotated, Any

import typer
from rich.console import Console

from agents.cli import (
    ask,
    backtest,
    bench,
    brief,
    capacity,
    config,
    dead,
    demo,
    erase,
    evaluate,
    export,
    feedback,
    generate,
    ingest,
    key,
    leads,
    models,
    optout,
    profile,
    recommend,
    replay,
    score,
    subscribers,
    topics,
    tune,
    watch,
    worker,
)
from agents.cli import map as map_command
from agents.errors import RedianError

USAGE_EXIT = 2

app = typer.Typer(
    name="redian",
    help="Redian (热点) tells you within a minute or two what people begin to talk about, and why it says so.\n\n"
    "Start with [bold]redian demo[/]. Over a file of yours: [bold]redian backtest posts.jsonl.gz --out run[/]. "
    "In production: [bold]redian topics create[/], then any number of [bold]redian worker[/].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for module in (
    demo, worker, topics, ingest, map_command, optout, erase, key, dead, replay, backtest, evaluate, leads, feedback,
    export, brief, generate, profile, recommend, ask, watch, score, bench, capacity, tune, models, subscribers, config,
):  # fmt: skip
    module.register(app)


@app.callback()
def _settings(
    bootstrap: Annotated[str | None, typer.Option(help="Kafka brokers, host:port, several with commas.")] = None,
    encoder: Annotated[str | None, typer.Option(help="Name of a model of `redian models list`, auto or off.")] = None,
    provider: Annotated[str | None, typer.Option(help="auto, cpu, cuda or tensorrt.")] = None,
    others: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any setting of `redian config show`; may be repeated."),
    ] = None,
) -> None:
    from agents.settings import choose, named

    chosen: dict[str, Any] = {"bootstrap": bootstrap, "encoder": encoder, "provider": provider}
    choose({**named(others or []), **{name: value for name, value in chosen.items() if value is not None}})


def run() -> None:
    """Run the program. A fault that a person can mend is one red line and exit status 2; any other is a defect."""
    arguments = _settings_anywhere(sys.argv[1:])
    try:
        app(arguments)
    except RedianError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"[bold red]redian:[/] {_plain(str(error))}")
        if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
            sys.stdout.flush()
            os._exit(USAGE_EXIT)  # a model that is still being loaded: Python would wait for it, minutes with TensorRT
        sys.exit(USAGE_EXIT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _settings_anywhere(arguments: list[str]) -> list[str]:
    """Move the options that choose settings to the front, so that they may stand behind the command too."""
    front: list[str] = []
    rest: list[str] = []
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        name, has_value, _ = argument.partition("=")
        if name in ("--encoder", "--provider", "--bootstrap", "--set"):
            taken = 1 if has_value else 2
            front += arguments[position : position + taken]
            position += taken
        elif argument == "--":
            rest += arguments[position:]
            break
        else:
            rest.append(argument)
            position += 1
    return front + rest


if __name__ == "__main__":
    run()
