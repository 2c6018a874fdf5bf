"""What a post costs as a deployment grows: by partitions, shards, length of posts, number of authors, in a backlog.

Intake, counting and the shards in one process, without broker and model: what a worker does of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec

from agents.bench.dating import at_rate
from agents.bench.engine import BEGIN_MS
from agents.bench.paired import Work, measure
from agents.bench.report import Figure, Report
from agents.bench.stages import NEVER_MS
from streams.contracts.times import BUCKET_MS
from streams.contracts.topics import POSTS
from streams.counting import Slice, SliceBuilder, due_s, parts_of
from streams.counting.parts import decode_part, encode_part
from streams.hotspots.shard import Shard
from streams.intake import Intake, Record
from streams.pipeline import PipelineSettings

AS_USUAL: Final = "4 partitions, 8 shards"
_ONE: Final = "1 partition"
_MANY: Final = "64 partitions"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One deployment and its posts: what differs from the usual ones."""

    partitions: int = 4
    shards: int = 8
    texts: int = 1
    """So many texts, its own and those that follow, make one."""
    authors: int = 0
    """So many write in turns; 0: those who wrote the posts."""
    backlog: bool = False
    """There is always more to read, so slices are full."""


CASES: Final = {
    AS_USUAL: Case(),
    _ONE: Case(partitions=1),
    "16 partitions": Case(partitions=16),
    _MANY: Case(partitions=64),
    "64 shards": Case(shards=64),
    "texts twice as long": Case(texts=2),
    "texts 4 times as long": Case(texts=4),
    "100 authors": Case(authors=100),
    "each post by another": Case(authors=1 << 40),
    "a backlog": Case(backlog=True),
}


def growth(
    lines: Sequence[bytes],
    intake: Intake,
    *,
    posts_per_second: float,
    slice_s: float,
    posts_per_message: int,
    repeats: int,
    on_run: Callable[[], None] = lambda: None,
) -> Report:
    """Measure every case over the same posts, in turns.

    Args:
        lines: posts as JSON, in order.
        intake: reads them.
        posts_per_second: at which they come.
        slice_s: as in the settings; a worker of many partitions waits longer, see `due_s`.
        posts_per_message: at the most; a message has no more than came for its partition in a slice.
        repeats: rounds.
        on_run: told after each run.
    """

    def work(case: Case) -> Work:
        shown = at_rate(_changed(lines, case), len(lines), posts_per_second, BEGIN_MS)
        if case.backlog:
            together = PipelineSettings().slice_posts * case.partitions
        else:
            together = max(round(posts_per_second * due_s(slice_s, case.partitions)), 1)
        return lambda: _run(shown, case, intake, together, posts_per_message)

    measured = measure(AS_USUAL, {name: work(case) for name, case in CASES.items()}, len(lines), repeats, on_run)
    rates = {case.name: case.posts_per_second for case in measured}
    grown = tuple(one / many for one, many in zip(rates[_ONE], rates[_MANY], strict=True))
    return Report(
        bench="growth",
        posts=len(lines),
        reference=AS_USUAL,
        measured=tuple(measured),
        figures=(Figure(name=f"CPU a post, {_MANY} ÷ {_ONE}", unit="", values=grown, bar="≤ 1.1"),),
        on={"posts a second": f"{posts_per_second:g}", "slices of": f"{slice_s:g} s"},
    )


def _changed(lines: Sequence[bytes], case: Case) -> Iterator[bytes]:
    posts: list[dict[str, Any]] = [msgspec.json.decode(line) for line in lines]
    texts = [str(post["text"]) for post in posts]
    for number, post in enumerate(posts):
        author = f"a{number % case.authors}" if case.authors else post["author"]
        text = " ".join(texts[number : number + case.texts])
        yield msgspec.json.encode({**post, "author": author, "text": text})


def _run(lines: Sequence[bytes], case: Case, intake: Intake, together: int, posts_per_message: int) -> None:
    """Take what comes `together` as one slice of each partition, and let time pass until all of it is counted."""
    settings = PipelineSettings(partitions=case.partitions, shards=case.shards)
    builders = [SliceBuilder(number, 0, settings.lateness_ms) for number in range(case.partitions)]
    shards = [Shard(number, case.shards, settings.lateness_ms, settings.detector()) for number in range(case.shards)]
    offsets = [0] * case.partitions

    def count(made: Slice) -> None:
        none = [None] * len(made.posts)
        for part in parts_of(made, none, shards=case.shards, partitions=case.partitions):
            shards[part.shard].apply(decode_part(encode_part(part)))

    for begin in range(0, len(lines), together):
        came = lines[begin : begin + together]
        for number, builder in enumerate(builders):
            mine = came[number :: case.partitions]
            for first in range(0, len(mine), posts_per_message):
                value = b"[" + b",".join(mine[first : first + posts_per_message]) + b"]"
                taken = intake.take(Record(POSTS.name, number, offsets[number], value, NEVER_MS))
                builder.add(offsets[number], taken.posts, taken.arrived_ms, heartbeat=False)
                offsets[number] += 1
            if mine:
                count(builder.cut())
    over_ms = max(builder.watermark for builder in builders) + settings.lateness_ms + BUCKET_MS
    for number, builder in enumerate(builders):
        builder.add(offsets[number], (), over_ms, heartbeat=True)
        count(builder.cut())
