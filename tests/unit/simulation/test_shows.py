"""Weekly shows: each with its own hashtag and time of the week, more or fewer people, and sometimes off the air."""

from datetime import datetime

from streams.simulation import aired
from streams.simulation.shows import SHOWS
from tests.unit.simulation.test_uneventful import MONDAY_MS

WEEK_S = 7 * 86_400


def test_a_show_comes_at_its_time_of_the_week_unless_it_is_away() -> None:
    airings = aired(1, MONDAY_MS, 5)
    by_week = [sum(airing.week == week for airing in airings) for week in range(1, 6)]
    assert by_week == [SHOWS, SHOWS, SHOWS - 2, SHOWS - 1, SHOWS]
    begins: dict[str, list[float]] = {}
    for airing in airings:
        since = airing.event.start.timestamp() - MONDAY_MS / 1000 - WEEK_S * (airing.week - 1)
        begins.setdefault(airing.event.name.rsplit("-", 1)[0], []).append(since)
    assert all(86_400 < since < WEEK_S for of_show in begins.values() for since in of_show)
    assert all(max(of_show) - min(of_show) < 3600 for of_show in begins.values())


def test_each_airing_is_by_so_many_people_in_order_of_time() -> None:
    airings = aired(1, MONDAY_MS, 2)
    assert airings == aired(1, MONDAY_MS, 2)
    assert airings != aired(2, MONDAY_MS, 2)
    for airing in airings:
        posts = airing.event.posts
        assert len({post.author for post in posts}) == len(posts) == airing.event.people
        assert [post.created_at for post in posts] == sorted(post.created_at for post in posts)
        assert all("#show" in post.text for post in posts)
    starts: list[datetime] = [airing.event.start for airing in airings]
    assert starts == sorted(starts)
