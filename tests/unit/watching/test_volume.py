from hypothesis import given
from hypothesis import strategies as st

from streams.watching.volume import HOUR, Volume

DAY = 24


def lived(hours: list[int]) -> Volume:
    """A watchlist that had so many posts in each hour from midnight on."""
    volume = Volume()
    for hour, posts in enumerate(hours):
        volume.learn(posts, (hour + 1) * HOUR - 1)
    return volume


def at(hour: int) -> int:
    return (hour + 1) * HOUR - 1


def test_nothing_is_usual_before_an_hour_is_over_and_another_has_passed() -> None:
    assert Volume().usual(at(0)) is None
    assert lived([7]).usual(at(1)) is None
    assert lived([7, 90]).usual(at(2)) == 7


def test_a_burst_does_not_raise_its_own_bar() -> None:
    quiet = lived([10] * 50)
    before = quiet.usual(at(50))
    quiet.learn(1000, at(50))
    assert quiet.usual(at(51)) == before == 10


def test_an_hour_that_is_lively_every_day_is_usual_at_that_hour_alone() -> None:
    volume = lived([100 if hour % DAY == 20 else 2 for hour in range(7 * DAY)])
    assert (volume.usual(at(20)) or 0) > 70
    assert (volume.usual(at(21)) or 0) < 5


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=80), st.integers(0, 100))
def test_what_is_usual_lies_among_what_there_was(hours: list[int], hour: int) -> None:
    usual = lived(hours).usual(at(hour))
    assert usual is not None
    assert min(hours) - 1e-6 <= usual <= max(hours) + 1e-6
