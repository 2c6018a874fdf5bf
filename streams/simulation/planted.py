"""Events planted into a stream in which nothing else happens: what is found of them, and how soon, can be counted.

An event is somebody's news: from its first post on, so many distinct people write of it, fast at first and then ever
less, two of its three words in each post among what they talk of otherwise. Half of the events are about words that the
stream knows.
"""

import heapq
import math
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec

from streams.contracts.posts import Post
from streams.contracts.times import format_time
from streams.simulation.stream import DAY_MS, MINUTE_MS, PLATFORM
from streams.simulation.uneventful import World, rhythm, uneventful

SIZES: Final = (8, 12, 20, 40, 80)
"""People of an event, in turns."""
_LASTS_MIN: Final = (20, 60)
"""Half of an event's posts come within a third of that, drawn evenly."""
_KNOWN_RANKS: Final = (300, 30_000)
_PER_DAY: Final = 20


class Planted(msgspec.Struct, frozen=True):
    """An event: its posts in order of time, each by somebody else."""

    name: str
    people: int
    known: bool
    posts: tuple[Post, ...]

    @property
    def start(self) -> datetime:
        """Time of the first post."""
        return datetime.fromisoformat(self.posts[0].created_at)

    @property
    def crowd(self) -> datetime:
        """Time of the fifth person's post: before it, nobody counts five."""
        return datetime.fromisoformat(self.posts[4].created_at)


def planted(seed: int, begin_ms: int, days: float) -> list[Planted]:
    """Return the events of a stream, in order of time; the first day, in which baselines are learnt, has none.

    Args:
        seed: the same gives the same.
        begin_ms: when the stream begins.
        days: how long it lasts.
    """
    world = World(seed)
    chance = random.Random(f"planted {seed}")
    events: list[Planted] = []
    while len(events) < _PER_DAY * (days - 1):
        at = begin_ms + DAY_MS + int(chance.random() * (days - 1) * DAY_MS)
        if chance.random() * 2 < rhythm(at):  # events happen to people who are awake
            events.append(_event(chance, world, len(events), at))
    return sorted(events, key=lambda event: event.start)


def eventful(seed: int, begin_ms: int, days: float, posts_a_day: float, events: Sequence[Planted]) -> Iterator[Post]:
    """Yield the posts of `uneventful` with those of the events among them, in order of time."""
    news = heapq.merge(*(event.posts for event in events), key=_time)
    return heapq.merge(uneventful(seed, begin_ms, days, posts_a_day), news, key=_time)


def _time(post: Post) -> str:
    return post.created_at


def _event(chance: random.Random, world: World, number: int, at: int) -> Planted:
    people = SIZES[number % len(SIZES)]
    known = number // len(SIZES) % 2 == 1
    words = [world.words[chance.randrange(*_KNOWN_RANKS)] if known else _fresh(chance) for _ in range(3)]
    half_min = chance.uniform(*_LASTS_MIN) / 3
    name = f"planted-{number}"
    posts = written_by(
        world, chance, lambda: chance.sample(words, 2), name=name, people=people, at=at, half_min=half_min
    )
    return Planted(f"event {number}", people, known, posts)


def written_by(
    world: World,
    chance: random.Random,
    said: Callable[[], list[str]],
    *,
    name: str,
    people: int,
    at: int,
    half_min: float,
) -> tuple[Post, ...]:
    """Return a post by each of so many people, the first at `at` (ms), half of them within `half_min` minutes or so.

    Args:
        world: who writes, and what of otherwise.
        chance: decides.
        said: returns the words that a post has beside those of a topic of its own.
        name: what the ids begin with.
        people: how many.
        at: time of the first post (ms).
        half_min: minutes within which half of them write.
    """
    waits = sorted(chance.expovariate(math.log(2) / half_min) for _ in range(people))
    writers: dict[str, None] = {}
    while len(writers) < people:
        writers[world.author(chance)] = None
    return tuple(
        Post(
            id=f"{name}-{place}",
            platform=PLATFORM,
            author=writer,
            created_at=format_time(at + int((wait - waits[0]) * MINUTE_MS)),
            text=world.text(chance, chance.choice(world.topics), said()),
            lang="en",
        )
        for place, (writer, wait) in enumerate(zip(writers, waits, strict=True))
    )


def _fresh(chance: random.Random) -> str:
    """Return a word that the stream does not have: it has other letters."""
    return "".join(chance.choices("bcdfghjklmnpqrstvwxyz", k=2)) + "".join(chance.choices("aeiouxq", k=4))
