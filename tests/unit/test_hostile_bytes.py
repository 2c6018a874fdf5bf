"""Hostile bytes on every topic that Redian reads: what `make fuzz` looks for, in short, and what it has found."""

import contextlib
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.briefs.reading import read_hotspot
from streams.contracts.times import EARLIEST_MS
from streams.counting.parts import decode_part, encode_part
from streams.intake import Record, arrival_ms
from streams.intake.decoding import split
from streams.snapshots import newest_of
from streams.stories.reading import read_record
from tests.fuzz.mutation import PACKED, mutated
from tests.fuzz.targets import CHECKS, INTAKE, NOW_MS, record_of_bucket, seeds


@pytest.mark.parametrize("topic", CHECKS)
def test_what_redian_writes_it_reads(topic: str) -> None:
    assert seeds()[topic]
    for value in seeds()[topic]:
        CHECKS[topic](value)


@pytest.mark.parametrize("topic", CHECKS)
@given(st.integers(0, 2**32), st.integers(0, 100))
@settings(max_examples=200, deadline=None)
def test_changed_values_neither_crash_nor_lose_anything(topic: str, seed: int, place: int) -> None:
    values = seeds()[topic]
    CHECKS[topic](mutated(values[place % len(values)], random.Random(seed), packed=topic in PACKED))


@pytest.mark.parametrize("topic", CHECKS)
@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_neither_crash_nor_lose_anything(topic: str, value: bytes) -> None:
    CHECKS[topic](value)


def test_a_list_that_a_brace_closes_keeps_its_brace() -> None:
    assert list(split(b"[1}")) == [b"1", b"}"]
    assert [letter.original for letter in INTAKE.take(Record("posts", 0, 0, b"[}", NOW_MS)).dead] == [b"", b"}"]


@pytest.mark.parametrize("read", [decode_part, read_record, read_hotspot])
def test_a_string_that_is_not_utf8_is_refused_as_any_other_fault(read: object) -> None:
    value = {decode_part: seeds()["terms"][0], read_record: seeds()["bursts"][0], read_hotspot: seeds()["hotspots"][0]}[
        read
    ]  # type: ignore[index]
    for at in range(len(value)):
        broken = value[:at] + b"\xff" + value[at + 1 :]
        with contextlib.suppress(msgspec.MsgspecError):
            read(broken)  # type: ignore[operator]


def test_a_snapshot_record_that_is_not_utf8_is_passed_over() -> None:
    assert newest_of([("stories/a", b"\x99\x01\xa2\xff\xfe")]).newest == {}


def test_a_record_without_a_timestamp_does_not_let_time_begin_before_2005() -> None:
    assert arrival_ms(Record("posts", 0, 0, b"[]", -1)) == EARLIEST_MS
    assert arrival_ms(Record("posts", 0, 0, b"[]", 0, {"arrived_at": b"5"})) == EARLIEST_MS


@pytest.mark.parametrize(
    "wrong",
    [
        {"shard": -1},
        {"partition": 3},
        {"partitions": 0},
        {"start": 9, "end": 8},
        {"first": 0},
        {"watermark": 1 << 62},
        {"posts": 0},
        {"posts": 1 << 63},
        {"ids": []},
        {"author": b"short"},
        {"counts": b"\xff\xff\xff\xff"},
        {"rows": b"\xff\xff\xff\xff"},
        {"terms": ["b", "a"]},
        {"accounts": [5] * 999},
        {"places": ["Turin"] * 999},
        {"schema": 9},
    ],
    ids=str,
)
def test_a_part_that_does_not_hold_together_is_refused(wrong: dict[str, object]) -> None:
    part = msgspec.structs.replace(decode_part(seeds()["terms"][0]), **wrong)
    with pytest.raises(msgspec.ValidationError):
        decode_part(encode_part(part))


@pytest.mark.parametrize(
    "wrong",
    [{"log10_p": float("nan")}, {"log10_p": 3.0}, {"expected": float("inf")}, {"hashes": b"odd"}, {"term": ""},
     {"series": (-1,)}, {"series": (1 << 37,)}, {"authors": (1, 1, 1, (1 << 64) - 1)}, {"posts": (1 << 63)}],
    ids=str,
)  # fmt: skip
def test_a_burst_that_does_not_hold_together_is_refused(wrong: dict[str, object]) -> None:
    record = record_of_bucket(29_538_720)
    burst = msgspec.structs.replace(record.bursts[0], **wrong)
    with pytest.raises(msgspec.ValidationError):
        read_record(msgspec.msgpack.encode(msgspec.structs.replace(record, bursts=(burst,))))
