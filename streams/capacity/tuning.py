"""How many workers a machine should run, and with how many threads each: chosen from what was measured on it."""

import statistics
from collections.abc import Sequence
from typing import Final, NamedTuple

WORKER_BYTES: Final = 700 * 1024 * 1024
"""What a worker with a model is allowed for: it is promised to stay below 600 MiB."""
LEFT_BYTES: Final = 1024 * 1024 * 1024
"""Memory that is nobody's: the system's, and what reads files."""
GOOD_ENOUGH: Final = 0.95
"""Less by no more than this is not worth another worker or larger batches."""
TOKEN_BUDGETS: Final = (1024, 2048, 4096, 16_384)


class Arrangement(NamedTuple):
    """Workers on one machine, threads of each one's encoder (0: as many as cores), tokens in a batch."""

    workers: int
    threads: int
    token_budget: int

    def __str__(self) -> str:
        workers = "1 worker" if self.workers == 1 else f"{self.workers} workers"
        threads = "all cores" if self.threads == 0 else "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{workers}, {threads}, batches of {self.token_budget:,} tokens"


class Measured(NamedTuple):
    """Posts a second that an arrangement scored, all its workers together, round by round."""

    arrangement: Arrangement
    rates: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that is compared."""
        return statistics.median(self.rates)


class Choice(NamedTuple):
    """What is chosen, and why."""

    best: Measured
    reason: str


def arrangements(cores: int, memory_bytes: int, token_budget: int, *, gpu: bool = False) -> list[Arrangement]:
    """Return what is worth measuring: threads by powers of two and as many workers as they leave room for.

    Args:
        cores: that may be used, at least 1.
        memory_bytes: of the machine; more workers than fit are not tried, one always is.
        token_budget: of all of them.
        gpu: the model runs on a GPU, which workers share: one or two of them.
    """
    if gpu:
        return [Arrangement(workers, 0, token_budget) for workers in (1, 2)]
    most = max(1, (memory_bytes - LEFT_BYTES) // WORKER_BYTES)
    threads = {1 << power for power in range(cores.bit_length()) if 1 << power <= cores} | {cores}
    found = {(min(cores // each, most), each) for each in threads}
    return [Arrangement(workers, each, token_budget) for workers, each in sorted(found)]


def batches(arrangement: Arrangement) -> list[Arrangement]:
    """Return an arrangement with each size of batch worth measuring."""
    return [arrangement._replace(token_budget=budget) for budget in TOKEN_BUDGETS]


def chosen(measured: Sequence[Measured]) -> Choice:
    """Return the most frugal of those that are about as fast as the fastest: fewest workers, smallest batches.

    Args:
        measured: at least one.
    """
    fastest = max(measured, key=lambda one: one.median)
    enough = [one for one in measured if one.median >= GOOD_ENOUGH * fastest.median]
    best = min(enough, key=lambda one: (one.arrangement.workers, one.arrangement.token_budget, -one.median))
    if len(measured) == 1:
        return Choice(best, "nothing else was worth trying")
    if best is not fastest:
        share = best.median / fastest.median
        return Choice(best, f"{share:.0%} of the fastest ({fastest.arrangement}), with less")
    second = max((one for one in measured if one is not best), key=lambda one: one.median)
    return Choice(best, f"{best.median / second.median:.2f} times the next ({second.arrangement})")
