"""A large stream that begins: before baselines know it, thousands of terms are news, and its record fits."""

import msgspec

from agents.bench.engine import Load, fresh_shard
from streams.contracts.bursts import RECORD_BYTES, within
from streams.contracts.topics import BURSTS


def test_what_a_shard_says_of_the_first_minutes_of_a_large_stream_fits_a_message() -> None:
    load = Load(posts=24_000, minutes=4, vocabulary=5_000, authors=50_000)
    shard = fresh_shard()
    records = [record for part in load.parts() for record in shard.apply(part)]
    sizes = [len(msgspec.msgpack.encode(record)) for record in records]
    assert max(len(record.bursts) for record in records) > 100
    assert max(sizes) < BURSTS.max_message_bytes - 10_000


def test_of_too_many_bursts_the_strongest_are_told_in_order_of_their_terms() -> None:
    load = Load(posts=8_000, minutes=3, vocabulary=1_000, authors=50_000)
    shard = fresh_shard()
    bursts = max((record.bursts for part in load.parts() for record in shard.apply(part)), key=len)
    told = within(bursts, 100_000)
    assert 0 < len(told) < len(bursts)
    assert sum(len(msgspec.msgpack.encode(burst)) for burst in told) <= 100_000
    assert [burst.term for burst in told] == sorted(burst.term for burst in told)
    left = [burst for burst in bursts if burst not in told]
    assert max(burst.log10_p for burst in told if burst.significant) <= min(
        burst.log10_p for burst in left if burst.significant
    )
    assert within(bursts, RECORD_BYTES) == bursts
