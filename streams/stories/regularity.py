"""Whether posts come by a clock: people write when something happens, a program every thirty seconds.

Schuster's periodogram (1898) of the times of posts: for a period, each post is an arrow by where in the period it
falls, and R is the length of the sum of all arrows. Where the times know nothing of the period, R is that of a random
walk, whose probability is Rayleigh's (in the form of Zar 1999).
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_SHORTEST_S: Final = 10.0
"""Sources date by the second; a period of many seconds is no matter of rounding."""
_CYCLES: Final = 8
"""Periods that have posts at least: a crowd that came at once, and another half an hour later, are not a clock."""
_LEAST: Final = 12
"""Posts without which no period is improbable enough."""
_CHANCE: Final = 1e-5
"""Probability that posts of people look regular at some period."""
_PER_CYCLE: Final = 2
"""Frequencies looked at for each that tells its neighbours apart."""
_MINUTE_MS: Final = 60_000


def clock_of(created_ms: Sequence[int]) -> tuple[float, float] | None:
    """Return by which period posts come and how strictly, None if by none.

    Posts dated to the whole minute are left out, since many sources know no seconds, and of those within ten seconds
    all but the first: many people at one moment are no period.

    Args:
        created_ms: when they were written (ms), in any order.

    Returns:
        The period in seconds and the mean length of the arrows in (0, 1].
    """
    times = _apart(sorted(time for time in created_ms if time % _MINUTE_MS))
    if len(times) < _LEAST:
        return None
    span = float(times[-1] - times[0])
    cycles = np.arange(_CYCLES * _PER_CYCLE, int(span / _SHORTEST_S * _PER_CYCLE) + 1) / _PER_CYCLE
    if not len(cycles):
        return None
    turns = np.outer(cycles / span, times - times[0])
    arrows = np.exp(2j * np.pi * turns).mean(axis=1)
    best = int(np.abs(arrows).argmax())
    strictness, phase = float(np.abs(arrows[best])), float(np.angle(arrows[best])) / (2 * np.pi)
    filled = len(np.unique(np.round(turns[best] - phase)))
    if filled < _CYCLES or _log_chance(len(times), strictness) > math.log(_CHANCE / len(cycles)):
        return None
    return span / float(cycles[best]), strictness


def _apart(times_ms: Sequence[int]) -> npt.NDArray[Any]:
    """Return times in seconds, none within _SHORTEST_S of the one before."""
    kept: list[float] = []
    for time in times_ms:
        if not kept or time / 1000 - kept[-1] >= _SHORTEST_S:
            kept.append(time / 1000)
    return np.array(kept)


def _log_chance(posts: int, strictness: float) -> float:
    """Return the logarithm of the probability that so many arrows are together so long by chance."""
    length = posts * strictness
    return math.sqrt(1 + 4 * posts + 4 * (posts**2 - length**2)) - (1 + 2 * posts)
