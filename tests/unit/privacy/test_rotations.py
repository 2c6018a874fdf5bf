"""A rotation of the key of author hashes: nobody becomes two, nothing found changes, and who opted out stays out."""

from collections.abc import Sequence
from functools import cache

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.contracts.bursts import BucketRecord
from streams.contracts.framing import ARRIVED_AT, messages_of
from streams.contracts.outputs import Alert, Brief, Hotspot
from streams.contracts.sources import Deletion, OptOut
from streams.contracts.times import LATEST_MS, bucket_of, format_time
from streams.hotspots.detector import DetectorSettings
from streams.hotspots.shard import Shard
from streams.intake import Intake, IntakeSettings, Record
from streams.pipeline import Pipeline, PipelineSettings
from streams.privacy.optouts import OptOuts
from streams.privacy.rotations import NONE, Rotations
from streams.privacy.takenback import TakenBack
from tests.faults.small_stream import BEGIN_MS, LATENESS_MS, small_stream
from tests.unit.hotspots.test_shard import BASE_MS, post, run, slices

KEY = b"the first key of these tests"
NOON = bucket_of(BEGIN_MS)
HASHES = st.integers(0, 2**64 - 1)


def rotated(minutes: Sequence[int], begin: int = NOON) -> Rotations:
    """Return rotations so many minutes after `begin`, each with a key of its own."""
    return Rotations([(begin + minute, b"key number %d of these tests" % n) for n, minute in enumerate(minutes)])


MINUTES = st.lists(st.integers(1, 95), min_size=1, max_size=3, unique=True).map(sorted)


@given(hashed=HASHES, eras=st.tuples(*[st.integers(0, 3)] * 3).map(sorted))
def test_a_hash_comes_onward_in_steps_as_at_once(hashed: int, eras: list[int]) -> None:
    rotations, (first, middle, last) = rotated([10, 20, 30]), eras
    at_once = rotations.onward(hashed, first, last)
    assert rotations.onward(rotations.onward(hashed, first, middle), middle, last) == at_once
    assert rotations.all_onward(np.array([hashed, 1, hashed], np.uint64), first, last)[[0, 2]].tolist() == [at_once] * 2
    assert rotations.every(hashed)[last] == rotations.onward(hashed, 0, last)
    assert rotations.onward(hashed, first, 3) in rotations.meant(hashed)


@given(minute=st.integers(0, 100), minutes=MINUTES)
def test_a_key_holds_from_its_minute_of_the_log_on(minute: int, minutes: list[int]) -> None:
    rotations = rotated(minutes)
    assert rotations.era(NOON + minute) == sum(begin <= minute for begin in minutes)
    assert rotations.era_at((NOON + minute) * 60_000 + 59_999) == rotations.era(NOON + minute)


@pytest.mark.parametrize("later", [[(5, b"k"), (5, b"l")], [(6, b"k"), (5, b"l")], [(5, b"")]])
def test_keys_that_do_not_follow_each_other_are_refused(later: list[tuple[int, bytes]]) -> None:
    with pytest.raises(ValueError, match="key"):
        Rotations(later)


@cache
def _lines() -> tuple[bytes, ...]:
    return tuple(small_stream(3, posts=1500, day_before=True))


Found = tuple[list[Hotspot], list[Alert], list[Brief], list[tuple[str, str]]]


def found(rotations: Rotations) -> Found:
    """Return what a run over a day and an hour of posts finds, and each post that was scored with its author's hash."""
    log: dict[tuple[int, int], Record] = {}
    intake = Intake(IntakeSettings(author_key=KEY, rotations=rotations))
    pipeline = Pipeline(PipelineSettings(shards=2), intake, None, lambda *place: log.get(place))
    hotspots, alerts, briefs, scored = list[Hotspot](), list[Alert](), list[Brief](), list[tuple[str, str]]()
    ends = dict.fromkeys(range(4), 0)
    lines = iter(_lines())
    for message in messages_of(lines, posts_per_message=64, partitions=4, lateness_ms=LATENESS_MS, now_ms=LATEST_MS):
        place = message.partition, ends[message.partition]
        ends[message.partition] += 1
        headers = {ARRIVED_AT: str(message.arrived_ms).encode()}
        log[place] = Record("posts", *place, message.value, message.arrived_ms, headers)
        for outputs in pipeline.take(log[place]):
            hotspots += outputs.hotspots
            alerts += outputs.alerts
            briefs += outputs.briefs
            scored += [(read.id, f"{read.author:016x}") for read, _ in outputs.scored]
    return hotspots, alerts, briefs, scored


