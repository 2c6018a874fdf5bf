"""Methods over one stream: a crowd is noted, a story told once, the best threshold within a budget taken."""

from collections.abc import Iterator, Sequence

import pytest

from streams.comparing import Candidate, Contest, Curve, best_within, drawn, places, told_at
from streams.comparing.contest import METHODS
from streams.contracts.posts import ReadPost
from streams.contracts.times import BUCKET_MS
from streams.evaluation import Evaluation, Event, Told, Truth, evaluate

FIRST = 29_540_160
"""A midnight."""
DAY = 1440


def post(bucket: int, number: int, terms: Sequence[str], author: int | None = None) -> ReadPost:
    return ReadPost(
        id=f"{terms[0]} {bucket} {number}",
        platform="x",
        author=number if author is None else author,
        created_ms=bucket * BUCKET_MS,
        arrived_ms=bucket * BUCKET_MS,
        text="",
        lang="en",
        terms=tuple(terms),
        copy_key=0,
        partition=0,
        offset=bucket,
        index=number,
    )


def stream(at: int = FIRST + 2 * DAY, authors: int = 30) -> Iterator[ReadPost]:
    """Two quiet days, then a fire that people tell of in two words; a hundred minutes later the stream ends."""
    for bucket in range(FIRST, at + 100, 10):
        yield from (post(bucket, number, ["word:day"]) for number in range(3))
        if at <= bucket < at + 30:
            yield from (post(bucket, 100 + n, ["word:fire", "word:smoke"]) for n in range(authors))


def candidates_of(posts: Iterator[ReadPost], name: str = "raw-count") -> list[Candidate]:
    contest = Contest([name])
    for one in posts:
        contest.take(one)
    contest.end()
    return contest.candidates[name]


def truth(at: int = FIRST + 2 * DAY) -> Truth:
    from datetime import UTC, datetime

    fire = {one.id: "fire" for one in stream() if "word:fire" in one.terms}
    return Truth([Event("fire", datetime.fromtimestamp(at * 60, UTC))], [], fire)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_finds_a_fire(name: str) -> None:
    tried = places(candidates_of(stream(), name), lambda told: evaluate(told, truth(), 2.0), 60_000)
    best = best_within(tried, 1.0)
    assert best is not None
    assert (best.result.count("found"), best.result.count("repeat"), best.result.count("false")) == (1, 0, 0)


def test_two_words_of_the_same_posts_are_one_story() -> None:
    told = told_at(candidates_of(stream()), 10.0, 60_000)
    assert [one.terms for one in told] == [("word:fire",)]
    assert told[0].emitted_at.timestamp() * 1000 == (FIRST + 2 * DAY + 1) * BUCKET_MS + 60_000


def test_the_same_word_tells_again_after_a_day_of_silence_only() -> None:
    one = candidates_of(stream())[0]
    later = [Candidate(one.bucket + minutes, one.term, one.score, ()) for minutes in (0, DAY - 1, 2 * DAY - 2, 3 * DAY)]
    assert len(told_at(later, 1.0, 0)) == 2


def test_words_tell_nobody_on_the_first_day_and_addresses_do() -> None:
    early = FIRST + 100
    assert candidates_of(stream(early)) == []
    passed_on = [post(early, number, ["post:1"]) for number in range(9)]
    assert {one.term for one in candidates_of(iter([post(FIRST, 0, ["word:x"]), *passed_on]))} == {"post:1"}


def test_one_account_is_no_crowd() -> None:
    flood = [post(FIRST + 2 * DAY, number, ["word:win"], author=7) for number in range(100)]
    assert candidates_of(iter([post(FIRST, 0, ["word:x"]), *flood])) == []


@pytest.mark.parametrize("posts", [[], [post(FIRST, 0, ["word:x"])]])
def test_a_stream_of_nothing_or_one_post_has_no_candidate(posts: list[ReadPost]) -> None:
    assert candidates_of(iter(posts)) == []
    assert places([], lambda told: evaluate(told, truth(), 1.0), 0) == []


def test_a_post_that_comes_late_counts_in_the_open_minute() -> None:
    late = [post(FIRST, number, ["word:late"]) for number in range(6)]
    found = candidates_of(iter([post(FIRST, 0, ["word:x"]), post(FIRST + 2 * DAY, 0, ["word:x"]), *late]))
    assert [one.bucket for one in found] == [FIRST + 2 * DAY]


def test_the_best_is_within_the_budget() -> None:
    def judge(told: Sequence[Told]) -> Evaluation:
        return evaluate(told, truth(), 0.5)

    many = [Candidate(FIRST + 2 * DAY, f"word:{n}", 10.0 + n, [post(FIRST, n, [f"word:{n}"])] * 5) for n in range(9)]
    tried = places(many, judge, 0)
    assert best_within(tried, 1.0) is None
    within = best_within(tried, 4.0)
    assert within is not None
    assert within.result.false_a_day <= 4.0


def test_a_picture_is_whole_and_shows_no_markup_of_names() -> None:
    from xml.etree import ElementTree

    picture = drawn("a <b> & c", [Curve("ours", [(0.0, 0.5), (1.0, 1.0), (50.0, 1.0)]), Curve("<none>", [])])
    root = ElementTree.fromstring(picture)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 2
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 2
