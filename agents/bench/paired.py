"""Timings in pairs: the reference and what is measured run in turns, so that a busy machine is busy for both.

Figures are ratios; a number of posts a second says as much about the machine as about the program.
"""

import statistics
import time
from collections.abc import Callable, Mapping

import msgspec

Work = Callable[[], object]


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One thing measured: posts a second of processor time in each run, and the ratio to the reference in each pair."""

    name: str
    posts_per_second: tuple[float, ...]
    ratios: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Median of posts a second."""
        return statistics.median(self.posts_per_second)

    @property
    def ratio(self) -> float:
        """Median of the ratios to the reference; above 1 is faster than the reference."""
        return statistics.median(self.ratios)


def measure(
    reference: str, cases: Mapping[str, Work], posts: int, repeats: int, on_run: Callable[[], None] = lambda: None
) -> list[Measured]:
    """Run every case once unmeasured, then `repeats` times in turns; return them in order, the reference among them.

    Args:
        reference: which case the others are compared with.
        cases: by name; each goes over the same posts from start to end.
        posts: how many these are.
        repeats: rounds, at least 1.
        on_run: told after each run.
    """
    for work in cases.values():
        work()
        on_run()
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, work in cases.items():
            began = time.process_time()
            work()
            seconds[name].append(time.process_time() - began)
            on_run()
    base = seconds[reference]
    return [
        Measured(
            name=name,
            posts_per_second=tuple(posts / taken for taken in runs),
            ratios=tuple(ours / taken for ours, taken in zip(base, runs, strict=True)),
        )
        for name, runs in seconds.items()
    ]
