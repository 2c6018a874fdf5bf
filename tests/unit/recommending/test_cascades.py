"""Real people, replayed: what is judged, when, and that each order is judged by what was known before."""

from collections.abc import Iterator

import pytest

from streams.contracts.posts import ScoredPost
from streams.contracts.times import format_time
from streams.recommending.cascades import POLICIES, Posts, Replay, replayed

BEGIN_MS = 1_772_323_200_000
MINUTE_MS = 60_000
CASCADES = 14


class Stream:
    """A stream of the test: posts on subjects of their own, passed on by a crowd, and by people one after another."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, ScoredPost]] = []

    def add(self, name: str, author: int, at_min: float, subject: int, repost_of: str | None = None) -> None:
        words = [f"s{subject}w{n}" for n in range(3)]
        post = ScoredPost(
            id=name, platform="x", author=f"{author:016x}", created_at=format_time(BEGIN_MS + int(at_min * MINUTE_MS)),
            lang="en", terms=tuple(f"word:{word}" for word in words), partition=0, offset=len(self.posts), index=0,
            repost_of=repost_of,
        )  # fmt: skip
        self.posts.append((" ".join(words), post))

    def __call__(self) -> Iterator[tuple[str, ScoredPost]]:
        return iter(self.posts)


def crowded(crowd: int = 6) -> Stream:
    """Return a stream of cascades, each of a crowd of its own, the last the newest and all of one size."""
    stream = Stream()
    for number in range(CASCADES):
        stream.add(f"c{number}", 900 + number, number, number)
        for member in range(crowd):
            stream.add(f"c{number}r{member}", 1000 + 100 * number + member, number, number, f"c{number}")
    return stream


def by_policy(found: Replay) -> dict[str, float]:
    return {figure.policy: figure.ndcg for figure in found.figures}


def test_the_second_cascade_that_somebody_joins_is_judged_and_the_first_is_not() -> None:
    stream = crowded()
    stream.add("a1", 1, 20, 0, "c0")
    stream.add("a2", 1, 21, 13, "c13")
    stream.add("a3", 1, 22, 13, "c13")  # again: nothing that could be recommended
    found = replayed(stream, 10, 1)
    assert (found.people, found.moments, found.choices) == (1, 1, CASCADES - 1)
    assert [figure.policy for figure in found.figures] == list(POLICIES)


def test_newest_first_finds_who_joins_the_newest_and_not_who_joins_the_oldest() -> None:
    for joined, gain in (("c13", 1.0), ("c1", 0.0)):
        stream = crowded()
        stream.add("a1", 1, 20, 0, "c0")
        stream.add("a2", 1, 21, int(joined[1:]), joined)
        assert by_policy(replayed(stream, 10, 1))["recency"] == gain


def test_interests_find_what_size_and_newness_do_not() -> None:
    stream = crowded()
    for n in range(4):
        stream.add(f"own{n}", 1, 15 + n, 2)
    stream.add("a1", 1, 20, 2, "c0")
    stream.add("a2", 1, 21, 2, "c2")
    found = by_policy(replayed(stream, 10, 1))
    assert found["from the first post"] == 1.0
    assert found["from the first post"] > found["recency"]


def test_a_cascade_of_too_few_people_is_nothing_to_recommend() -> None:
    stream = crowded(crowd=3)
    stream.add("a1", 1, 20, 0, "c0")
    stream.add("a2", 1, 21, 1, "c1")
    with pytest.raises(ValueError, match="second cascade"):
        replayed(stream, 10, 1)


@pytest.mark.parametrize("stream", [Stream(), crowded()], ids=["nothing", "nobody joins two"])
def test_a_stream_without_such_people_says_so(stream: Posts) -> None:
    with pytest.raises(ValueError, match="second cascade"):
        replayed(stream, 10, 1)


def test_the_same_seed_gives_the_same_people() -> None:
    stream = crowded()
    for person in range(8):
        stream.add(f"a{person}", person, 20 + person, 0, "c0")
        stream.add(f"b{person}", person, 30 + person, 0, f"c{person + 1}")
    assert replayed(stream, 4, 7) == replayed(stream, 4, 7)
    assert replayed(stream, 4, 7).people == 4
