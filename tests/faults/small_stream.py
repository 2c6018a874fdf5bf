"""Streams for fault scripts: some hour and a half of posts, from a seed, in an order in which they could arrive."""

import itertools
import json
import random
from datetime import datetime

import msgspec

from streams.simulation.stream import history, live

LATENESS_MS = 30_000
BEGIN_MS = 1_772_409_600_000
AT_ONCE = 2000
"""Posts beyond which further streams run beside the first: more people in the same time."""


def shuffled(lines: list[bytes], seed: int) -> list[bytes]:
    """Return the lines in the order in which posts could arrive: each up to the lateness after a later one."""
    chance = random.Random(seed)

    def arrival(line: bytes) -> float:
        created = datetime.fromisoformat(json.loads(line)["created_at"])
        return created.timestamp() * 1000 + chance.uniform(0, LATENESS_MS - 1)

    return sorted(lines, key=arrival)


def small_stream(seed: int, *, posts: int = 1500, day_before: bool = False) -> list[bytes]:
    """Return so many posts of at most a hundred minutes with outbreaks, shuffled within the lateness.

    Args:
        seed: of the posts and of their order.
        posts: twenty a minute, for each 2,000 of them.
        day_before: with a thinned day before them, so that baselines are warm and stories alert.
    """
    chance = random.Random(seed)
    before = history(seed, BEGIN_MS, 1.05) if day_before else iter(())
    thinned = [post for post in before if chance.random() < 0.1]
    beside = -(-posts // AT_ONCE)
    streams = [itertools.islice(live(seed + number, BEGIN_MS), posts // beside) for number in range(beside)]
    hour = [
        msgspec.structs.replace(post, id=f"{number}-{post.id}") if number else post
        for number, stream in enumerate(streams)
        for post in stream
    ]
    return shuffled([msgspec.json.encode(post) for post in (*thinned, *hour)], seed)
