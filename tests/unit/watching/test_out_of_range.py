"""Records of watchlists that cannot be counted are refused as faulty: else each would end every worker in turn."""

from collections.abc import Callable

import msgspec
import pytest

from streams.contracts.watchlists import MentionSlice, WatchBucket
from streams.watching.reading import read_bucket, read_mentions
from tests.fuzz.followed import seeds

SLICE: MentionSlice = read_mentions(seeds()["mentions"][0])
BUCKET: WatchBucket = next(
    told for told in map(read_bucket, seeds()["watchlists.buckets"]) if told.tallies and told.tallies[0].votes
)


def changed(value: msgspec.Struct, **fields: object) -> bytes:
    return msgspec.msgpack.encode(msgspec.structs.replace(value, **fields))


POST, TALLY = SLICE.posts[0], BUCKET.tallies[0]


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (read_mentions, changed(SLICE, partition=-1)),
        (read_mentions, changed(SLICE, partitions=0)),
        (read_mentions, changed(SLICE, end=-5)),
        (read_mentions, changed(SLICE, watermark=2**62)),
        (read_mentions, changed(SLICE, posts=(msgspec.structs.replace(POST, position=2**61),))),
        (read_mentions, changed(SLICE, posts=(msgspec.structs.replace(POST, created_ms=-(2**62)),))),
        (read_mentions, changed(SLICE, posts=(msgspec.structs.replace(POST, author=-1),))),
        (read_mentions, changed(SLICE, posts=(msgspec.structs.replace(POST, mood=10**9),))),
        (read_bucket, changed(BUCKET, bucket=2**60)),
        (read_bucket, changed(BUCKET, of=0)),
        (read_bucket, changed(BUCKET, number=7)),
        (read_bucket, changed(BUCKET, partitions=2**40)),
        (read_bucket, changed(BUCKET, tallies=(msgspec.structs.replace(TALLY, below=0),))),
        (read_bucket, changed(BUCKET, tallies=(msgspec.structs.replace(TALLY, votes={-3: 0}),))),
        (read_bucket, changed(BUCKET, tallies=(msgspec.structs.replace(TALLY, posts=1 << 62),))),
        (read_bucket, changed(BUCKET, tallies=(msgspec.structs.replace(TALLY, aspects={"water": (0, 5)}),))),
    ],
)
def test_what_is_out_of_range_is_refused(read: Callable[[bytes], object], value: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read(value)


def test_what_redian_writes_is_read_as_it_was() -> None:
    assert read_mentions(changed(SLICE)) == SLICE
    assert read_bucket(changed(BUCKET)) == BUCKET
