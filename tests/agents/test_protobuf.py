"""Protobuf by schemas at run time: what was written is read, whatever else the bytes are is said and never raised."""

import base64
import contextlib
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP
from hypothesis import given
from hypothesis import strategies as st

from agents.adapters.sources.protobuf import BadSchema, BadValue, Schema
from tests.sources.servers.registry_api import (
    BYTES,
    ENUM,
    INT64,
    MESSAGE,
    STRING,
    people_schema,
    post_schema,
)

FIRST, NESTED = b"\0", b"\x04\x02\x00"
"""Index of the first message; of the first within the second: two numbers, zigzag."""


def base64_of(file: FileDescriptorProto) -> str:
    return base64.b64encode(file.SerializeToString()).decode()


def all_kinds() -> FileDescriptorProto:
    """Return a file whose first message has a field of each kind that becomes something of its own."""
    file = FileDescriptorProto(name="kinds.proto", package="k", syntax="proto3")
    file.dependency.append("google/protobuf/timestamp.proto")
    message = file.message_type.add(name="Kinds")
    message.field.add(name="text", number=1, type=STRING, label=1)
    message.field.add(name="number", number=2, type=INT64, label=1)
    message.field.add(name="raw", number=3, type=BYTES, label=3)
    message.field.add(name="mood", number=4, type=ENUM, type_name=".k.Mood", label=1)
    message.field.add(name="when", number=5, type=MESSAGE, type_name=".google.protobuf.Timestamp", label=1)
    message.field.add(name="inner", number=6, type=MESSAGE, type_name=".k.Kinds", label=1)
    message.field.add(name="counts", number=7, type=MESSAGE, type_name=".k.Kinds.CountsEntry", label=3)
    entry = message.nested_type.add(name="CountsEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=STRING, label=1)
    entry.field.add(name="value", number=2, type=INT64, label=1)
    mood = file.enum_type.add(name="Mood")
    mood.value.add(name="CALM", number=0)
    mood.value.add(name="ANGRY", number=1)
    return file


def message_class() -> Any:
    pool = DescriptorPool()
    pool.AddSerializedFile(TIMESTAMP.serialized_pb)
    return GetMessageClass(pool.AddSerializedFile(all_kinds().SerializeToString()).message_types_by_name["Kinds"])


def test_each_kind_of_field_becomes_what_a_mapping_can_take() -> None:
    made = message_class()(text="", number=1 << 60, raw=[b"\xff", b""], mood=1, counts={"a": 3})
    made.when.seconds = 1_772_323_200
    made.inner.text = "inside"
    read = Schema(base64_of(all_kinds())).read(FIRST + made.SerializeToString())
    assert read == {
        "text": "",
        "number": 1 << 60,
        "raw": ["/w==", ""],
        "mood": "ANGRY",
        "when": "2026-03-01T00:00:00Z",
        "inner": {"text": "inside", "number": 0, "raw": [], "mood": "CALM", "counts": {}},
        "counts": {"a": 3},
    }
    assert Schema(base64_of(all_kinds())).read(FIRST + message_class()(mood=7).SerializeToString())["mood"] == 7


def test_a_message_within_a_message_is_found_by_its_index_and_an_import_that_nobody_needs_is_left_out() -> None:
    schema = Schema(base64_of(post_schema()), [("common/people.proto", base64_of(people_schema()))])
    assert schema.read(NESTED + b"\x0a\x02p1\x2a\x02\x08\x07") == {
        "id": "p1",
        "platform": "",
        "text": "",
        "writer": {"id": 7},
    }
    assert schema.read(FIRST) == {}


@pytest.mark.parametrize(
    "value",
    [b"", b"\x04", b"\x04\x02", b"\x02\x04", b"\x02\x01", b"\x80" * 9, b"\x40" + b"\0" * 40, NESTED + b"\xff\xff",
     NESTED + b"\x0a\x05ab"],
)  # fmt: skip
def test_bytes_that_are_no_message_are_said_to_be_none(value: bytes) -> None:
    schema = Schema(base64_of(post_schema()), [("common/people.proto", base64_of(people_schema()))])
    with pytest.raises(BadValue):
        schema.read(value)


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_they_are_read_or_refused(value: bytes) -> None:
    with contextlib.suppress(BadValue):
        Schema(base64_of(all_kinds())).read(FIRST + value)


def test_a_date_beyond_the_calendar_is_refused() -> None:
    made = message_class()()
    made.when.seconds = 1 << 60
    with pytest.raises(BadValue, match="Timestamp"):
        Schema(base64_of(all_kinds())).read(FIRST + made.SerializeToString())


@pytest.mark.parametrize("serialized", ["%", "None", "aGVsbG8gd29ybGQ=", base64_of(post_schema())])
def test_what_is_no_schema_is_said_to_be_none(serialized: str) -> None:
    with pytest.raises(BadSchema):
        Schema(serialized)


def test_a_schema_without_messages_has_none_to_read() -> None:
    with pytest.raises(BadValue, match="no message 0"):
        Schema("").read(FIRST)


def test_a_type_that_nobody_has_is_missed() -> None:
    file = all_kinds()
    del file.enum_type[:]
    with pytest.raises(BadSchema):
        Schema(base64_of(file))
