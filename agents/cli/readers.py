"""`redian evaluate --learn`: what is gained by learning from simulated readers of a stream whose events are known."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from agents.errors import RedianError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from streams.contracts.bursts import BucketRecord
    from streams.evaluation import Truth
    from streams.readers import Gain, Gained


def evaluate_learning(stream: Path, truth: "Truth", budget: float | None, wants: str | None, *, as_json: bool) -> None:
    """See `redian evaluate --learn`.

    Raises:
        RedianError: in one line, what does not fit.
    """
    import msgspec
    from rich.console import Console, Group

    from agents.cli.told import told_of_posts
    from agents.settings import current_settings
    from agents.startup import make_intake
    from streams.readers import Trial, gained, interests_of

    if stream.is_dir():
        raise RedianError("readers judge alerts as they come: name the file of posts, not what backtest wrote of it")
    try:
        interests = interests_of(truth, wants)
    except re.error as error:
        raise RedianError(f"--wants {wants} is no regular expression: {error}") from None
    settings = current_settings({} if budget is None else {"budget": budget})
    pipeline, rotations = settings.pipeline(), make_intake(settings).rotations
    trials = [Trial(pipeline.heeding(rotations), interest, truth.label) for interest in interests]

    def hear(record: "BucketRecord") -> None:
        for trial in trials:
            trial.take(record)

    ran = told_of_posts(stream, budget, on_record=hear)
    results = [found for trial in trials if (found := gained(trial, ran.days)) is not None]
    console = Console()
    if as_json:
        figures = {"simulated": True, "alerts": len(ran.alerts), "muting": settings.muting, "readers": results}
        console.out(msgspec.json.encode(figures).decode(), highlight=False)
        return
    if not results:
        console.print("nothing was told, so there was nothing to judge")
        return
    console.print(Group(*_shown(stream.name, results, len(ran.alerts), settings.muting)), highlight=False)


def _shown(name: str, results: "Sequence[Gained]", alerts: int, promised: float) -> "Sequence[RenderableType]":
    from rich.table import Table

    from streams.readers import SHARE

    gains = Table(title=f"{name}: what simulated readers taught", title_justify="left", caption_justify="left")
    gains.caption = (
        "ranked: how often of two hotspots of a day the relevant one ranks higher; first ten: relevant ones among the "
        f"ten highest of a day. Readers judge {SHARE:.0%} of what alerts, by the truth, half an hour later at the mean "
        "(large: six hours more). Each hotspot counts as it was thought of before it was first told."
    )
    for column in ("reader wants", "figure"):
        gains.add_column(column, overflow="fold")
    for column in ("untaught", "taught", "gain, 95 %"):
        gains.add_column(column, justify="right")
    title = f"what was muted; {promised:g} relevant ones a day are promised at most"
    muting = Table(title=title, title_justify="left")
    muting.add_column("reader wants", overflow="fold")
    for column in ("alerts", "muted", "relevant", "a day", "95 %"):
        muting.add_column(column, justify="right")
    for one in results:
        rows = (
            ("ranked", one.ranked, 1),
            ("first ten", one.first_ten, 1),
            ("log loss", one.log_loss, -1),
            ("Brier", one.brier, -1),
        )
        for place, (figure, gain, sign) in enumerate(rows):
            reader = (one.reader, f"{one.relevant} of {one.hotspots}", f"{one.verdicts} verdicts", "")[place]
            gains.add_row(reader, figure, *_cells(gain, sign), end_section=place == len(rows) - 1)
        muting.add_row(
            one.reader,
            f"{alerts} → {one.alerts}",
            str(one.muted),
            str(one.missed),
            f"[bold]{one.missed / one.days:.2f}[/]",
            f"{one.low:.2f} to {one.high:.2f}",
        )
    return [gains, muting, *(_changed(one) for one in results if one.returned is not None)]


def _cells(gain: "Gain | None", sign: int) -> list[str]:
    if gain is None:
        return ["-"] * 3
    good, bad = ("green", "red") if sign > 0 else ("red", "green")
    colour = good if gain.low > 0 else bad if gain.high < 0 else "dim"
    return [
        f"{gain.before:.2f}",
        f"[bold]{gain.after:.2f}[/]",
        f"[{colour}]{gain.after - gain.before:+.2f}[/] ({gain.low:+.2f} to {gain.high:+.2f})",
    ]


def _changed(one: "Gained") -> str:
    told = one.returned
    assert told is not None
    anew = (
        "the learner did not begin anew" if told.anew is None else f"the learner began anew after {told.anew} verdicts"
    )
    back = "it did not come back" if told.back is None else f"it was back after {told.back}"
    return f"{one.reader}: the error was {told.error:.2f}, {told.most:.2f} after the change; {anew}, {back}"
