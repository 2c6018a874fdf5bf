"""A stream in which nothing happens, as long as wanted: what the engine may tell of it is false by construction.

Its parameters are fitted to the everyday posts of a real stream, or chosen harder where that stream was too tame to
fit them; `docs/method.md` says which is which. Words are made up, so that no list of words knows them.
"""

import bisect
import math
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

import msgspec

from streams.contracts.posts import Post
from streams.contracts.times import format_time
from streams.simulation.stream import DAY_MS, PLATFORM

HOUR_MS: Final = 3_600_000
_RHYTHM: Final = 0.83
_QUIETEST_HOUR: Final = 0.5
_WEEKEND: Final = 0.75
"""Share of a working day's posts that a Saturday and a Sunday have."""
_PEOPLE: Final = 27_000
_ACTIVITY: Final = 1.4
"""Standard deviation of the logarithm of how much a person writes."""
_LEAST_WORDS: Final = 3
_MORE_WORDS: Final = 6.0
_RANKS: Final = (1, 5, 10, 30, 100, 300, 1000, 3000, 10_000, 40_000, 200_000)
_SHARES: Final = (0.062, 0.038, 0.024, 0.0134, 0.0074, 0.0041, 0.0015, 0.00042, 0.00009, 0.000012, 0.0000015)
"""Share of the posts that hold the word of that rank; between two ranks, a straight line in logarithms."""
_HEAD: Final = 100
"""Words so frequent that every topic uses them."""
_TOPICS: Final = 300
_OVERDISPERSION: Final = 0.3
"""Of a topic's share of an hour: variance over squared mean."""
_OWN_HOURS: Final = 0.3
"""How much more of a topic is written at its own time of day."""
_PARTNER: Final = 0.15
_PARTNER_SPREAD: Final = 1.1
"""A word brings its partner with it in so many of its posts: median, and standard deviation of the logarithm."""
_SYLLABLES: Final = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]


class Topic(msgspec.Struct):
    """Words that go together, and the hour of day at which they are used most."""

    words: list[int]
    sums: list[float]
    weight: float
    own_hour: float


class World:
    """What is drawn once for a stream: the words, their partners, topics and people.

    Args:
        seed: the same gives the same.
    """

    def __init__(self, seed: int) -> None:
        chance = random.Random(f"uneventful {seed}")
        shares = _shares()
        self.words = _names(chance, len(shares))
        self.head = list(accumulate(shares[:_HEAD]))
        self.head_share = self.head[-1] / sum(shares)
        self.partner = [chance.randrange(_HEAD, len(shares)) for _ in shares]
        self.together = [min(_PARTNER * math.exp(chance.gauss(0, _PARTNER_SPREAD)), 0.99) for _ in shares]
        members: list[list[int]] = [[] for _ in range(_TOPICS)]
        for word in range(_HEAD, len(shares)):
            members[chance.randrange(_TOPICS)].append(word)
        self.topics = []
        for words in members:
            sums = list(accumulate(shares[word] for word in words))
            self.topics.append(Topic(words, sums, sums[-1], chance.random() * 24))
        self.people = list(accumulate(math.exp(chance.gauss(0, _ACTIVITY)) for _ in range(_PEOPLE)))

    def author(self, chance: random.Random) -> str:
        """Return somebody, the more likely the more they write."""
        return f"n{_pick(chance, self.people)}"

    def text(self, chance: random.Random, topic: Topic, about: Sequence[str] = ()) -> str:
        """Return a post on a topic, with the words that it is `about` somewhere in it."""
        said = _said(chance, self, topic)
        for word in about:
            said.insert(chance.randrange(len(said) + 1), word)
        return " ".join(said)


def uneventful(seed: int, begin_ms: int, days: float, posts_a_day: float) -> Iterator[Post]:
    """Yield the posts of `days` in order of time.

    Args:
        seed: the same gives the same posts.
        begin_ms: when they begin.
        days: how long they go on.
        posts_a_day: on a working day.
    """
    drawn = World(seed)
    chance = random.Random(f"uneventful {seed} posts")
    end_ms = begin_ms + days * DAY_MS
    time_ms = float(begin_ms)
    hour = -1
    topics: list[float] = []
    number = 0
    while True:
        pace = posts_a_day * rhythm(int(time_ms)) / DAY_MS
        time_ms += chance.expovariate(pace)
        if time_ms >= end_ms:
            return
        if int(time_ms) // HOUR_MS != hour:
            hour = int(time_ms) // HOUR_MS
            topics = list(accumulate(_weight(chance, topic, hour % 24) for topic in drawn.topics))
        number += 1
        yield Post(
            id=f"null-{seed}-{number:x}",
            platform=PLATFORM,
            author=drawn.author(chance),
            created_at=format_time(int(time_ms)),
            text=drawn.text(chance, drawn.topics[_pick(chance, topics)]),
            lang="en",
        )


def rhythm(time_ms: int) -> float:
    """Return how much is written at a time, beside the mean of a working day."""
    hours = time_ms % DAY_MS / HOUR_MS
    weekday = (time_ms // DAY_MS + 3) % 7
    day = _WEEKEND if weekday >= 5 else 1.0
    return day * (1.0 - _RHYTHM * math.cos((hours - _QUIETEST_HOUR) / 24 * 2 * math.pi))


def _weight(chance: random.Random, topic: Topic, hour: int) -> float:
    own = 1.0 + _OWN_HOURS * math.cos((hour - topic.own_hour) / 24 * 2 * math.pi)
    return topic.weight * own * chance.gammavariate(1 / _OVERDISPERSION, _OVERDISPERSION)


def _said(chance: random.Random, drawn: World, topic: Topic) -> list[str]:
    said: list[int] = []
    wanted = _LEAST_WORDS + _poisson(chance, _MORE_WORDS)
    while len(said) < wanted:
        if chance.random() < drawn.head_share:
            word = _pick(chance, drawn.head)
        else:
            word = topic.words[_pick(chance, topic.sums)]
        said.append(word)
        if word >= _HEAD and chance.random() < drawn.together[word]:
            said.append(drawn.partner[word])
    return [drawn.words[word] for word in said]


def _pick(chance: random.Random, sums: list[float]) -> int:
    return bisect.bisect(sums, chance.random() * sums[-1], hi=len(sums) - 1)


def _poisson(chance: random.Random, mean: float) -> int:
    """Count what happens in `mean` units of time (Knuth)."""
    least, product, number = math.exp(-mean), chance.random(), 0
    while product > least:
        product *= chance.random()
        number += 1
    return number


def _shares() -> list[float]:
    found = []
    for (low, low_share), (high, high_share) in zip(
        zip(_RANKS, _SHARES, strict=True), zip(_RANKS[1:], _SHARES[1:], strict=True), strict=False
    ):
        slope = math.log(high_share / low_share) / math.log(high / low)
        found += [low_share * (rank / low) ** slope for rank in range(low, high)]
    return found


def _names(chance: random.Random, number: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < number:
        names["".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3, 3, 4))))] = None
    return list(names)
