"""A weekly show is news twice and then expected at its hour, but nothing that happened in one week only is."""

import random
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pytest

from streams.hotspots.detector import Detector
from streams.hotspots.habits import Habits
from streams.hotspots.settings import DetectorSettings
from streams.hotspots.vocabulary import Vocabulary
from tests.unit.hotspots.test_outage import Wrote, bursts_of, content_of

HOUR, WEEK = 60, 7 * 24 * 60
SETTINGS = DetectorSettings(max_terms=400)
AIRED = [3.0, 12.0, 30.0, 40.0]
"""The most people of a show's hour, in 1, 5, 15 and 60 minutes."""
ON_AIR = 3 * HOUR
"""When the show begins, in minutes from the beginning of a week."""


def people(term: str, count: int) -> list[Wrote]:
    return [("x", f"{term[-3:]}{number}", (term,)) for number in range(count)]


def aired(term: str, begin: int, count: int) -> dict[int, list[Wrote]]:
    """Return the posts of `count` people by minute, within twenty minutes of `begin`."""
    posts = people(term, count)
    return {begin + minute: posts[minute::20] for minute in range(20)}


def told(detector: Detector, begin: int, end: int, *events: Mapping[int, Sequence[Wrote]]) -> set[str]:
    """Close the minutes [begin, end) with what the events hold, and a post in half an hour beside; say what burst."""
    found: set[str] = set()
    for bucket in range(begin, end):
        posts = [post for event in events for post in event.get(bucket, ())]
        if bucket % 30 == 0:
            posts += [("x", f"{bucket}", (f"word:{random.Random(bucket).randrange(20)}",))]
        found |= bursts_of(detector.close(bucket, content_of(posts, bucket)))
    return found


@pytest.fixture(scope="module")
def two_weeks() -> bytes:
    """A detector that heard a show twice, one that does not begin on the minute twice, and in the last week news."""
    detector = Detector(0, 1, SETTINGS)
    first = told(detector, 0, WEEK, aired("tag:show", ON_AIR, 40), aired("tag:moving", ON_AIR - 2, 40))
    second = told(
        detector,
        WEEK,
        2 * WEEK,
        aired("tag:show", WEEK + ON_AIR, 40),
        aired("tag:moving", WEEK + ON_AIR + 3, 40),
        aired("tag:news", WEEK + ON_AIR, 400),
    )
    assert first == {"tag:show", "tag:moving"}
    assert second == {"tag:show", "tag:moving", "tag:news"}
    return detector.state()


def third_week(state: bytes, *events: Mapping[int, Sequence[Wrote]]) -> set[str]:
    return told(Detector.restore(0, 1, SETTINGS, state), 2 * WEEK, 2 * WEEK + ON_AIR + 2 * HOUR, *events)


def test_a_weekly_show_is_told_of_twice_and_not_a_third_time(two_weeks: bytes) -> None:
    assert third_week(two_weeks, aired("tag:show", 2 * WEEK + ON_AIR, 45)) == set()


@pytest.mark.parametrize("late", [-5, 1, 20])
def test_a_show_that_begins_on_either_side_of_the_hour_is_the_same_show(two_weeks: bytes, late: int) -> None:
    assert third_week(two_weeks, aired("tag:moving", 2 * WEEK + ON_AIR + late, 40)) == set()


def test_an_event_three_times_as_large_at_the_hour_of_the_show_is_told(two_weeks: bytes) -> None:
    assert third_week(two_weeks, aired("tag:show", 2 * WEEK + ON_AIR, 120)) == {"tag:show"}


def test_the_show_at_another_hour_is_told(two_weeks: bytes) -> None:
    assert third_week(two_weeks, aired("tag:show", 2 * WEEK, 40)) == {"tag:show"}


def test_what_happened_once_is_told_again_at_the_same_hour_though_it_is_smaller(two_weeks: bytes) -> None:
    assert third_week(two_weeks, aired("tag:news", 2 * WEEK + ON_AIR, 300)) == {"tag:news"}


def test_a_state_continues_byte_for_byte(two_weeks: bytes) -> None:
    one, other = (Detector.restore(0, 1, SETTINGS, two_weeks) for _ in range(2))
    begin, middle, end = (2 * WEEK + minute for minute in (0, ON_AIR + 5, ON_AIR + HOUR))
    show = aired("tag:show", 2 * WEEK + ON_AIR, 120)
    found = told(one, begin, middle, show) | told(one, middle, end, show)
    told(other, begin, middle, show)
    other = Detector.restore(0, 1, SETTINGS, other.state())
    assert told(other, middle, end, show) == found
    assert one.state() == other.state()


