"""A platform whose source is down is no news of the others: their everyday words stay so, and events are found."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from streams.contracts.bursts import BucketRecord
from streams.contracts.slices import POST_NAMES
from streams.hotspots.content import BucketContent
from streams.hotspots.detector import Detector
from streams.hotspots.settings import DetectorSettings

SETTINGS = DetectorSettings(budget=1.0)
HOUR = 60
Wrote = tuple[str, str, tuple[str, ...]]
"""Platform, author, terms."""


def content_of(posts: Sequence[Wrote], bucket: int) -> BucketContent:
    terms = sorted({term for _, _, used in posts for term in used})
    rows = [[row for row, (_, _, used) in enumerate(posts) if term in used] for term in terms]
    count = len(posts)
    return BucketContent(
        terms=terms,
        starts=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        rows=np.array([row for held in rows for row in held], np.int64),
        ids=[f"{bucket}-{row}" for row in range(count)],
        partition=np.zeros(count, np.int64),
        offset=np.arange(count, dtype=np.int64),
        index=np.zeros(count, np.int64),
        author=np.array([abs(hash_of(f"{platform}/{author}")) for platform, author, _ in posts], np.uint64),
        copy=np.zeros(count, np.uint64),
        created=np.full(count, bucket * 60_000, np.int64),
        lang=["en"] * count,
        platform=[platform for platform, _, _ in posts],
        sentiment=np.full((count, 3), np.nan, np.float32),
        names=np.zeros((count, POST_NAMES), np.uint32),
        accounts=[-1] * count,
        places=[""] * count,
    )


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode()[-8:].rjust(8, b"\0"), "little")


def everyday(chance: random.Random, bucket: int, *, large: bool = True) -> list[Wrote]:
    """Return a minute: forty people on the large platform, eight on the small, each with words of their platform."""
    posts: list[Wrote] = []
    for platform, people in (("large", 40 if large else 0), ("small", 8)):
        for number in range(people):
            words = tuple(f"word:{platform}{min(int(chance.expovariate(0.4)), 19)}" for _ in range(2))
            posts.append((platform, f"{bucket % 997}.{number}", tuple(dict.fromkeys(words))))
    return posts


def bursts_of(record: BucketRecord) -> set[str]:
    return {burst.term for burst in record.bursts if burst.significant}


def learned(hours: int) -> bytes:
    """Return a detector that has watched both platforms for some hours."""
    detector, chance = Detector(0, 1, SETTINGS), random.Random(7)
    for bucket in range(hours * HOUR):
        detector.close(bucket, content_of(everyday(chance, bucket), bucket))
    return detector.state()


@pytest.fixture(scope="module")
def warm() -> bytes:
    """A detector that knows a day."""
    return learned(26)


def outage(state: bytes, begin: int, *, event: bool = False) -> list[set[str]]:
    """Return the bursts of three hours without the large platform and of two after, minute by minute."""
    detector, chance = Detector.restore(0, 1, SETTINGS, state), random.Random(8)
    found = []
    for minute in range(5 * HOUR):
        posts = everyday(chance, begin + minute, large=minute >= 3 * HOUR)
        if event and 2 * HOUR <= minute < 2 * HOUR + 15:
            posts += [("small", f"e{minute}.{number}", ("word:quake",)) for number in range(6)]
        found.append(bursts_of(detector.close(begin + minute, content_of(posts, begin + minute))))
    return found


def test_words_of_the_platforms_that_are_left_do_not_burst_for_the_silence_of_another(warm: bytes) -> None:
    assert set().union(*outage(warm, 26 * HOUR)) == set()


def test_before_a_day_is_known_they_do_which_is_why_words_alert_nobody_then() -> None:
    assert len(set().union(*outage(learned(8), 8 * HOUR))) >= 3


def test_an_event_on_a_platform_that_is_left_is_found_all_the_same(warm: bytes) -> None:
    found = outage(warm, 26 * HOUR, event=True)
    assert set().union(*found) == {"word:quake"}
    first = next(minute for minute, terms in enumerate(found) if terms)
    assert 2 * HOUR <= first < 2 * HOUR + 10
