"""The simulated stream: deterministic, in order, honest about itself, and with the events of its script."""

from collections import Counter
from itertools import islice, pairwise, takewhile

from streams.contracts.posts import Post
from streams.contracts.times import format_time
from streams.simulation import history, live, script

END_MS = 1_790_000_000_000
HOURS_3 = format_time(END_MS + 3 * 3_600_000)


def three_hours() -> list[Post]:
    return list(takewhile(lambda post: post.created_at < HOURS_3, live(1, END_MS)))


def test_the_same_seed_gives_the_same_posts() -> None:
    assert list(history(1, END_MS, 1.5)) == list(history(1, END_MS, 1.5))
    assert list(islice(live(1, END_MS), 500)) == list(islice(live(1, END_MS), 500))
    assert list(islice(live(1, END_MS), 500)) != list(islice(live(2, END_MS), 500))


def test_posts_are_in_order_unique_and_labelled() -> None:
    posts = [*history(1, END_MS, 2.0), *three_hours()]
    assert all(before.created_at <= after.created_at for before, after in pairwise(posts))
    assert len({post.id for post in posts}) == len(posts)
    assert {post.platform for post in posts} == {"simulated"}
    assert {post.lang for post in posts} == {"en", "zh"}


def test_outbreaks_are_live_only_and_told_by_many() -> None:
    past = " ".join(post.text for post in history(1, END_MS, 2.0))
    assert "earthquake" not in past
    assert "地铁三号线" not in past
    posts = three_hours()
    for word in ("earthquake", "三号线", "Brightwell", "台风海鸥"):
        assert len({post.author for post in posts if word in post.text}) > 60


def test_reposts_name_a_post_that_came_before() -> None:
    seen: set[str] = set()
    reposts = 0
    for post in three_hours():
        if post.repost_of is not None:
            reposts += 1
            assert post.repost_of in seen
        seen.add(post.id)
    assert reposts > 50


def test_a_flood_is_of_few_accounts_and_the_habit_keeps_its_hour() -> None:
    posts = list(history(1, END_MS, 2.0))
    flood = [post for post in posts if "#luckydraw" in post.text]
    assert len(flood) == script.FLOOD_POSTS
    assert len({post.author for post in flood}) <= script.FLOOD_ACCOUNTS
    hours = Counter(post.created_at[11:13] for post in posts if "#goodmorning" in post.text)
    assert set(hours) == {f"{script.HABIT_HOUR:02d}"}


def test_no_outbreak_outlasts_the_next_but_one() -> None:
    assert all(outbreak.minutes <= 2 * script.EVERY_MINUTES for outbreak in script.OUTBREAKS)
