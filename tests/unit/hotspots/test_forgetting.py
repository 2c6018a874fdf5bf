"""A shard whose terms outgrow their bound: the least active are forgotten, and what stays is counted as before."""

import random
from collections.abc import Sequence

import msgspec
import numpy as np
import xxhash

from streams.contracts.bursts import BucketRecord
from streams.contracts.slices import POST_NAMES
from streams.hotspots.content import BucketContent
from streams.hotspots.detector import Detector, DetectorSettings

FIRST = 29_540_160
ROOM = DetectorSettings(max_terms=400)
HEAD = [f"word:{n}" for n in range(40)]


def content(chance: random.Random, bucket: int) -> BucketContent:
    """Twelve posts a minute of sixty people: two words that everybody uses, and one that nobody used before."""
    wrote = [[*chance.sample(HEAD, 2), f"word:{bucket}-{number}"] for number in range(12)]
    rows: dict[str, list[int]] = {}
    for row, terms in enumerate(wrote):
        for term in terms:
            rows.setdefault(term, []).append(row)
    terms = sorted(rows)
    posts = len(wrote)
    place = np.arange(posts, dtype=np.int64)
    people = [xxhash.xxh64_intdigest(f"{chance.randrange(60)}".encode()) for _ in wrote]
    return BucketContent(
        terms=terms,
        starts=np.cumsum([0, *(len(rows[term]) for term in terms)]),
        rows=np.array([row for term in terms for row in rows[term]], np.int64),
        ids=[f"{bucket}-{row}" for row in range(posts)],
        partition=np.zeros(posts, np.int64),
        offset=np.full(posts, bucket, np.int64),
        index=place,
        author=np.array(people, np.uint64),
        copy=np.zeros(posts, np.uint64),
        created=np.full(posts, bucket * 60_000, np.int64),
        lang=["en"] * posts,
        platform=["x"] * posts,
        sentiment=np.full((posts, 3), np.nan, np.float32),
        names=np.zeros((posts, POST_NAMES), np.uint32),
    )


def run(detector: Detector, contents: Sequence[BucketContent], first: int) -> list[BucketRecord]:
    return [detector.close(bucket, one) for bucket, one in enumerate(contents, first)]


def stream(minutes: int) -> list[BucketContent]:
    chance = random.Random(7)
    return [content(chance, FIRST + minute) for minute in range(minutes)]


def authors(detector: Detector) -> dict[str, list[int]]:
    """Return the distinct authors of the words that everybody uses, at 5, 15 and 60 minutes."""
    vocabulary = detector._vocabulary
    return {term: vocabulary.columns["count"][vocabulary.slots[term]].tolist() for term in HEAD}


def test_words_that_stay_have_the_authors_that_they_have_without_a_bound() -> None:
    bounded, unbounded = Detector(0, 1, ROOM), Detector(0, 1, DetectorSettings())
    for minute, one in enumerate(stream(300)):
        bounded.close(FIRST + minute, one)
        unbounded.close(FIRST + minute, one)
        assert len(bounded._vocabulary) <= ROOM.max_terms
        if minute % 10 == 0 and minute > 90:
            assert authors(bounded) == authors(unbounded)


def test_a_state_taken_after_forgetting_continues_byte_for_byte() -> None:
    contents = stream(240)
    whole = Detector(0, 1, ROOM)
    run(whole, contents[:150], FIRST)
    restored = Detector.restore(0, 1, ROOM, whole.state())
    assert run(whole, contents[150:], FIRST + 150) == run(restored, contents[150:], FIRST + 150)
    assert whole.state() == restored.state()


def test_a_slot_goes_to_the_next_new_word_and_brings_nothing_of_the_old_one() -> None:
    """What is said of words that nobody used before is the same, whether they got a slot of their own or another's."""
    bounded, unbounded = Detector(0, 1, ROOM), Detector(0, 1, DetectorSettings())
    contents = stream(300)
    for minute, one in enumerate(contents):
        bounded.close(FIRST + minute, one)
        unbounded.close(FIRST + minute, one)
    columns, others = bounded._vocabulary.columns, unbounded._vocabulary.columns
    assert len(columns) <= ROOM.max_terms < len(others)
    for term in contents[-1].terms:
        slot, other = bounded._vocabulary.slots[term], unbounded._vocabulary.slots[term]
        for name in ("hash", "count", "level", "sum", "seen"):
            assert columns[name][slot].tolist() == others[name][other].tolist(), (term, name)


def test_a_state_of_the_version_before_is_read() -> None:
    contents = stream(40)
    detector = Detector(0, 1, ROOM)
    run(detector, contents[:30], FIRST)
    older = msgspec.msgpack.decode(detector.state())
    older[0] = 2
    restored = Detector.restore(0, 1, ROOM, msgspec.msgpack.encode(older))
    assert run(detector, contents[30:], FIRST + 30) == run(restored, contents[30:], FIRST + 30)
