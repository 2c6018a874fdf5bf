"""What simulated readers want, by the truth of a stream."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from streams.contracts.times import to_ms
from streams.evaluation import Event, Named, Truth
from streams.readers import interests_of

START = datetime(2026, 3, 1, tzinfo=UTC)
POSTS = {"fire": 10, "flood": 20, "storm": 30, "aside": 25, "bots": 90}
TRUTH = Truth(
    must_find=[
        Event("fire", START, text="a harbour burns"),
        Event("flood", START + timedelta(days=4)),
        Event("storm", START + timedelta(days=1)),
    ],
    must_ignore=[Named("bots")],
    label={f"{event}{n}": event for event, posts in POSTS.items() for n in range(posts)},
)


def test_large_is_what_has_as_many_posts_as_the_median_event() -> None:
    every, large, changing = interests_of(TRUTH)
    assert every.wants == {"fire", "flood", "storm", "aside"}
    assert large.wants == changing.wants == {"flood", "storm", "aside"}
    assert changing.instead == {"fire"}


def test_a_mind_changes_in_the_middle_of_what_happens() -> None:
    changing = interests_of(TRUTH)[-1]
    middle = to_ms(START + timedelta(days=2))
    assert changing.changes_ms == middle
    assert changing.at(middle - 1) == changing.wants
    assert changing.at(middle) == changing.instead


@pytest.mark.parametrize(("pattern", "wanted"), [("^FL", {"flood"}), ("harbour|storm", {"fire", "storm"})])
def test_a_pattern_is_sought_in_names_and_texts(pattern: str, wanted: set[str]) -> None:
    assert interests_of(TRUTH, pattern)[-1].wants == wanted


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(re.error):
        interests_of(TRUTH, "(")


def test_where_nothing_happened_nobody_wants_anything() -> None:
    assert interests_of(Truth(must_find=[], must_ignore=[], label={})) == []
