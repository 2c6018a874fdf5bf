"""The union, on the pure code: idempotent, commutative, associative; where slices are cut, and zombies, change nothing.

Compared is the whole outcome of a shard: the bytes of every bucket record, in order, and of its state at the end.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contracts.bursts import BucketRecord
from streams.contracts.posts import ReadPost
from streams.contracts.slices import Part
from streams.counting import SliceBuilder, parts_of
from streams.hotspots.detector import DetectorSettings
from streams.hotspots.pending import Chunk, unite
from streams.hotspots.shard import Shard
from streams.stories.gather import Gather

LATENESS_MS = 60_000
BASE_MS = 1_772_409_600_000
PARTITIONS = 2
SHARDS = 2
SETTINGS = DetectorSettings()

Log = list[list[ReadPost]]
"""Records of one partition, each a list of posts."""


@st.composite
def logs(draw: st.DrawFn) -> list[Log]:
    """Return every partition's records; times wander, ids repeat now and then."""
    made: list[Log] = []
    for partition in range(PARTITIONS):
        now, log = 0, []
        for offset in range(draw(st.integers(1, 8))):
            posts = []
            for index in range(draw(st.integers(0, 3))):
                now += draw(st.integers(0, 120_000))
                created = BASE_MS + max(0, now - draw(st.integers(0, 200_000)))
                posts.append(
                    ReadPost(
                        id=f"p{draw(st.integers(0, 30))}",
                        platform="test",
                        author=draw(st.integers(1, 9)),
                        created_ms=created,
                        arrived_ms=BASE_MS + now,
                        text="",
                        lang="en",
                        terms=tuple(draw(st.lists(st.sampled_from("abcdef"), max_size=3, unique=True))),
                        copy_key=0,
                        partition=partition,
                        offset=offset,
                        index=index,
                    )
                )
            log.append(posts)
        made.append(log)
    return made


def slice_of(log: Log, partition: int, begin: int, end: int) -> list[list[Part]]:
    """Return the parts of a slice over the records [begin, end), by shard. The last record of a log is a heartbeat."""
    builder = SliceBuilder(partition, begin, LATENESS_MS)
    for offset in range(begin, end):
        if offset == len(log):
            builder.add(offset, [], BASE_MS + 3_600_000, heartbeat=True)
        else:
            builder.add(offset, log[offset], BASE_MS, heartbeat=False)
    made = builder.cut()
    parts = parts_of(made, [None] * len(made.posts), shards=SHARDS, partitions=PARTITIONS)
    return [[part for part in parts if part.shard == shard] for shard in range(SHARDS)]


def cut(data: st.DataObject, log: Log, partition: int) -> list[list[list[Part]]]:
    """Return slices over a whole log, cut somewhere."""
    end = len(log) + 1
    places = sorted({0, end, *data.draw(st.lists(st.integers(0, end), max_size=4))})
    return [slice_of(log, partition, begin, stop) for begin, stop in pairwise(places)]


def outcome(parts: Sequence[Part], shard: int) -> tuple[list[bytes], int | None]:
    """Return the told records of a shard that takes these parts in this order, and the next bucket to close."""
    counting = Shard(shard, SHARDS, LATENESS_MS, SETTINGS)
    records = [record for part in parts for record in counting.apply(part)]
    return [msgspec.msgpack.encode(record) for record in records if not record.dormant], counting.next_bucket


def plain(made: list[Log], shard: int) -> list[Part]:
    return [part for partition, log in enumerate(made) for part in slice_of(log, partition, 0, len(log) + 1)[shard]]


@settings(max_examples=60, deadline=None)
@given(made=logs(), data=st.data())
def test_cuts_repeats_order_and_zombies_leave_every_record_as_it_is(made: list[Log], data: st.DataObject) -> None:
    for shard in range(SHARDS):
        expected = outcome(plain(made, shard), shard)
        # Two readers of the same log, the second of them a zombie that cut elsewhere, each in order of its partition.
        readers = [cut(data, log, number) for number, log in enumerate(made) for _ in range(2)]
        queues = [[part for one in reader for part in one[shard]] for reader in readers]
        mixed: list[Part] = []
        while any(queues):
            queue = data.draw(st.sampled_from([queue for queue in queues if queue]))
            mixed.append(queue.pop(0))
        mixed += data.draw(st.lists(st.sampled_from(mixed), max_size=5))
        assert outcome(mixed, shard) == expected


