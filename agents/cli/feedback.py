"""`redian feedback`: what people say of hotspots, said and looked at, and what was learnt of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.errors import RedianError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from agents.settings import Settings
    from streams.contracts.feedback import Feedback
    from streams.relevance import Learner

SHOWN = 20
"""Verdicts that are listed, the latest."""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("feedback")(feedback)


def feedback(
    hotspot: Annotated[str | None, typer.Argument(help="Id of a hotspot; without one, what was said is shown.")] = None,
    verdict: Annotated[
        str | None, typer.Argument(help="relevant, not-relevant, duplicate or wrong-merge.", show_default=False)
    ] = None,
    *,
    of: Annotated[str, typer.Option("--of", help="With duplicate: the hotspot that it repeats.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why, in your words.")] = "",
    by: Annotated[str, typer.Option("--by", help="What you call yourself.")] = "",
    save: Annotated[
        Path | None, typer.Option("--save", help="Write all verdicts to a file, for `redian backtest --feedback`.")
    ] = None,
) -> None:
    """Say whether a hotspot was worth being told of. From such verdicts is learnt which alerts you want.

    After some twenty of them, hotspots that look like what nobody wanted are muted: listed, but no alert, and never
    more than a few that might matter (the setting muting). Ranks follow at once. Without arguments, the latest
    verdicts are listed, and what moves relevance most.
    Example: redian feedback 4aafb7d0c1e2f3a4 not-relevant --note "a daily show"
    """
    from agents.settings import current_settings

    settings = current_settings()
    if hotspot is not None:
        if verdict is None:
            raise RedianError("say what you think of it too: relevant, not-relevant, duplicate or wrong-merge")
        _say(settings, hotspot, verdict, of=of, note=note, by=by)
    elif save is not None:
        typer.echo(f"{_save(settings, save)} verdicts in {save}", err=True)
    else:
        _show(settings)


def _say(settings: "Settings", hotspot_id: str, verdict: str, *, of: str, note: str, by: str) -> None:
    import difflib

    from agents.topicfiles import put_on, values_on
    from agents.web.judging import VerdictError, feedback_on
    from streams.contracts.feedback import VERDICTS
    from streams.contracts.outputs import Hotspot
    from streams.contracts.terms import shown
    from streams.contracts.topics import FEEDBACK, HOTSPOTS

    if verdict not in VERDICTS:
        raise RedianError(f"a verdict is one of {', '.join(VERDICTS)}, not {verdict}")
    known = {told.hotspot_id: told for told in values_on(settings, HOTSPOTS, Hotspot)}
    for name in (hotspot_id, *([of] if of else ())):
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "the page, and topic hotspots, have the ids"
            raise RedianError(f"there is no hotspot {name}; {hint}")
    try:
        said = feedback_on(known[hotspot_id], verdict, note=note, by=by, of=of)
    except VerdictError as error:
        raise RedianError(str(error)) from None
    put_on(settings, FEEDBACK, hotspot_id.encode(), said)
    typer.echo(f"noted: {' '.join(shown(term) for term in known[hotspot_id].terms[:4])} is {verdict}")


def _save(settings: "Settings", path: Path) -> int:
    import msgspec

    said = _verdicts(settings)
    try:
        path.write_bytes(b"".join(msgspec.json.encode(feedback) + b"\n" for feedback in said))
    except OSError as error:
        raise RedianError(f"{path} cannot be written: {error.strerror}") from None
    return len(said)


def _verdicts(settings: "Settings") -> "list[Feedback]":
    from agents.topicfiles import values_on
    from streams.contracts.feedback import VERDICTS, Feedback
    from streams.contracts.topics import FEEDBACK

    return [said for said in values_on(settings, FEEDBACK, Feedback) if said.verdict in VERDICTS]


def _show(settings: "Settings") -> None:
    from rich.console import Console

    from agents.topicfiles import values_on
    from streams.contracts.outputs import Alert, Hotspot
    from streams.contracts.topics import ALERTS, HOTSPOTS
    from streams.relevance import Learner, Lessons

    said = _verdicts(settings)
    if not said:
        typer.echo(
            "nobody has said anything yet: redian feedback HOTSPOT relevant, or the buttons of the page", err=True
        )
        return
    lessons, terms = Lessons(), {}
    for alert in values_on(settings, ALERTS, Alert):
        lessons.alert(alert)
    for hotspot in values_on(settings, HOTSPOTS, Hotspot):
        lessons.hotspot(hotspot)
        terms[hotspot.hotspot_id] = hotspot.terms
    learner = Learner()
    for number, feedback in enumerate(said):
        if (lesson := lessons.of(feedback, number)) is not None:
            learner.learn(lesson)
    console = Console()
    console.print(_list(said, terms))
    console.print(_learnt(learner))


def _list(said: "list[Feedback]", terms: "dict[str, tuple[str, ...]]") -> "RenderableType":
    from rich.markup import escape
    from rich.table import Table

    from streams.contracts.terms import shown

    colours = {"relevant": "green", "not-relevant": "red"}
    table = Table(
        "said", "verdict", "hotspot", "by", "note", title="The latest verdicts", title_justify="left", box=None
    )
    for one in reversed(said[-SHOWN:]):
        what = " ".join(shown(term) for term in terms.get(one.hotspot_id, ())[:4]) or one.hotspot_id
        colour = colours.get(one.verdict, "yellow")
        when = one.at[:16].replace("T", " ")
        table.add_row(when, f"[{colour}]{one.verdict}[/]", escape(what), escape(one.by), escape(one.note))
    return table


def _learnt(learner: "Learner") -> "RenderableType":
    from rich.markup import escape
    from rich.table import Table

    from streams.relevance.learner import LEAST

    if learner.taught >= LEAST:
        state = "what is unlikely enough is muted"
    else:
        state = f"nothing is muted before {LEAST} verdicts, {learner.taught} now"
    title = f"What was learnt: off by {learner.error:.2f} on average; {state}"
    table = Table("feature", "log-odds", title=title, title_justify="left", box=None)
    for moved in learner.most_telling(SHOWN // 2):
        colour = "green" if moved.by > 0 else "red"
        table.add_row(escape(moved.feature), f"[{colour}]{moved.by:+.2f}[/]")
    return table
