"""The stream in which nothing happens: deterministic, in order, and as the real everyday posts it was fitted to."""

from collections import Counter
from datetime import datetime
from itertools import islice, pairwise

import numpy as np
import pytest

from streams.contracts.posts import Post
from streams.simulation import uneventful

MONDAY_MS = 1_772_409_600_000


@pytest.fixture(scope="module")
def week() -> list[Post]:
    return list(uneventful(3, MONDAY_MS, 7.0, 3000))


def test_the_same_seed_gives_the_same_posts() -> None:
    first = list(islice(uneventful(1, MONDAY_MS, 1.0, 3000), 200))
    assert first == list(islice(uneventful(1, MONDAY_MS, 1.0, 3000), 200))
    assert first != list(islice(uneventful(2, MONDAY_MS, 1.0, 3000), 200))


def test_posts_are_in_order_and_unique_and_say_that_they_are_simulated(week: list[Post]) -> None:
    assert all(before.created_at <= after.created_at for before, after in pairwise(week))
    assert len({post.id for post in week}) == len(week)
    assert {post.platform for post in week} == {"simulated"}


def test_days_and_weeks_have_a_rhythm(week: list[Post]) -> None:
    times = [datetime.fromisoformat(post.created_at) for post in week]
    hours = Counter(time.hour for time in times)
    assert max(hours, key=hours.__getitem__) in (11, 12, 13)
    assert hours[0] < 0.35 * len(week) / 24
    days = Counter(time.weekday() for time in times)
    assert days[5] + days[6] < 0.8 * (days[0] + days[1])
    assert sum(days[day] for day in range(5)) == pytest.approx(5 * 3000, rel=0.05)


def test_people_and_words_are_those_of_the_real_stream() -> None:
    """13,587 authors of 44,681 posts, of whom the median wrote 2, one in ten more than 6, one in a hundred 21."""
    posts = list(uneventful(5, MONDAY_MS, 5.0, 9000))
    by_author = Counter(post.author for post in posts)
    assert len(by_author) == pytest.approx(13_587, rel=0.1)
    assert np.percentile(list(by_author.values()), [50, 90, 99]) == pytest.approx([2, 6, 21], rel=0.25)
    words = [set(post.text.split()) for post in posts]
    assert np.mean([len(said) for said in words]) == pytest.approx(8.2, abs=0.5)
    shares = sorted(Counter(word for said in words for word in said).values(), reverse=True)
    for rank, share in ((5, 0.038), (10, 0.024), (100, 0.0074), (1000, 0.0015), (3000, 0.00042)):
        assert shares[rank - 1] / len(posts) == pytest.approx(share, rel=0.3)


def test_hours_of_a_topic_scatter_by_a_third_more_than_chance_and_of_everyday_words_not(week: list[Post]) -> None:
    hours = sorted({post.created_at[:13] for post in week})
    volume = Counter(post.created_at[:13] for post in week)
    used: dict[str, Counter[str]] = {}
    for post in week:
        for word in set(post.text.split()):
            used.setdefault(word, Counter())[post.created_at[:13]] += 1
    ranked = sorted(used, key=lambda word: -used[word].total())

    def scatter(word: str) -> float:
        count = np.array([used[word][hour] for hour in hours])
        mean = np.array([volume[hour] for hour in hours]) * count.sum() / len(week)
        return float(((count - mean) ** 2 - mean).sum() / (mean**2).sum())

    assert abs(np.mean([scatter(word) for word in ranked[:60]])) < 0.05
    assert 0.2 < np.mean([scatter(word) for word in ranked[120:400]]) < 0.55