@settings(max_examples=60, deadline=None)
@given(made=logs(), data=st.data())
def test_a_shard_that_is_restored_anywhere_and_reads_on_from_before_says_the_same(
    made: list[Log], data: st.DataObject
) -> None:
    parts = [part for partition, log in enumerate(made) for one in cut(data, log, partition) for part in one[0]]
    parts = data.draw(st.permutations(parts))
    whole = Shard(0, SHARDS, LATENESS_MS, SETTINGS)
    expected = [record for part in parts for record in whole.apply(part)]
    at = data.draw(st.integers(0, len(parts)))
    again_from = data.draw(st.integers(0, at))
    before = Shard(0, SHARDS, LATENESS_MS, SETTINGS)
    told = [record for part in parts[:at] for record in before.apply(part)]
    after = Shard.restore(0, SHARDS, LATENESS_MS, SETTINGS, before.state())
    told += [record for part in parts[again_from:] for record in after.apply(part)]
    assert told == expected
    assert after.state() == whole.state()


CHUNK = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 40), st.lists(st.sampled_from("abcd"), max_size=3, unique=True)),
    max_size=5,
    unique_by=lambda row: row[:2],
)


def chunk(partition: int, rows: Sequence[tuple[int, list[str]]]) -> Chunk:
    """Return a chunk of posts at these positions with these terms; the id of a post says where it stands."""
    terms = sorted({term for _, carried in rows for term in carried})
    postings = [(terms.index(term), row) for row, (_, carried) in enumerate(rows) for term in carried]
    return Chunk(
        partition=partition,
        ids=[f"{partition}/{position // 2}" for position, _ in rows],
        lang=["en"] * len(rows),
        platform=["test"] * len(rows),
        position=np.array([position for position, _ in rows], "<i8").tobytes(),
        author=np.zeros(len(rows), "<u8").tobytes(),
        created=np.zeros(len(rows), "<i8").tobytes(),
        copy=np.zeros(len(rows), "<u8").tobytes(),
        sentiment=np.full((len(rows), 3), np.nan, "<f4").tobytes(),
        terms=terms,
        term=np.array([term for term, _ in postings], "<u4").tobytes(),
        row=np.array([row for _, row in postings], "<u4").tobytes(),
    )


def content(chunks: Sequence[Chunk]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return posts and postings of the union."""
    found = unite(chunks)
    ends = found.starts.tolist()
    pairs = [
        (term, found.ids[row])
        for number, term in enumerate(found.terms)
        for row in found.rows[ends[number] : ends[number + 1]].tolist()
    ]
    return found.ids, pairs


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(CHUNK, min_size=1, max_size=4), data=st.data())
def test_the_union_of_a_bucket_is_idempotent_commutative_and_associative(
    rows: list[list[tuple[int, int, list[str]]]], data: st.DataObject
) -> None:
    chunks = [
        chunk(partition, [(position, terms) for where, position, terms in listed if where == partition])
        for listed in rows
        for partition in (0, 1)
    ]
    expected = content(chunks)
    assert content([*chunks, *data.draw(st.lists(st.sampled_from(chunks), max_size=4))]) == expected
    assert content(data.draw(st.permutations(chunks))) == expected


def bucket_record(shard: int, bucket: int) -> BucketRecord:
    return BucketRecord(shard=shard, shards=3, bucket=bucket, posts=0, tests=0, warming=1.0, bursts=())


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_stories_see_each_bucket_once_and_whole_however_shards_interleave_and_repeat(data: st.DataObject) -> None:
    queues = [[bucket_record(shard, bucket) for bucket in range(6)] for shard in range(3)]
    sent: list[BucketRecord] = []
    while any(queues):
        queue = data.draw(st.sampled_from([queue for queue in queues if queue]))
        sent.append(queue.pop(0))
        if data.draw(st.booleans()):  # a worker that lost the shard says once more what it had said
            sent.append(data.draw(st.sampled_from(sent)))
    gather = Gather(3)
    seen = [(bucket, [held.shard for held in records]) for record in sent for bucket, records in gather.offer(record)]
    assert seen == [(bucket, [0, 1, 2]) for bucket in range(6)]
