"""A profile is a bounded, decayed sum that partitions add up to; who is not to be known is not, nor what few have."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.posts import ScoredPost
from streams.contracts.profiles import HALF_LIFE_MS, PROFILE_TERMS, Profile
from streams.contracts.times import format_time
from streams.privacy.groups import SMALLEST
from streams.privacy.rotations import Rotations
from streams.profiles.book import LEAST_POSTS, STALE_MS, Book
from streams.profiles.held import KEPT_TERMS, Held

WHEN_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
HOUR_MS = 3_600_000


def author(number: int) -> str:
    return f"{number:016x}"


def post(number: int, who: int, *terms: str, at_ms: int = WHEN_MS, **fields: object) -> ScoredPost:
    return msgspec.convert(
        {
            "id": f"p{number}", "platform": "x", "author": author(who), "created_at": format_time(at_ms), "lang": "en",
            "terms": terms, "partition": 0, "offset": number, "index": 0, **fields,
        },
        ScoredPost,
    )  # fmt: skip


def crowd(book: Book, *terms: str, size: int = SMALLEST, at_ms: int = WHEN_MS) -> int:
    """Have so many authors write three posts each; return the next free number."""
    number = 0
    for who in range(1, size + 1):
        for _ in range(LEAST_POSTS):
            book.take(post(number, who, *terms, at_ms=at_ms))
            number += 1
    return number


def told(book: Book) -> dict[str, Profile | None]:
    return dict(book.changed())


def test_a_profile_tells_interests_hours_languages_mood_and_what_is_passed_on() -> None:
    book = Book(100)
    for number in range(SMALLEST * LEAST_POSTS):
        book.take(
            post(
                number, number % SMALLEST + 1, "tag:flood", "post:o1", at_ms=WHEN_MS + 5 * HOUR_MS, repost_of="o1",
                sentiment={"negative": 0.75, "neutral": 0.25, "positive": 0.0},
            )
        )  # fmt: skip
    profile = told(book)[author(1)]
    assert profile is not None
    assert (profile.posts, profile.reposts, profile.scored) == (3.0, 3.0, 3.0)
    assert (profile.terms, profile.spreads, profile.languages) == ({"tag:flood": 3.0}, {"post:o1": 3.0}, {"en": 3.0})
    assert profile.hours[5] == 3.0
    assert profile.mood == {"negative": 0.75, "neutral": 0.25, "positive": 0.0}
    assert told(book) == {}


def test_what_fewer_than_five_have_is_not_told() -> None:
    book = Book(100)
    number = crowd(book, "tag:flood")
    for who in range(1, SMALLEST):
        for _ in range(3):
            book.take(post(number, who, "word:secret", "url:http://x/secret", lang="ga"))
            number += 1
    profiles = told(book)
    text = msgspec.json.encode(profiles).decode()
    assert "flood" in text
    assert "secret" not in text
    assert '"ga"' not in text
    book.take(post(number, SMALLEST, "word:secret"))
    assert "secret" in msgspec.json.encode(told(book)).decode()


def test_nothing_is_told_before_a_third_post() -> None:
    book = Book(100)
    for number in range(LEAST_POSTS - 1):
        book.take(post(number, 1, "tag:flood"))
    assert told(book) == {}
    book.take(post(LEAST_POSTS, 1, "tag:flood"))
    assert list(told(book)) == [author(1)]


def test_a_post_counts_half_after_a_week_whenever_it_comes() -> None:
    early, late = post(0, 1, "tag:a", at_ms=WHEN_MS), post(1, 1, "tag:b", at_ms=WHEN_MS + HALF_LIFE_MS)
    in_order, reversed_ = Held("x", WHEN_MS), Held("x", WHEN_MS)
    in_order.add(early, WHEN_MS)
    in_order.add(late, WHEN_MS + HALF_LIFE_MS)
    reversed_.add(msgspec.structs.replace(late, offset=0), WHEN_MS + HALF_LIFE_MS)
    reversed_.add(msgspec.structs.replace(early, offset=1), WHEN_MS)
    for held in (in_order, reversed_):
        assert held.posts == pytest.approx(1.5)
        assert held.terms == pytest.approx({"tag:a": 0.5, "tag:b": 1.0})


posts_of_one = st.lists(
    st.tuples(st.integers(0, 20 * 24), st.lists(st.sampled_from(["tag:a", "word:b", "domain:c"]), unique=True)),
    max_size=30,
)


@given(posts_of_one, st.data())
def test_partitions_add_up_to_the_whole(posts: list[tuple[int, list[str]]], data: st.DataObject) -> None:
    whole, parts = Held("x", WHEN_MS), [Held("x", WHEN_MS), Held("x", WHEN_MS)]
    for number, (hour, terms) in enumerate(posts):
        one, at_ms = post(number, 1, *terms), WHEN_MS + hour * HOUR_MS
        whole.add(one, at_ms)
        parts[data.draw(st.integers(0, 1))].add(one, at_ms)
    parts[0].unite(parts[1])
    whole.decay_to(parts[0].at_ms)
    assert parts[0].posts == pytest.approx(whole.posts)
    assert parts[0].terms == pytest.approx(whole.terms)
    assert parts[0].spreads == pytest.approx(whole.spreads)
    assert parts[0].hours == pytest.approx(whole.hours)


@given(st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["tag:a", "tag:b", "word:c"])), max_size=60), st.data())
def test_posts_that_come_again_and_a_restart_change_nothing(posts: list[tuple[int, str]], data: st.DataObject) -> None:
    made = [post(number, who, term) for number, (who, term) in enumerate(posts)]
    once, again = Book(100), Book(100)
    for one in made:
        once.take(one)
    cut = data.draw(st.integers(0, len(made)))
    back = data.draw(st.integers(0, cut))
    for one in (*made[:cut], *made[back:]):
        again.take(one)
    assert told(again) == told(once)


def test_a_restart_goes_on_from_what_was_published() -> None:
    book = Book(100)
    number = crowd(book, "tag:flood")
    published = told(book)
    after = Book(100)
    for profile in published.values():
        assert profile is not None
        after.restore(profile)
    for one in (post(0, 1, "tag:flood"), post(number, 1, "tag:flood")):
        after.take(one)
        book.take(one)
    assert told(after) == told(book)


def test_the_number_of_authors_and_the_size_of_each_are_bounded() -> None:
    book = Book(10)
    number = crowd(book, "tag:flood", size=10)
    first = told(book)
    assert len(first) == 10
    for who in (11, 12):
        for _ in range(LEAST_POSTS):
            book.take(post(number, who, "tag:flood"))
            number += 1
    after = told(book)
    assert {name for name, profile in after.items() if profile is None} == {author(1), author(2)}
    assert len(book) == 10
    for word in range(3 * KEPT_TERMS):
        for who in range(3, 3 + SMALLEST):
            book.take(post(number, who, f"word:{word}"))
            number += 1
    last = told(book)[author(3)]
    assert last is not None
    assert len(last.terms) == PROFILE_TERMS


def test_who_is_hidden_or_silent_is_taken_back_and_with_no_room_all_are() -> None:
    book = Book(100)
    number = crowd(book, "tag:flood", size=6)
    told(book)
    book.hide(lambda _, who: who == 2)
    assert told(book) == {author(2): None}
    assert told(book) == {}
    book.take(post(number, 3, "tag:flood", at_ms=WHEN_MS + STALE_MS + 1))
    after = told(book)
    assert {name for name, profile in after.items() if profile is None} == {author(1), *map(author, (4, 5, 6))}
    none = Book(0)
    left = after[author(3)]
    assert left is not None
    none.restore(left)
    assert not none.take(post(number + 1, 3, "tag:flood"))
    assert told(none) == {author(3): None}


def test_what_cannot_be_dated_is_passed_over() -> None:
    book = Book(10)
    assert not book.take(msgspec.structs.replace(post(0, 1), created_at="yesterday"))
    book.restore(
        Profile(author=author(1), platform="x", updated_at="", posts=1.0, reposts=0.0, terms={}, languages={}, hours=())
    )
    assert len(book) == 0


ROTATIONS = Rotations([(WHEN_MS // 60_000 + 60, b"the next key of these tests")])


def later(number: int) -> str:
    return f"{ROTATIONS.onward(number, 0, 1):016x}"


@pytest.mark.parametrize("restarted", [False, True])
def test_a_profile_follows_its_author_across_a_rotation(restarted: bool) -> None:
    book = Book(100, ROTATIONS)
    number = crowd(book, "tag:flood")
    published = told(book)
    if restarted:
        book = Book(100, ROTATIONS)
        for profile in published.values():
            assert profile is not None
            book.restore(profile)
    after = msgspec.structs.replace(post(number, 1, "tag:flood", at_ms=WHEN_MS + HOUR_MS), author=later(1))
    assert book.take(after)
    changed = told(book)
    assert {name for name, profile in changed.items() if profile is None} == published.keys()
    assert {name for name, profile in changed.items() if profile} == {later(who) for who in range(1, SMALLEST + 1)}
    followed = changed[later(1)]
    assert followed is not None
    assert (round(followed.posts), followed.era) == (LEAST_POSTS + 1, 1)
    late = post(number + 1, 1, "tag:flood", at_ms=WHEN_MS)  # written before the rotation, read after it
    assert book.take(late)
    assert told(book).keys() == {later(1)}


def test_a_crash_in_the_middle_of_a_rotation_leaves_one_profile_of_an_author() -> None:
    book = Book(100, ROTATIONS)
    number = crowd(book, "tag:flood")
    before = told(book)
    book.take(msgspec.structs.replace(post(number, 1, "tag:flood", at_ms=WHEN_MS + HOUR_MS), author=later(1)))
    after = told(book)
    for left in ((before[author(1)], after[later(1)]), (after[later(1)], before[author(1)])):
        restored = Book(100, ROTATIONS)
        for profile in left:
            assert profile is not None
            restored.restore(profile)
        changed = told(restored)
        assert changed[author(1)] is None
        kept = changed.get(later(1))
        assert kept is None or round(kept.posts) == LEAST_POSTS + 1
        assert len(restored) == 1
