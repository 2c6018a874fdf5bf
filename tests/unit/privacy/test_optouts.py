"""Who opted out is not read: from a moment on, until they want to be, and nobody else is left out with them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.sources import OptOut
from streams.contracts.times import format_time
from streams.ingesting.recent import key_of
from streams.intake import Intake, IntakeSettings, Record
from streams.privacy.optouts import OptOuts

NOON_MS = 1_772_366_400_000


def known_by(platform: str, author: str) -> tuple[int]:
    return (key_of(platform, author),)


def opt_out(author: str, since_ms: int, until_ms: int | None = None) -> OptOut:
    until = None if until_ms is None else format_time(until_ms)
    return OptOut(platform="x", author=author, since=format_time(since_ms), until=until)


@given(at=st.integers(NOON_MS - 10, NOON_MS + 30), until=st.none() | st.integers(NOON_MS, NOON_MS + 20))
def test_posts_are_left_out_from_the_moment_on_and_until_the_other(at: int, until: int | None) -> None:
    opted_out = OptOuts(known_by)
    opted_out.put(opt_out("a", NOON_MS, until))
    assert opted_out.covers(key_of("x", "a"), at) == (at >= NOON_MS and (until is None or at < until))
    assert not opted_out.covers(key_of("y", "a"), at)
    assert not opted_out.covers(key_of("x", "b"), at)


def test_the_newest_word_of_an_author_holds() -> None:
    opted_out = OptOuts(known_by)
    for told in (opt_out("a", NOON_MS), opt_out("a", NOON_MS, NOON_MS + 5), opt_out("a", NOON_MS + 9)):
        opted_out.put(told)
    assert not opted_out.covers(key_of("x", "a"), NOON_MS + 7)
    assert opted_out.covers(key_of("x", "a"), NOON_MS + 9)
    assert len(opted_out) == 1


@pytest.mark.parametrize("since", ["", "yesterday", "2026-03-01", "9999-99-99T00:00:00Z", "2026-03-01T00:00:00"])
def test_a_time_that_is_none_is_refused_and_changes_nothing(since: str) -> None:
    opted_out = OptOuts(known_by)
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the decoder says of it
        opted_out.put(OptOut(platform="x", author="a", since=since))
    assert len(opted_out) == 0


@pytest.mark.parametrize("form", ["list", "one by one", "with one that is no post"])
def test_intake_leaves_out_posts_and_says_how_many(form: str) -> None:
    intake = Intake(IntakeSettings(author_key=b"a key that only these tests use"))
    intake.opted_out.put(opt_out("gone", NOON_MS))
    posts: list[object] = [
        {"id": f"p{n}", "platform": "x", "author": author, "created_at": format_time(NOON_MS), "text": "Flood in Turin"}
        for n, author in enumerate(("gone", "here", "gone"))
    ]
    if form == "with one that is no post":
        posts.append(7)
    values = [msgspec.json.encode(post) for post in posts] if form == "one by one" else [msgspec.json.encode(posts)]
    taken = [intake.take(Record("posts", 0, n, value, NOON_MS)) for n, value in enumerate(values)]
    assert [post.id for one in taken for post in one.posts] == ["p1"]
    assert sum(one.left_out for one in taken) == 2
    assert not any(one.heartbeat for one in taken)
    before = [intake.take(Record("posts", 0, n, value, NOON_MS - 1)) for n, value in enumerate(values)]
    assert [post.id for one in before for post in one.posts] == ["p0", "p1", "p2"]
    if form == "list":
        assert [post.id for post in intake.again(Record("posts", 0, 0, values[0], NOON_MS), (0, 1))] == ["p1"]
