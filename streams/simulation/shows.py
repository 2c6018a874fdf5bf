"""Shows that a crowd talks of each week: news at first, and a habit of the week from then on."""

import math
import random
from typing import Final

import msgspec

from streams.simulation.planted import Planted, written_by
from streams.simulation.stream import DAY_MS, MINUTE_MS
from streams.simulation.uneventful import World

SHOWS: Final = 12
_SIZES: Final = (12, 20, 40, 80)
"""People of a show, in turns; a quarter more or fewer each week."""
_HALF_MIN: Final = 15.0
_LATE_MIN: Final = 7.0
"""Standard deviation of when people begin to talk of it."""
_AWAY: Final = {3: (3,), 7: (3, 4)}
"""Weeks, from 1, in which a show is off the air."""


class Airing(msgspec.Struct, frozen=True):
    """A show in one week, from 1, with what is written of it."""

    week: int
    event: Planted


def aired(seed: int, begin_ms: int, weeks: int) -> list[Airing]:
    """Return what is said of twelve shows, each with a hashtag and a time of the week of its own, in order of time.

    Args:
        seed: the same gives the same.
        begin_ms: when the stream begins: its first day has no show.
        weeks: how many there are.
    """
    world, chance = World(seed), random.Random(f"shows {seed}")
    airings = []
    for show in range(SHOWS):
        day, hour, tag = 1 + show % 6, 15 + 2 * show % 8, f"#show{chr(ord('a') + show)}"
        for week in range(weeks):
            if week + 1 in _AWAY.get(show, ()):
                continue
            at = begin_ms + (7 * week + day) * DAY_MS + int((60 * hour + chance.gauss(0, _LATE_MIN)) * MINUTE_MS)
            people = max(6, round(_SIZES[show % len(_SIZES)] * math.exp(chance.gauss(0, 0.25))))
            name = f"show-{show}-{week + 1}"
            posts = written_by(world, chance, [tag].copy, name=name, people=people, at=at, half_min=_HALF_MIN)
            airings.append(Airing(week + 1, Planted(name, people, True, posts)))
    return sorted(airings, key=lambda airing: airing.event.start)
