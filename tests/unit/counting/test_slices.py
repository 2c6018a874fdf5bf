"""The union: however slices are cut, repeated and ordered, a shard counts the same posts, once."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contracts.posts import ReadPost
from streams.contracts.slices import Part
from streams.contracts.times import BUCKET_MS
from streams.counting import SliceBuilder, due_s, parts_of, shard_of
from streams.counting.parts import PART_BYTES, decode_part, encode_part
from streams.hotspots.coverage import AHEAD_LIMIT, Applicable, Coverage, CoverageGap
from streams.hotspots.pending import Chunk, _chunks, sort_by_bucket, unite

LATENESS_MS = 60_000
SHARDS = 3
BASE_MS = 1_772_409_600_000


@pytest.mark.parametrize(
    ("slice_s", "partitions", "due"), [(0.5, 1, 0.5), (0.5, 16, 0.5), (0.5, 24, 0.75), (0.5, 64, 1.0), (2.0, 64, 2.0)]
)
def test_a_worker_of_many_partitions_lets_posts_wait_longer_up_to_a_second(
    slice_s: float, partitions: int, due: float
) -> None:
    assert due_s(slice_s, partitions) == due


def post(offset: int, index: int, time_ms: int, terms: Sequence[str], *, name: str | None = None) -> ReadPost:
    """Return a post at a place of partition 0."""
    return ReadPost(
        id=name or f"p{offset}.{index}",
        platform="test",
        author=offset * 7 + index,
        created_ms=BASE_MS + time_ms,
        arrived_ms=BASE_MS + time_ms,
        text="",
        lang="en",
        terms=tuple(terms),
        copy_key=0,
        partition=0,
        offset=offset,
        index=index,
    )


def build(records: Sequence[Sequence[ReadPost]], begin: int, end: int) -> list[Part]:
    """Return all parts of one slice over the records [begin, end)."""
    builder = SliceBuilder(0, begin, LATENESS_MS)
    for offset in range(begin, end):
        builder.add(offset, records[offset], BASE_MS, heartbeat=False)
    made = builder.cut()
    return parts_of(made, [None] * len(made.posts), shards=SHARDS, partitions=1)


def counted(parts: Sequence[Part]) -> tuple[dict[int, dict[int, set[tuple[str, str]]]], int]:
    """Apply parts to one coverage a shard; return (term, post id) by shard and bucket, and the end of coverage."""
    coverages = {shard: Coverage() for shard in range(SHARDS)}
    chunks: dict[int, dict[int, list[Chunk]]] = {shard: {} for shard in range(SHARDS)}
    for part in parts:
        for applicable in coverages[part.shard].offer(decode_part(encode_part(part))):
            found, _ = sort_by_bucket(applicable, LATENESS_MS, None)
            for bucket, chunk in found.items():
                chunks[part.shard].setdefault(bucket, []).append(chunk)
    result: dict[int, dict[int, set[tuple[str, str]]]] = {}
    for shard, buckets in chunks.items():
        result[shard] = {}
        for bucket, held in buckets.items():
            content = unite(held)
            result[shard][bucket] = {
                (term, content.ids[row])
                for k, term in enumerate(content.terms)
                for row in content.rows[content.starts[k] : content.starts[k + 1]].tolist()
            }
    return result, min(coverage.partitions[0].next for coverage in coverages.values())


@st.composite
def logs(draw: st.DrawFn) -> list[list[ReadPost]]:
    """A partition: records of up to three posts, times that wander by up to five minutes."""
    records: list[list[ReadPost]] = []
    now = 0
    for offset in range(draw(st.integers(1, 12))):
        posts = []
        for index in range(draw(st.integers(0, 3))):
            now += draw(st.integers(0, 90_000))
            shift = draw(st.integers(-300_000, 0))
            terms = draw(st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=3, unique=True))
            posts.append(post(offset, index, max(now + shift, 0), terms))
        records.append(posts)
    return records


@settings(max_examples=150, deadline=None)
@given(log=logs(), data=st.data())
def test_any_cuts_repeats_and_order_count_the_same(log: list[list[ReadPost]], data: st.DataObject) -> None:
    reference, end = counted(build(log, 0, len(log)))
    parts: list[Part] = []
    for _ in range(data.draw(st.integers(1, 3))):
        cuts = sorted({0, len(log), *data.draw(st.lists(st.integers(0, len(log)), max_size=4))})
        for begin, stop in pairwise(cuts):
            parts += build(log, begin, stop)
    repeats = data.draw(st.lists(st.sampled_from(parts), max_size=6))
    shuffled = data.draw(st.permutations(parts + repeats))
    assert counted(shuffled) == (reference, end)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=4, unique=True), min_size=1, max_size=8))
def test_a_part_of_one_bucket_is_taken_as_it_is(terms: list[list[str]]) -> None:
    for part in build([[post(number, 0, number, each)] for number, each in enumerate(terms)], 0, len(terms)):
        bucket = np.frombuffer(part.created, "<i8") // BUCKET_MS
        found, late = sort_by_bucket(Applicable(part, 0, -1), LATENESS_MS, None)
        assert (found, late) == (_chunks(part, bucket, np.arange(len(bucket))), 0)


def test_a_term_without_posts_that_a_strange_part_names_is_left_out() -> None:
    part = next(part for part in build([[post(0, 0, 0, ["a"])]], 0, 1) if part.terms)
    strange = msgspec.structs.replace(part, terms=[*part.terms, "z"], counts=part.counts + bytes(4))
    found, _ = sort_by_bucket(Applicable(decode_part(encode_part(strange)), 0, -1), LATENESS_MS, None)
    assert [chunk.terms for chunk in found.values()] == [["a"]]


def test_lateness_is_a_fact_of_the_log_not_of_the_cut() -> None:
    log = [[post(0, 0, 0, ["a"])], [post(1, 0, 200_000, ["a"])], [post(2, 0, 10_000, ["a"])]]
    whole, _ = counted(build(log, 0, 3))
    apart, _ = counted([part for n in range(3) for part in build(log, n, n + 1)])
    assert whole == apart
    names = {name for buckets in whole.values() for pairs in buckets.values() for _, name in pairs}
    assert names == {"p0.0", "p1.0"}


def test_a_duplicate_id_is_counted_once() -> None:
    log = [[post(0, 0, 0, ["a"], name="same"), post(0, 1, 1, ["a", "b"], name="same")], [post(1, 0, 2, ["b"])]]
    result, _ = counted(build(log, 0, 2))
    pairs = sorted(pair for buckets in result.values() for found in buckets.values() for pair in found)
    assert pairs == [("a", "same"), ("b", "p1.0"), ("b", "same")]


def test_a_missing_slice_holds_the_watermark_back() -> None:
    log = [[post(n, 0, n * BUCKET_MS, ["a"])] for n in range(4)]
    coverage = Coverage()
    shard = shard_of("a", SHARDS)
    first, _, third = (next(p for p in build(log, n, n + 1) if p.shard == shard) for n in range(3))
    coverage.offer(first)
    assert coverage.offer(third) == []
    assert coverage.watermark() == BASE_MS
    second = next(p for p in build(log, 1, 2) if p.shard == shard)
    assert len(coverage.offer(second)) == 2
    assert coverage.watermark() == BASE_MS + 2 * BUCKET_MS


def test_a_hole_that_never_fills_is_an_error_not_a_leak() -> None:
    log = [[] for _ in range(AHEAD_LIMIT + 2)]
    coverage = Coverage()
    for offset in range(1, AHEAD_LIMIT + 1):
        coverage.offer(build(log, offset, offset + 1)[0])
    with pytest.raises(CoverageGap, match="partition 0"):
        coverage.offer(build(log, AHEAD_LIMIT + 1, AHEAD_LIMIT + 2)[0])


def test_parts_stay_under_the_size_of_a_message_and_count_the_same() -> None:
    terms = [[f"word:{'x' * 100}{row % 50}", f"word:{row}{'y' * 90}"] for row in range(6000)]
    log = [[post(n, i, n, terms[n * 60 + i]) for i in range(60)] for n in range(100)]
    parts = build(log, 0, 100)
    assert max(len(encode_part(part)) for part in parts) <= 256 * 1024 < PART_BYTES * 2
    assert len(parts) > SHARDS
    result, end = counted(parts)
    assert end == 100 << 16
    assert sum(len(pairs) for buckets in result.values() for pairs in buckets.values()) == 12_000


def test_every_shard_gets_a_part_of_an_empty_slice() -> None:
    parts = build([[]], 0, 1)
    assert [part.shard for part in parts] == list(range(SHARDS))
    assert all(len(np.frombuffer(part.position)) == 0 for part in parts)


def test_idle_partitions_do_not_hold_time_back_until_someone_speaks_again() -> None:
    def part(partition: int, start: int, end: int, watermark: int, *, idle: bool = False) -> Part:
        builder = SliceBuilder(partition, start, LATENESS_MS)
        if end > start:
            builder.add(end - 1, [], watermark, heartbeat=True)
        return parts_of(builder.cut(idle=idle), [], shards=1, partitions=2)[0]

    coverage = Coverage()
    coverage.offer(part(0, 0, 1, 1000))
    assert coverage.watermark() == -1
    coverage.offer(part(1, 0, 0, 0, idle=True))
    assert coverage.watermark() == 1000
    coverage.offer(part(0, 1, 1, 0, idle=True))
    assert coverage.watermark() == 1000
    coverage.offer(part(0, 1, 2, 9000))
    assert coverage.watermark() == -1, "the other partition must say again that it is silent"
    coverage.offer(part(1, 0, 0, 0, idle=True))
    assert coverage.watermark() == 9000


def test_what_is_lost_for_good_holds_nothing_up() -> None:
    log = [[post(n, 0, n * BUCKET_MS, ["a"])] for n in range(6)]
    shard = shard_of("a", SHARDS)
    first, lost, third, fourth = (next(part for part in build(log, n, n + 1) if part.shard == shard) for n in range(4))
    coverage = Coverage()
    coverage.offer(first)
    assert coverage.offer(fourth) == []
    coverage.tear()
    assert [found.part for found in coverage.offer(third)] == [third, fourth]
    assert coverage.offer(lost) == [], "what was given up and comes after all is behind what is covered"
    assert coverage.watermark() == BASE_MS + 3 * BUCKET_MS


def test_a_shard_that_begins_where_the_log_has_expired_counts_from_there_on() -> None:
    log = [[post(n, 0, n * BUCKET_MS, ["a"])] for n in range(6)]
    parts = [next(part for part in build(log, n, n + 1) if part.shard == 0) for n in (4, 5)]
    coverage = Coverage()
    coverage.tear()
    assert sum(len(coverage.offer(part)) for part in parts) == 2
    restored = Coverage(torn=True)
    assert len(restored.offer(parts[0])) == 1
