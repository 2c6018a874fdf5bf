"""`redian recommend`: what may interest somebody, why, what they took up, and how good that is."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.errors import RedianError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from streams.contracts.recommendations import Recommendation, Suggestion
    from streams.recommending.cascades import Replay

WAIT_S = 60.0


class Taste(StrEnum):
    """What moves a simulated population."""

    INTERESTS = "interests"
    NEWS = "news"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    recommend = typer.Typer(
        help="Suggest hotspots and posts to whom they may interest, with the reason; learn from what they take up."
    )
    recommend.command("for")(for_author)
    recommend.command("clicked")(clicked)
    recommend.command("evaluate")(evaluate)
    app.add_typer(recommend, name="recommend", no_args_is_help=True)


def for_author(
    author: Annotated[str, typer.Argument(help="The 16 digits by which outputs know an author, or their id.")],
    folder: Annotated[Path | None, typer.Argument(help="Folder that backtest wrote: choose from its hotspots.")] = None,
    posts: Annotated[Path | None, typer.Argument(help="With it: the posts from which the profile is learnt.")] = None,
    *,
    platform: Annotated[str, typer.Option("--platform", help="Platform of an id, such as bluesky.")] = "",
    count: Annotated[int, typer.Option("--count", min=1, max=50, help="How many.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="As published, one line.")] = False,
) -> None:
    """Suggest what may interest an author. Without FOLDER a worker answers, from what is live.

    Suggestions go by interests, freshness, quality, size and language, and are unlike each other; some chance is in
    them, so that what is not shown can be learnt of too. `redian recommend clicked` tells what was taken up.
    Examples: redian recommend for 6f1b5fd9a3c4e8d7
    redian recommend for 6f1b5fd9a3c4e8d7 run posts.jsonl.gz
    """
    import msgspec
    from rich.console import Console

    from agents.cli.profile import hashes_of
    from agents.settings import current_settings

    settings = current_settings()
    names = hashes_of(settings, author, platform)
    if folder is None:
        told = _by_worker(names[0], count)
    elif posts is None:
        raise RedianError("with a folder name the posts too, from which the profile is learnt")
    else:
        told = _here(names, folder, posts, count)
    console = Console()
    if as_json:
        console.out(msgspec.json.encode(told).decode(), highlight=False)
        return
    if not told.known:
        typer.echo("nothing is known of this author yet: these are what many people write about", err=True)
    console.print(_table(told.items))
    if folder is None:
        typer.echo(f"what is taken up: redian recommend clicked {told.request_id} ID", err=True)


def clicked(
    request_id: Annotated[str, typer.Argument(help="Id of the request, which `redian recommend for` tells.")],
    item: Annotated[str, typer.Argument(help="Id of the hotspot or post that was taken up.")],
) -> None:
    """Tell that a suggestion was taken up: those above it were left, and both is learnt.

    Example: redian recommend clicked recommend-1f0c9a2b7d3e 4aafb7d0c1e2f3a4
    """
    import time

    from agents.settings import current_settings
    from agents.topicfiles import put_on, values_on
    from streams.contracts.recommendations import Recommendation
    from streams.contracts.times import format_time
    from streams.contracts.topics import FEEDBACK, RECOMMENDATIONS
    from streams.recommending.clicking import click_on

    settings = current_settings()
    at = format_time(time.time_ns() // 1_000_000)
    shown = (told for told in values_on(settings, RECOMMENDATIONS, Recommendation) if told.request_id == request_id)
    told, said = next(((told, said) for told in shown if (said := click_on(told, item, at)) is not None), (None, None))
    if told is None or said is None:
        raise RedianError(f"request {request_id} was not answered with {item} within the last days")
    put_on(settings, FEEDBACK, said.hotspot_id.encode(), said)
    typer.echo(f"noted: {next(taken.title for taken in told.items if taken.id == item)}")


def evaluate(
    posts: Annotated[
        Path | None, typer.Argument(help="Posts with `repost_of`: judge on who passed on several.")
    ] = None,
    *,
    people: Annotated[int, typer.Option("--people", min=10, max=10_000, help="How many, simulated or real.")] = 200,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another population.")] = 1,
    taste: Annotated[Taste, typer.Option("--taste", help="What moves them most.")] = Taste.INTERESTS,
    as_json: Annotated[bool, typer.Option("--json", help="Print figures as one JSON object.")] = False,
) -> None:
    """Judge recommendations, on simulated people or on real ones, against popularity and recency.

    nDCG@10 with 95 % intervals over people: what is gained is how likely each person takes each thing up. The policy
    learns from clicks in 20 rounds and is judged in 10 more. A population after news is not what it expects at first.
    With POSTS: on people who passed on two or more of its posts, by whether what they did pass on comes first.
    Examples: redian recommend evaluate --people 400 --taste news
    redian recommend evaluate cascades.jsonl.gz --people 2000
    """
    import msgspec
    from rich.console import Console
    from rich.table import Table

    from streams.recommending.cascades import Replay
    from streams.recommending.population import judged

    found = judged(people, seed, taste.value) if posts is None else _replayed(posts, people, seed)
    console = Console()
    if as_json:
        console.out(msgspec.json.encode(found).decode(), highlight=False)
        return
    table = Table("policy", "nDCG@10", "95 %", "above popularity", "95 %", box=None)
    for figure in found.figures:
        table.add_row(
            figure.policy, f"[bold]{figure.ndcg:.3f}[/]", f"{figure.low:.3f} – {figure.high:.3f}",
            f"{figure.above:+.3f}", f"{figure.above_low:+.3f} – {figure.above_high:+.3f}",
        )  # fmt: skip
    console.print(table)
    if isinstance(found, Replay):
        told = f"{found.people:,} people, {found.moments:,} moments, {found.choices:.0f} to choose from at the mean"
        console.print(f"{told}; a profile was known at {found.profiled:,}", highlight=False)
        return
    weights = ", ".join(f"{name} {weight:.2f}" for name, weight in found.weights.items())
    console.print(f"{found.people:,} people, {found.clicks:,} clicks; weights: {weights}", highlight=False)


def _replayed(path: Path, people: int, seed: int) -> "Replay":
    from collections.abc import Iterator

    from agents.cli.progress import reading
    from agents.files import lines_of
    from agents.learning import scored_from
    from agents.settings import current_settings
    from streams.contracts.posts import ScoredPost
    from streams.recommending.cascades import replayed

    settings = current_settings()

    def read() -> Iterator[tuple[str, ScoredPost]]:
        with reading([path]) as on_bytes:
            yield from scored_from(lines_of(path, on_bytes), settings)

    try:
        return replayed(read, people, seed)
    except ValueError as error:
        raise RedianError(f"{path}: {error}") from None


def _by_worker(author: str, count: int) -> "Recommendation":
    import uuid

    from agents.cli.asking import asked
    from agents.settings import current_settings
    from streams.contracts.recommendations import Recommendation, RecommendationRequest
    from streams.contracts.topics import RECOMMENDATION_REQUESTS, RECOMMENDATIONS

    request = RecommendationRequest(id=f"recommend-{uuid.uuid4().hex[:12]}", author=author, count=count)
    here = "choose here from a folder of backtest"
    return asked(
        current_settings(), RECOMMENDATION_REQUESTS, RECOMMENDATIONS, request.id, request, kind=Recommendation,
        wait_s=WAIT_S, otherwise=here,
    )  # fmt: skip


def _here(names: "Sequence[str]", folder: Path, posts: Path, count: int) -> "Recommendation":
    """Recommend from what a backtest found, at its end."""
    from datetime import datetime

    import msgspec

    from agents.cli.profile import learnt
    from agents.settings import current_settings
    from agents.topicfiles import values_in
    from streams.contracts.outputs import Brief, Hotspot
    from streams.contracts.recommendations import Recommendation
    from streams.contracts.times import to_ms
    from streams.contracts.topics import BRIEFS, HOTSPOTS
    from streams.recommending.candidates import candidates_of
    from streams.recommending.choosing import suggest
    from streams.recommending.learning import Learner

    hotspots = {hotspot.hotspot_id: hotspot for hotspot in values_in(folder, HOTSPOTS, Hotspot)}
    briefs = {brief.hotspot_id: brief for brief in values_in(folder, BRIEFS, Brief)}
    if not hotspots:
        raise RedianError(f"{folder} has no hotspots")
    now_ms = max(to_ms(msgspec.convert(hotspot.updated_at, datetime)) for hotspot in hotspots.values())
    # A file ends and closes its last hotspots with it: all of its last day are live for this.
    found = [msgspec.structs.replace(hotspot, stage="fading") for hotspot in hotspots.values()]
    known = learnt(current_settings(), posts)
    author = next((name for name in names if name in known), names[0])
    profile = known.get(author)
    items = suggest(author, profile, candidates_of(found, briefs), Learner(), now_ms=now_ms, count=count)
    return Recommendation(request_id="here", author=author, items=tuple(items), known=profile is not None)


def _table(items: "Sequence[Suggestion]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table("", "what", "title", "why", "id", box=None)
    for number, item in enumerate(items, 1):
        table.add_row(str(number), item.kind, Text(item.title), Text(item.because, "green"), Text(item.id, "dim"))
    return table
