"""Writes the scripted stream: deterministic, in order of time, every post on platform "simulated"."""

import heapq
import math
import random
from collections.abc import Iterator
from itertools import count
from typing import Final

from streams.contracts.posts import Post
from streams.contracts.times import format_time
from streams.simulation import script
from streams.simulation.script import TALK, Outbreak, Talk

PLATFORM: Final = "simulated"
MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
LIVE_AFTER_MS: Final = 3 * MINUTE_MS
"""From the end of history to the first live post: history has been counted to its end by then."""

_PEOPLE: Final = 2500
_POSTS_A_MINUTE: Final = 5.0
_FIRST_OUTBREAK_MINUTES: Final = 1.0
_REMEMBERED: Final = 1000
_REPOST_SHARE: Final = 0.25
_REPOST_MARKS: Final = {"en": "RT @{author}: {text}", "zh": "转发 //@{author}:{text}"}

Draft = tuple[int, str, str, str, str | None]
"""Time (ms), author, language, text, and the key that a post shares with its repeats."""


def history(seed: int, end_ms: int, days: float) -> Iterator[Post]:
    """Yield everyday posts of `days` before `end_ms`, with the daily habit and a flood a day, and no outbreak."""
    chance = random.Random(f"history {seed}")
    begin_ms = end_ms - int(days * DAY_MS)
    parts = [
        _everyday(random.Random(f"everyday {seed}"), begin_ms, end_ms),
        _habit(chance, begin_ms, end_ms),
        _flood(random.Random(f"flood {seed}"), begin_ms + DAY_MS // 3),
    ]
    yield from _posts("h", heapq.merge(*parts, key=lambda draft: draft[0]), end_ms)


def live(seed: int, begin_ms: int) -> Iterator[Post]:
    """Yield posts from `begin_ms` on, for ever: outbreaks one after another among everyday posts."""
    never = begin_ms + 3650 * DAY_MS
    parts = [
        _everyday(random.Random(f"live {seed}"), begin_ms, never),
        _habit(random.Random(f"live habit {seed}"), begin_ms, never),
        _flood(random.Random(f"live flood {seed}"), begin_ms + 30 * MINUTE_MS),
        _outbreaks(seed, begin_ms, 0),
        _outbreaks(seed, begin_ms, 1),
    ]
    yield from _posts("l", heapq.merge(*parts, key=lambda draft: draft[0]), never)


def _posts(prefix: str, drafts: Iterator[Draft], end_ms: int) -> Iterator[Post]:
    """Give the drafts ids; the first post of a key is the one that its repeats name."""
    ids: dict[str, str] = {}
    for number, (time_ms, author, lang, text, repeats) in enumerate(drafts):
        if time_ms >= end_ms:
            return
        post_id = f"sim-{prefix}{time_ms // 1000:x}-{number:x}"
        repost_of = ids.get(repeats) if repeats is not None else None
        if repeats is not None:
            ids.setdefault(repeats, post_id)
            if len(ids) > _REMEMBERED:
                del ids[next(iter(ids))]
        yield Post(
            id=post_id,
            platform=PLATFORM,
            author=author,
            created_at=format_time(time_ms),
            text=text,
            lang=lang,
            repost_of=repost_of,
        )


def _rhythm(time_ms: int) -> float:
    """Return how lively the hour is: 1 on average, lowest at four in the morning."""
    return 1.0 - 0.7 * math.cos((time_ms % DAY_MS / DAY_MS - 4 / 24) * 2 * math.pi)


def _everyday(chance: random.Random, begin_ms: int, end_ms: int) -> Iterator[Draft]:
    """Yield everyday posts; people and words follow Zipf's law."""
    time_ms = float(begin_ms)
    while time_ms < end_ms:
        talk = chance.choices(TALK, (3, 2))[0]
        text = _fill(chance, chance.choice(talk.sentences), talk)
        yield int(time_ms), _person(chance, talk.lang), talk.lang, text, None
        time_ms += chance.expovariate(_POSTS_A_MINUTE * _rhythm(int(time_ms))) * MINUTE_MS


def _fill(chance: random.Random, sentence: str, talk: Talk) -> str:
    thing = chance.choices(talk.things, [1 / (rank + 3) for rank in range(len(talk.things))])[0]
    return sentence.format(thing=thing, place=chance.choice(talk.places))


def _person(chance: random.Random, lang: str) -> str:
    return f"{lang}_{int(_PEOPLE * chance.random() ** 1.5)}"


def _habit(chance: random.Random, begin_ms: int, end_ms: int) -> Iterator[Draft]:
    """People who greet each other every day at the same hour, for half an hour."""
    day = begin_ms // DAY_MS * DAY_MS
    while day < end_ms:
        begin = day + script.HABIT_HOUR * 60 * MINUTE_MS
        times = sorted(begin + int(chance.betavariate(2, 4) * 30 * MINUTE_MS) for _ in range(script.HABIT_PEOPLE))
        for time_ms in times:
            if time_ms >= begin_ms:
                text = _fill(chance, script.HABIT, TALK[0])
                yield time_ms, f"en_{chance.randrange(_PEOPLE)}", "en", text, None
        day += DAY_MS


def _flood(chance: random.Random, begin_ms: int) -> Iterator[Draft]:
    """Let a few accounts post the same again and again."""
    for number in range(script.FLOOD_POSTS):
        time_ms = begin_ms + int(number / script.FLOOD_POSTS * script.FLOOD_MINUTES * MINUTE_MS)
        author = f"bot_{chance.randrange(script.FLOOD_ACCOUNTS)}"
        yield time_ms, author, "en", script.FLOOD.format(number=chance.randrange(100)), None


def _outbreaks(seed: int, begin_ms: int, first: int) -> Iterator[Draft]:
    """Every other outbreak, from number `first` on: none lasts longer than it takes until the next but one."""
    for number in count(first, 2):
        outbreak = script.OUTBREAKS[number % len(script.OUTBREAKS)]
        begin = begin_ms + int((_FIRST_OUTBREAK_MINUTES + number * script.EVERY_MINUTES) * MINUTE_MS)
        yield from _outbreak(random.Random(f"{outbreak.name} {number} {seed}"), outbreak, begin, number)


def _outbreak(chance: random.Random, outbreak: Outbreak, begin_ms: int, number: int) -> Iterator[Draft]:
    """People who tell of one thing: the rate rises, then fades; a quarter repeat what somebody said before."""
    elapsed = 0.0
    said: list[tuple[str, str, str]] = []
    while elapsed < outbreak.minutes:
        author = f"{outbreak.lang}_o{number}_{chance.randrange(100_000)}"
        if said and chance.random() < _REPOST_SHARE:
            key, original, text = chance.choice(said[-20:])
            text = _REPOST_MARKS[outbreak.lang].format(author=original, text=text)
            yield begin_ms + int(elapsed * MINUTE_MS), author, outbreak.lang, text, key
        else:
            sentence = chance.choice(outbreak.sentences)
            text = sentence.format(
                place=chance.choice(outbreak.places), number=chance.randrange(10, 90), digit=chance.randrange(10)
            )
            key = f"{outbreak.name}/{number}/{len(said)}"
            said.append((key, author, text))
            yield begin_ms + int(elapsed * MINUTE_MS), author, outbreak.lang, text, key
        pace = min(1.0, (elapsed + 1.0) / outbreak.rise_minutes) * (1.0 - elapsed / outbreak.minutes) + 0.05
        elapsed += chance.expovariate(outbreak.people_a_minute * pace)
