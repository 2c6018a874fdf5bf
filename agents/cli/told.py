"""What was told on a stream, for `redian evaluate`; and its posts as every method counts them."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from streams.contracts.bursts import BucketRecord
    from streams.contracts.posts import Post, ReadPost
    from streams.evaluation import State, Told


class Ran(NamedTuple):
    """What a stream brought out: alerts, states of hotspots, and how long it lasts (ms)."""

    alerts: "list[Told]"
    states: "list[State]"
    span_ms: int

    @property
    def days(self) -> float:
        """How long the stream is taken to last: a minute at least."""
        from streams.evaluation import DAY_MS

        return max(self.span_ms, 60_000) / DAY_MS


def told_of_posts(
    stream: Path,
    budget: float | None,
    lacking: str | None = None,
    on_record: "Callable[[BucketRecord], None]" = lambda _: None,
) -> Ran:
    """Run a file of posts through the pipeline, or through one that lacks a part (see `streams.ablations`).

    Args:
        stream: the file.
        budget: false alerts a day; the settings' if absent.
        lacking: the part.
        on_record: is given what the shards say of each bucket.
    """
    import msgspec

    from agents.backtest import run_backtest
    from agents.cli.progress import reading
    from agents.settings import current_settings
    from agents.startup import make_intake, make_scorer
    from streams.ablations import without
    from streams.evaluation import State, Told

    settings = current_settings({} if budget is None else {"budget": budget})
    pipeline = settings.pipeline()
    alerts: list[Told] = []
    states: list[State] = []
    span_ms = 0
    with reading([stream]) as on_bytes:
        for outputs, counts in run_backtest(
            [stream],
            settings=pipeline if lacking is None else without(pipeline, lacking),
            intake=make_intake(settings),
            scorer=make_scorer(settings),
            posts_per_message=settings.posts_per_message,
            on_bytes=on_bytes,
        ):
            for record in outputs.records:
                on_record(record)
            alerts.extend(msgspec.convert(alert, Told, from_attributes=True) for alert in outputs.alerts)
            states.extend(msgspec.convert(hotspot, State, from_attributes=True) for hotspot in outputs.hotspots)
            span_ms = (counts.last_ms or 0) - (counts.first_ms or 0)
    return Ran(alerts, states, span_ms)


def told_of(posts: "Iterable[Post]", budget: float) -> "list[Told]":
    """Return the alerts of posts that are made up."""
    import msgspec

    with TemporaryDirectory(prefix="redian-made-up-") as folder:
        stream = Path(folder) / "posts.jsonl"
        with stream.open("wb") as out:
            out.writelines(msgspec.json.encode(post) + b"\n" for post in posts)
        return told_of_posts(stream, budget).alerts


def told_in_folder(folder: Path) -> Ran:
    """Return what `backtest` wrote to a folder.

    Raises:
        UnreadableFile: it wrote none there.
    """
    from datetime import datetime

    import msgspec

    from agents.files import UnreadableFile, lines_of
    from streams.contracts.times import to_ms
    from streams.evaluation import State, Told

    try:
        summary = msgspec.json.decode(b"".join(lines_of(folder / "summary.json")))
        alerts = [msgspec.json.decode(line, type=Told) for line in lines_of(folder / "alerts.jsonl")]
        states = [msgspec.json.decode(line, type=State) for line in lines_of(folder / "hotspots.jsonl")]
        began, ended = (datetime.fromisoformat(summary[name]) for name in ("from", "to"))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(f"{folder} is not a folder that backtest wrote: {error}") from None
    return Ran(alerts, states, to_ms(ended) - to_ms(began))


def posts_of(stream: Path) -> "Iterator[ReadPost]":
    """Yield the posts of a file as intake reads them, in the order of the log."""
    import time

    from agents.cli.progress import reading
    from agents.files import lines_of
    from agents.settings import current_settings
    from agents.startup import make_intake
    from streams.contracts.framing import messages_of
    from streams.contracts.topics import POSTS
    from streams.intake import Record

    settings = current_settings()
    intake = make_intake(settings)
    with reading([stream]) as on_bytes:
        messages = messages_of(
            lines_of(stream, on_bytes),
            posts_per_message=settings.posts_per_message,
            partitions=1,
            lateness_ms=settings.pipeline().lateness_ms,
            now_ms=time.time_ns() // 1_000_000,
        )
        for offset, message in enumerate(messages):
            record = Record(POSTS.name, 0, offset, message.value, message.arrived_ms)
            yield from intake.take(record).posts