def test_a_state_from_before_weeks_were_known_is_read_and_the_show_told_of_as_then(two_weeks: bytes) -> None:
    *others, (daily, _weekly), era = msgspec.msgpack.decode(two_weeks)
    before = msgspec.msgpack.encode([*others, [daily], era])
    assert third_week(before, aired("tag:show", 2 * WEEK + ON_AIR, 40)) == {"tag:show"}


class Lived:
    """Habits that live through the hours, of which the peaks of a few are given."""

    def __init__(self, *terms: str, settings: DetectorSettings = SETTINGS) -> None:
        self.vocabulary = Vocabulary(settings.max_terms)
        self.slots = self.vocabulary.of(list(terms), 0)
        self.habits = Habits(self.vocabulary, settings)
        self.hour = 0

    def until(self, hour: int, peaks: Mapping[int, Sequence[float]], slots: Sequence[int] = (0,)) -> None:
        for now in range(self.hour, hour):
            self.habits.turn_hour(now * HOUR)
            if now in peaks:
                self.habits.note(now * HOUR, self.slots[list(slots)], np.tile(peaks[now], (len(slots), 1)))
        self.hour = hour

    def usual(self) -> list[float]:
        """Return what is expected of the first term now."""
        self.habits.turn_hour(self.hour * HOUR)
        found = self.habits.expected(self.hour * HOUR, self.slots[:1])
        return [0.0] * len(AIRED) if found is None else found[0].tolist()


def weeks(*numbers: int) -> dict[int, list[float]]:
    """Return the hours of a show that is on air in the weeks of these numbers."""
    return {100 + 168 * number: AIRED for number in numbers}


@pytest.mark.parametrize(
    ("on_air", "week", "share"),
    [
        ((0,), 1, 0.75**6),  # the daily habit, which is all there was before
        ((0, 1), 2, 0.75),
        ((0, 1, 2, 3), 4, 0.75),
        ((0, 1), 3, 0.75**2),
        ((0, 1), 4, 0.75**3),
        ((0, 2), 3, 0.75**2),
        ((0, 1), 6, 0.75**20),  # forgotten, but for what is left of the daily habit
    ],
)
def test_a_missed_week_takes_a_quarter_and_five_take_all(on_air: Sequence[int], week: int, share: float) -> None:
    lived = Lived("tag:show")
    lived.until(100 + 168 * week, weeks(*on_air))
    assert lived.usual() == pytest.approx([share * peak for peak in AIRED], rel=0.01, abs=0.2)


def test_weeks_that_rose_in_neighbouring_hours_make_a_habit_of_the_hours_between() -> None:
    lived = Lived("tag:show")
    lived.until(100 + 2 * 168, {99: AIRED, 101 + 168: AIRED})
    assert lived.usual() == pytest.approx([0.75 * peak for peak in AIRED])


def test_two_hours_of_one_week_are_one_rise() -> None:
    lived = Lived("tag:crisis")
    lived.until(100 + 168, {99: AIRED, 100: AIRED, 101: AIRED})
    assert max(lived.usual()) < 0.25 * max(AIRED)


def test_a_daily_show_is_no_weekly_one() -> None:
    lived = Lived("tag:daily")
    lived.until(20 * 24, {4 + 24 * day: AIRED for day in range(20)})
    assert len(lived.habits._weekly._rises) == 1


def test_rises_are_bounded_and_the_strongest_stay() -> None:
    names = [f"tag:{number}" for number in range(50)]
    lived = Lived("tag:show", *names)
    small = {hour: [1.0, 2.0, 5.0, 6.0] for hour in range(0, 168, 9)}
    lived.until(100, {hour: peaks for hour, peaks in small.items() if hour < 100}, range(1, 51))
    lived.until(101, weeks(0))
    lived.until(268, {hour: peaks for hour, peaks in small.items() if hour > 100}, range(1, 51))
    lived.until(269, weeks(1))
    lived.until(100 + 2 * 168, {})
    assert len(lived.habits._weekly._rises) <= 4 * 64
    assert lived.usual() == pytest.approx([0.75 * peak for peak in AIRED])


def test_a_forgotten_term_leaves_no_habit_to_the_next_in_its_slot() -> None:
    lived = Lived("tag:show")
    lived.until(100 + 2 * 168, weeks(0, 1))
    assert max(lived.usual()) > 0
    lived.habits.forget(lived.slots)
    lived.vocabulary.forget(lived.slots)
    assert lived.vocabulary.of(["tag:other"], 1).tolist() == lived.slots.tolist()
    assert lived.usual() == [0.0] * len(AIRED)
