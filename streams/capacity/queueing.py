"""How long a post waits in a worker: a discrete-event simulation of its slices.

Posts come one by one at random; every `slice_s`, or when that is full, what came is one slice, which the worker takes
up when it is done with those before it.
"""

from typing import Final

import msgspec
import numpy as np

_SLICES: Final = 2_000
_LEAST_POSTS: Final = 20_000
_MOST_POSTS: Final = 400_000


class Waits(msgspec.Struct, frozen=True):
    """Seconds from a post's arrival until it is counted, and whether the worker keeps up."""

    median_s: float
    p99_s: float
    keeps_up: bool


def simulated(posts_per_second: float, cost_s: float, slice_s: float, slice_posts: int, seed: int = 1) -> Waits:
    """Return how long posts wait in one worker.

    Args:
        posts_per_second: of this worker, above 0.
        cost_s: processor time of a post.
        slice_s: after which a slice is cut.
        slice_posts: at which it is cut before.
        seed: the same gives the same.
    """
    wanted = int(min(max(posts_per_second * slice_s * _SLICES, _LEAST_POSTS), _MOST_POSTS))
    arrivals = np.cumsum(np.random.default_rng(seed).exponential(1 / posts_per_second, wanted)).tolist()
    waits: list[float] = []
    held: list[float] = []
    free = 0.0
    for now in arrivals:
        if held and (now - held[0] >= slice_s or len(held) >= slice_posts):
            cut = min(now, held[0] + slice_s)
            free = max(free, cut) + len(held) * cost_s
            waits += [free - came for came in held]
            held = []
        held.append(now)
    later = np.array(waits[len(waits) // 5 :])
    return Waits(float(np.median(later)), float(np.quantile(later, 0.99)), posts_per_second * cost_s < 1.0)