@cache
def _without() -> Found:
    return found(NONE)


@pytest.mark.parametrize("minutes", [[30], [20, 21, 70]])
def test_a_rotation_in_the_middle_changes_nothing_that_is_found(minutes: list[int]) -> None:
    *expected, before = _without()
    *after, scored = found(rotated(minutes))
    assert expected[1], "the stream has nothing to alert of"
    assert msgspec.json.encode(after) == msgspec.json.encode(expected)
    changed = [one for one, other in zip(scored, before, strict=True) if one != other]
    assert 0 < len(changed) < len(scored)


@settings(max_examples=8, deadline=None)
@given(minutes=MINUTES, cut=st.integers(0, 95))
@example(minutes=[30], cut=30)
def test_a_shard_that_restarts_around_a_rotation_continues_byte_for_byte(minutes: list[int], cut: int) -> None:
    rotations = rotated(minutes, bucket_of(BASE_MS))
    parts = slices(_talk(rotations, 20), 10, 120)
    whole, first = (Shard(0, 1, LATENESS_MS, DetectorSettings(), rotations) for _ in range(2))
    at = len(parts) * cut // 95
    records = run(first, parts[:at])
    restored = Shard.restore(0, 1, LATENESS_MS, DetectorSettings(), first.state(), rotations)
    assert [*records, *run(restored, parts[at:])] == run(whole, parts)
    assert restored.state() == whole.state()


def _talk(rotations: Rotations, people: int, minutes: int = 100, each: int = 4) -> list:
    """Return posts of the same people on one term, `each` a minute, by the hash that holds then."""
    made = []
    for number in range(minutes * each):
        era = rotations.era(bucket_of(BASE_MS) + number // each)
        author = rotations.onward(int(Rotations([(0, b"spread")]).onward(number % people, 0, 1)), 0, era)
        made.append(post(number, number / each, ["word:flood"], author))
    return made


def test_of_a_term_of_many_a_rotation_counts_no_more_than_there_are() -> None:
    """Above `tracked_authors` a sample by hash is counted; a new key must not add a second sample to the first."""
    people, each = 400, 20
    few = DetectorSettings(tracked_authors=64)
    rotations = rotated([50], bucket_of(BASE_MS))
    records = run(Shard(0, 1, LATENESS_MS, few, rotations), slices(_talk(rotations, people, each=each), 100, 120))
    hours = _hourly(records)
    around = [hours[bucket_of(BASE_MS) + minute] for minute in range(45, 99)]
    assert all(0.6 * people < hour < 1.5 * people for hour in around), around


def _hourly(records: Sequence[BucketRecord]) -> dict[int, int]:
    return {record.bucket: burst.authors[-1] for record in records for burst in record.bursts}


def test_who_opted_out_or_was_taken_back_is_so_under_every_key() -> None:
    intake = Intake(IntakeSettings(author_key=KEY, rotations=rotated([10, 20])))
    opted_out, taken_back = OptOuts(intake.authors), TakenBack(intake.authors)
    opted_out.put(OptOut(platform="x", author="gone", since=format_time(BEGIN_MS)))
    taken_back.add(Deletion(platform="x", author="gone", deleted_at=format_time(BEGIN_MS), source="test"))
    for minute in (0, 10, 25):
        item = {
            "id": "1",
            "platform": "x",
            "author": "gone",
            "created_at": format_time(BEGIN_MS + minute * 60_000),
            "text": "Flood in Turin",
        }
        (read,) = intake.take(Record("posts", 0, 0, msgspec.json.encode(item), BEGIN_MS + minute * 60_000)).posts
        assert opted_out.covers(read.author, read.arrived_ms)
        assert taken_back.has(read)
