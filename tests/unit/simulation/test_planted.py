"""Events planted into the stream in which nothing else happens: in order, by people, of two kinds of words."""

from itertools import pairwise

from streams.simulation import eventful, planted
from streams.simulation.planted import SIZES
from tests.unit.simulation.test_uneventful import MONDAY_MS


def test_events_are_of_all_sizes_each_post_by_somebody_else_and_none_on_the_first_day() -> None:
    events = planted(1, MONDAY_MS, 3.0)
    assert len(events) == 40
    assert {event.people for event in events} == set(SIZES)
    for event in events:
        assert len({post.author for post in event.posts}) == len(event.posts) == event.people
        assert event.start <= event.crowd
        assert event.start.timestamp() * 1000 >= MONDAY_MS + 86_400_000
    assert sum(event.known for event in events) == 20


def test_posts_of_events_stand_in_order_among_the_others() -> None:
    events = planted(1, MONDAY_MS, 2.0)
    posts = list(eventful(1, MONDAY_MS, 2.0, 1000, events))
    assert all(before.created_at <= after.created_at for before, after in pairwise(posts))
    assert {post.id for event in events for post in event.posts} < {post.id for post in posts}
    assert len({post.id for post in posts}) == len(posts)
