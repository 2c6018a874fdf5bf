"""A shard whose terms outgrow their bound: the least active are forgotten, and what stays is counted as before."""

import random
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
import xxhash

from streams.contracts.bursts import BucketRecord
from streams.contracts.slices import POST_NAMES
from streams.hotspots.content import BucketContent
from streams.hotspots.detector import Detector, DetectorSettings
from streams.hotspots.vocabulary import Vocabulary
from streams.hotspots.window import Window
from streams.privacy.rotations import NONE, Rotations

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
        accounts=[-1] * posts,
        places=[""] * posts,
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
    """What is known of a word is the same, whether it got a slot of its own or another's."""
    bounded, unbounded = Detector(0, 1, ROOM), Detector(0, 1, DetectorSettings())
    contents = stream(300)
    for minute, one in enumerate(contents):
        bounded.close(FIRST + minute, one)
        unbounded.close(FIRST + minute, one)
    columns, others = bounded._vocabulary.columns, unbounded._vocabulary.columns
    assert len(columns) <= ROOM.max_terms < len(others)
    for term in bounded._vocabulary.slots:
        slot, other = bounded._vocabulary.slots[term], unbounded._vocabulary.slots[term]
        for name in ("hash", "count", "level", "sum", "seen"):
            assert columns[name][slot].tolist() == others[name][other].tolist(), (term, name)


def test_posts_of_a_forgotten_word_are_no_evidence_of_the_next_in_its_slot() -> None:
    detector, contents = Detector(0, 1, ROOM), stream(181)
    run(detector, contents[:180], FIRST)
    last = contents[180]
    known = set(detector._vocabulary.slots)
    terms = sorted([*HEAD, "word:news"])
    place = terms.index("word:news")
    # Everybody writes of the news, and nobody of anything else.
    starts = np.array([0 if number <= place else last.posts for number in range(len(terms) + 1)])
    news = msgspec.structs.replace(last, terms=terms, starts=starts, rows=np.arange(last.posts))
    told = next(burst for burst in detector.close(FIRST + 180, news).bursts if burst.term == "word:news")
    assert "word:news" not in known
    assert detector._vocabulary.slots["word:news"] < ROOM.max_terms
    assert {post.id for post in told.sample} == set(last.ids)
    assert sum(told.series) == told.authors[-1] == len(set(last.author.tolist()))


def test_who_used_a_word_before_it_was_forgotten_is_new_to_it() -> None:
    vocabulary = Vocabulary(100)
    window = Window(vocabulary, tracked_authors=64)
    one = msgspec.structs.replace(
        content(random.Random(1), FIRST), terms=["word:a"], starts=np.array([0, 1]), rows=np.array([0])
    )
    for bucket in (FIRST, FIRST + 1):
        window.advance(bucket)
        slots = vocabulary.of(one.terms, bucket)
        assert window.add(bucket, one, slots).tolist() == [[1, 1, 1, 1]]
        window.forget(slots)
        vocabulary.forget(slots)


@pytest.mark.parametrize("rotating", [False, True])
def test_tables_and_indexes_of_a_large_stream_say_what_looking_at_everything_says(
    rotating: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids that are told twice in an hour, halved terms, forgotten ones, and a restart in the middle."""
    contents = [msgspec.structs.replace(one, ids=[name[-4:] for name in one.ids]) for one in stream(240)]
    few = DetectorSettings(max_terms=400, tracked_authors=16)
    rotations = Rotations([(FIRST + 120, b"another key for these tests")]) if rotating else NONE
    plain = run(Detector(0, 1, few, rotations), contents, FIRST)
    monkeypatch.setattr("streams.hotspots.by_slot._RUN", 100)
    monkeypatch.setattr("streams.hotspots.last_uses._MOST_LISTED", 0)
    detector = Detector(0, 1, few, rotations)
    assert run(detector, contents[:150], FIRST) == plain[:150]
    restored = Detector.restore(0, 1, few, detector.state(), rotations)
    assert run(detector, contents[150:], FIRST + 150) == plain[150:]
    assert run(restored, contents[150:], FIRST + 150) == plain[150:]
    assert restored.state() == detector.state()
    assert sum(len(record.bursts) for record in plain) > 1000


def test_a_state_of_before_accounts_had_an_age_and_posts_a_place_continues_byte_for_byte() -> None:
    contents = stream(90)
    detector = Detector(0, 1, ROOM)
    run(detector, contents[:60], FIRST)
    state = msgspec.msgpack.decode(detector.state())
    del state[4][7:]
    restored = Detector.restore(0, 1, ROOM, msgspec.msgpack.encode(state))
    assert run(restored, contents[60:], FIRST + 60) == run(detector, contents[60:], FIRST + 60)
    assert restored.state() == detector.state()


def test_the_version_before_reads_a_state_unless_it_has_free_slots() -> None:
    detector = Detector(0, 1, ROOM)
    versions = []
    for minute, one in enumerate(stream(60)):
        detector.close(FIRST + minute, one)
        free = len(detector._vocabulary) < len(detector._vocabulary.terms)
        version = msgspec.msgpack.decode(detector.state())[0]
        versions.append(version)
        assert version == (3 if free else 2)
    assert set(versions) == {2, 3}
