"""What programs used that did the same job, as figures: each beside the job, and Redian by the better of its peers."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from agents.bench.report import Figure

REDIAN: Final = "Redian"
BAR: Final = "≤ 0.5"


class Used(msgspec.Struct, frozen=True):
    """Processor seconds of a program: in all, of these in `streams/` and encoding scored posts; messages published."""

    all: float
    streams: float
    encoding: float
    messages: int

    @property
    def overhead(self) -> float:
        """Seconds in none of the calls that all programs share."""
        return self.all - self.streams - self.encoding


def figures_of(rounds: Sequence[Mapping[str, Used]], posts: int) -> list[Figure]:
    """Return the figures of rounds in each of which every program went over the same posts.

    Args:
        rounds: by the name of the program; `REDIAN` is one of them, all others are its peers.
        posts: how many these are.
    """
    names = list(rounds[0])
    overhead = {name: [done[name].overhead for done in rounds] for name in names}
    better = min((name for name in names if name != REDIAN), key=lambda name: statistics.median(overhead[name]))
    ratios = tuple(ours / theirs for ours, theirs in zip(overhead[REDIAN], overhead[better], strict=True))
    with_encoding = tuple(
        (done[REDIAN].overhead + done[REDIAN].encoding) / (done[better].overhead + done[better].encoding)
        for done in rounds
    )

    def by_post(seconds: Sequence[float]) -> tuple[float, ...]:
        return tuple(1e6 * taken / posts for taken in seconds)

    return [
        *(Figure(name=f"{name}: overhead", unit="µs a post", values=by_post(overhead[name])) for name in names),
        Figure(name=f"overhead of Redian ÷ of {better}, the better peer", unit="", values=ratios, bar=BAR),
        Figure(name="… with the encoding of scored posts, the same in all", unit="", values=with_encoding),
        *(
            Figure(
                name=f"{name}: in streams/, encoding",
                unit="µs a post",
                values=by_post([done[name].streams + done[name].encoding for done in rounds]),
            )
            for name in names
        ),
        *(
            Figure(name=f"{name}: published", unit="messages", values=tuple(done[name].messages for done in rounds))
            for name in names
        ),
    ]
