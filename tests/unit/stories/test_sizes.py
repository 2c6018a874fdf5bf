"""Guesses of size: bounded by what is there, learnt from what became of stories, the same after a restart."""

import msgspec
import pytest

from streams.contracts.bursts import Burst
from streams.contracts.outputs import Hotspot
from streams.stories import Stories, StorySettings
from streams.stories.sizes import WITHIN_MIN, Example, Sizes
from tests.unit.stories.test_stories import FIRST, burst, close, evidence, quietly


def growing(stories: Stories, first: int, term: str, sizes: list[int]) -> list[Hotspot]:
    """Let a term come to these sizes, one in a bucket, all of them fresh people; return what was published."""
    published = []
    for n, people in enumerate(sizes):
        posts = [evidence(first + n, number, [term, f"{term} one", f"{term} two"]) for number in range(8)]
        came: Burst = burst(term, posts, authors=(people // 2, people, people, people), observed=people)
        published += close(stories, first + n, came).hotspots
    return published


@pytest.fixture
def stories() -> Stories:
    stage = Stories(StorySettings())
    quietly(stage, FIRST, FIRST + 120)
    return stage


def test_a_guess_is_no_less_than_what_is_there_and_ends_with_its_six_hours(stories: Stories) -> None:
    (first, *_) = growing(stories, FIRST + 120, "word:quake", [8, 16, 30, 60])
    assert first.size is not None
    assert first.size.within_min == WITHIN_MIN
    assert first.peak_authors <= first.size.low <= first.size.likely <= first.size.high
    assert first.size.learnt_of == 0
    for passed in (60, 120, 180, 240, 300):
        growing(stories, FIRST + 120 + passed, "word:quake", [60])
    later = growing(stories, FIRST + 120 + WITHIN_MIN, "word:quake", [80])
    assert [(hotspot.hotspot_id, hotspot.size) for hotspot in later] == [(first.hotspot_id, None)]


def test_what_became_of_stories_is_learnt_and_narrows_the_guess(stories: Stories) -> None:
    before = growing(stories, FIRST + 120, "word:first", [8, 8])[0].size
    for n in range(40):
        begin = FIRST + 700 + n * 500
        growing(stories, begin, f"word:other{n}", [8] * 3)  # none of them ever grows
        quietly(stories, begin + 3, begin + 500)
    after = growing(stories, FIRST + 700 + 40 * 500, "word:last", [8])[0].size
    assert before is not None
    assert after is not None
    assert after.learnt_of == 41
    assert 8 <= after.likely < before.likely
    assert after.high < before.high


def test_a_state_continues_with_its_sizes(stories: Stories) -> None:
    growing(stories, FIRST + 120, "word:quake", [8, 16, 30])
    quietly(stories, FIRST + 123, FIRST + 1000)
    other = Stories.restore(StorySettings(), stories.state())
    assert growing(stories, FIRST + 1000, "word:flood", [9]) == growing(other, FIRST + 1000, "word:flood", [9])
    assert other.state() == stories.state()


def test_examples_are_bounded_and_come_back_in_order() -> None:
    examples = [Example(n % 3, (1.0, 0.5, 0.5, 3.0), float(n)) for n in range(30)]
    held = Sizes(examples).examples
    assert sorted(held, key=lambda example: example.doublings) == examples
    assert Sizes(held).examples == held


def test_the_rank_is_the_product_of_the_parts_that_are_shown(stories: Stories) -> None:
    (hotspot, *_) = growing(stories, FIRST + 120, "word:quake", [8])
    parts = hotspot.rank_parts
    assert parts is not None
    assert hotspot.rank == pytest.approx(parts.surprise * parts.size * parts.credibility * parts.relevance, abs=1e-3)
    assert hotspot.pace is not None
    assert hotspot.pace.speed == pytest.approx(8 / 15, abs=1e-3)
    assert hotspot.pace.acceleration > 0
    assert msgspec.json.decode(msgspec.json.encode(hotspot), type=Hotspot) == hotspot
