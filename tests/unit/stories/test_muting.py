"""Verdicts heeded by the story stage: ranks follow, what nobody wants alerts no one, at a risk with a limit."""

import msgspec
import pytest

from streams.contracts.lessons import Lesson
from streams.relevance.learner import LEAST
from streams.stories import Stories, StorySettings
from streams.stories.stories import Outcome
from tests.unit.stories.test_stories import FIRST, quietly, told_of

UNWANTED = {"kind tag": 1.0}
WANTED = {"kind word": 1.0}
DAY = 1440


def stage(limit: float = 0.25, pairs: int = 2 * LEAST) -> Stories:
    stories = Stories(StorySettings(muting=limit))
    quietly(stories, FIRST, FIRST + 120)
    for number in range(pairs):
        for place, (verdict, features) in enumerate((("relevant", WANTED), ("not-relevant", UNWANTED))):
            at = 2 * number + place
            stories.learn(Lesson(number=at, hotspot_id=str(at), verdict=verdict, features=features))
    return stories


def emerge(stories: Stories, bucket: int, term: str) -> Outcome:
    return told_of(stories, bucket, term, (f"word:with{bucket}", f"word:and{bucket}"))


def test_what_nobody_wants_is_listed_muted_and_alerts_no_one() -> None:
    stories = stage()
    outcome = emerge(stories, FIRST + 120, "tag:show")
    (hotspot,) = outcome.hotspots
    assert (outcome.alerts, outcome.muted) == ([], [hotspot])
    assert hotspot.relevance is not None
    assert hotspot.relevance.muted
    assert hotspot.relevance.moved[0].feature == "kind tag"
    again = [emerge(stories, FIRST + 121 + n, "tag:show") for n in range(30)]
    assert not any(outcome.alerts or outcome.muted for outcome in again)


def test_what_people_want_is_told_with_how_likely_they_do() -> None:
    (alert,) = emerge(stage(), FIRST + 120, "word:quake").alerts
    assert alert.relevance is not None
    assert not alert.relevance.muted
    assert alert.relevance.probability > 0.6


def test_a_rank_is_weighed_and_without_verdicts_it_is_what_it_was() -> None:
    plain = emerge(stage(pairs=0), FIRST + 120, "tag:show").hotspots[0]
    judged = emerge(stage(), FIRST + 120, "tag:show").hotspots[0]
    assert plain.relevance is None
    assert judged.relevance is not None
    assert judged.rank == pytest.approx(plain.rank * judged.relevance.probability, abs=1e-3)
    assert judged.rank_parts is not None
    assert judged.rank_parts.relevance == judged.relevance.probability
    unweighed = msgspec.structs.replace(judged, rank=plain.rank, rank_parts=plain.rank_parts, relevance=None)
    assert msgspec.structs.replace(unweighed, alerts=plain.alerts) == plain


def test_muting_costs_no_more_than_is_allowed() -> None:
    assert len(emerge(stage(limit=0.0), FIRST + 120, "tag:show").alerts) == 1
    stories = stage(limit=0.25)
    outcomes = []
    for day in range(20):
        # Several a day, each a story of its own.
        outcomes += [emerge(stories, FIRST + 120 + day * DAY + n * 200, f"tag:{day}-{n}") for n in range(6)]
        quietly(stories, FIRST + 120 + day * DAY + 1001, FIRST + 120 + (day + 1) * DAY)
    muted = [o.hotspots[0].relevance for o in outcomes if o.muted]
    assert 20 <= len(muted) < len(outcomes)
    assert sum(told.probability for told in muted if told is not None) <= 0.25 * 21


def test_a_state_continues_with_its_verdicts() -> None:
    stories = stage()
    other = Stories.restore(StorySettings(), stories.state())
    assert emerge(stories, FIRST + 120, "tag:show") == emerge(other, FIRST + 120, "tag:show")
    assert other.state() == stories.state()


def test_a_state_of_before_there_were_verdicts_is_continued() -> None:
    stories = stage(pairs=0)
    old = msgspec.msgpack.decode(stories.state())
    *fields, lessons, _, _, _ = old
    assert lessons == []
    restored = Stories.restore(StorySettings(), msgspec.msgpack.encode(fields))
    assert emerge(restored, FIRST + 120, "tag:show") == emerge(stories, FIRST + 120, "tag:show")
