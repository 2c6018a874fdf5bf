"""A shard over a log: buckets close in order, a crowd bursts, one account does not, states continue byte for byte."""

from collections.abc import Sequence

import msgspec
import pytest

from streams.contracts.bursts import BucketRecord
from streams.contracts.posts import ReadPost
from streams.contracts.slices import Part
from streams.contracts.times import BUCKET_MS
from streams.counting import SliceBuilder, parts_of
from streams.hotspots.detector import DetectorSettings
from streams.hotspots.shard import DORMANT, Shard, StateVersionError

LATENESS_MS = 60_000
BASE_MS = 1_772_409_600_000  # a bucket begins here
DAY = 24 * 60
SETTINGS = DetectorSettings()


def post(number: int, minute: float, terms: Sequence[str], author: int) -> ReadPost:
    """Return post `number` of partition 0, alone in its record."""
    return ReadPost(
        id=f"p{number}",
        platform="test",
        author=author,
        created_ms=BASE_MS + int(minute * BUCKET_MS),
        arrived_ms=BASE_MS + int(minute * BUCKET_MS),
        text="",
        lang="en",
        terms=tuple(terms),
        copy_key=0,
        partition=0,
        offset=number,
        index=0,
    )


def slices(posts: Sequence[ReadPost], size: int, until: float) -> list[Part]:
    """Return the parts of a log of single posts, cut every `size` posts, and of a heartbeat at minute `until`."""
    builder = SliceBuilder(0, 0, LATENESS_MS)
    parts: list[Part] = []
    for read in posts:
        builder.add(read.offset, [read], read.arrived_ms, heartbeat=False)
        if len(builder) >= size:
            made = builder.cut()
            parts += parts_of(made, [None] * len(made.posts), shards=1, partitions=1)
    builder.add(len(posts), [], BASE_MS + int(until * BUCKET_MS), heartbeat=True)
    made = builder.cut()
    return [*parts, *parts_of(made, [None] * len(made.posts), shards=1, partitions=1)]


def new_shard() -> Shard:
    return Shard(0, 1, LATENESS_MS, SETTINGS)


def run(shard: Shard, parts: Sequence[Part]) -> list[BucketRecord]:
    return [record for part in parts for record in shard.apply(part)]


def background(days: int) -> list[ReadPost]:
    """Return two posts a minute on everyday terms, each term by many authors."""
    return [post(n, n / 2, [f"word:w{n % 17}", f"tag:t{n % 5}"], author=n % 400) for n in range(days * DAY * 2)]


def followed_by(posts: Sequence[ReadPost], authors: int, term: str) -> list[ReadPost]:
    """Return `posts` and, in the ten minutes after them, sixty more with `term`, by so many authors."""
    begin = len(posts) / 2
    extra = [post(len(posts) + n, begin + n / 6, [term], author=10_000 + n % authors) for n in range(60)]
    return [*posts, *extra]


def bursting(records: Sequence[BucketRecord]) -> set[str]:
    """Return the terms that burst once the baselines have learned."""
    learned = [record for record in records if record.warming >= 1.0]
    return {burst.term for record in learned for burst in record.bursts if burst.significant}


def test_a_crowd_on_a_new_term_bursts_and_nothing_else() -> None:
    log = followed_by(background(2), 60, "word:quake")
    records = run(new_shard(), slices(log, 500, 2 * DAY + 60))
    assert bursting(records) == {"word:quake"}
    burst = next(burst for record in records for burst in record.bursts if burst.term == "word:quake")
    assert burst.observed <= 60
    assert {sample.id for sample in burst.sample} <= {read.id for read in log[-60:]}


def test_one_account_is_no_crowd_however_loud() -> None:
    records = run(new_shard(), slices(followed_by(background(2), 1, "word:spam"), 500, 2 * DAY + 60))
    assert bursting(records) == set()


def test_every_bucket_closes_once_in_order() -> None:
    records = run(new_shard(), slices(background(1), 100, DAY + 30))
    buckets = [record.bucket for record in records]
    assert buckets == list(range(buckets[0], buckets[0] + len(buckets)))
    assert sum(record.posts for record in records) == 2 * DAY


@pytest.mark.parametrize("at", [1, 7, 11])
def test_a_restored_state_continues_byte_for_byte(at: int) -> None:
    parts = slices(followed_by(background(1), 40, "word:quake"), 251, DAY + 60)
    whole = new_shard()
    expected = run(whole, parts)
    before = new_shard()
    found = run(before, parts[:at])
    after = Shard.restore(0, 1, LATENESS_MS, SETTINGS, before.state())
    found += run(after, parts[at:])
    assert found == expected
    assert after.state() == whole.state()


def test_a_state_of_another_version_is_refused() -> None:
    state = new_shard().state()
    with pytest.raises(StateVersionError, match="version 99"):
        Shard.restore(0, 1, LATENESS_MS, SETTINGS, state[:1] + b"\x63" + state[2:])


def test_a_state_from_before_a_field_was_added_continues_the_same() -> None:
    parts = slices(followed_by(background(1), 40, "word:quake"), 251, DAY + 60)
    whole, before = new_shard(), new_shard()
    expected = run(whole, parts)
    told = run(before, parts[:7])
    *fields, _torn = msgspec.msgpack.decode(before.state())
    for covered in fields[2].values():
        del covered["torn"]
    after = Shard.restore(0, 1, LATENESS_MS, SETTINGS, msgspec.msgpack.encode(fields))
    assert told + run(after, parts[7:]) == expected


@pytest.mark.parametrize("size", [1, 3, 100])
def test_years_of_silence_are_passed_over_and_cutting_does_not_matter(size: int) -> None:
    year = 365 * DAY
    posts = [post(0, -20 * year, ["word:old"], 1), *(post(1 + n, n, ["word:new"], n) for n in range(30))]
    records = run(new_shard(), slices(posts, size, 60))
    told = [record for record in records if not record.dormant]
    assert len(records) - len(told) <= 40
    assert sum(record.posts for record in told) == len(posts)
    assert told == [record for record in run(new_shard(), slices(posts, 7, 60)) if not record.dormant]
    assert DORMANT <= len(told) <= DORMANT + 70
