"""Protobuf by schemas that come at run time: descriptors in, messages as plain values out. No code is generated."""

import base64
from collections.abc import Iterable
from typing import Any, Final

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

_KNOWN: Final = (
    any_pb2, descriptor_pb2, duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2,
)  # fmt: skip
"""Files that every schema may import, without a registry that has them."""
_OWN_FORM: Final = "google.protobuf."
_DEEPEST: Final = 16
"""Messages within messages that an index may lead through."""


class BadSchema(Exception):
    """What a registry gave is no Protobuf, or needs what it did not give."""


class BadValue(Exception):
    """Bytes that are no message of their schema."""


class Schema:
    """One file of messages.

    Args:
        serialized: its `FileDescriptorProto` in base64, as registries give it.
        imports: the files that it imports, by the names under which it does, each behind those that it imports itself.

    Raises:
        BadSchema: see there.
    """

    def __init__(self, serialized: str, imports: Iterable[tuple[str, str]] = ()) -> None:
        pool = DescriptorPool()
        there = set()
        for known in _KNOWN:
            pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
            there.add(known.DESCRIPTOR.name)
        for name, text in imports:
            if name not in there:
                _add(pool, name, text, there)
        self._file = _add(pool, "the schema", serialized, there)

    def read(self, data: bytes) -> Any:
        """Return what a value says: the index of its message in the file, then the message (Confluent's framing).

        Numbers stay numbers, bytes become base64, dates and the other types that have a form of their own in JSON that.

        Raises:
            BadValue: see there.
        """
        index, begin = _index(data)
        try:
            message = GetMessageClass(self._message(index)).FromString(data[begin:])
        except (DecodeError, RecursionError) as error:
            raise BadValue(f"the value is no message of its schema: {error}") from None
        return _plain(message)

    def _message(self, index: list[int]) -> Descriptor:
        messages: list[Descriptor] = list(self._file.message_types_by_name.values())
        found: Descriptor | None = None
        for number in index:
            if not 0 <= number < len(messages):
                raise BadValue(f"the schema has no message {'.'.join(map(str, index))}")
            found = messages[number]
            messages = list(found.nested_types)
        if found is None:
            raise BadValue("the value does not say which message it is")
        return found


def _add(pool: DescriptorPool, name: str, serialized: str, there: set[str]) -> FileDescriptor:
    """Add a file to a pool; what it imports and nobody has is left out, and missed if it is needed."""
    file = descriptor_pb2.FileDescriptorProto()
    try:
        file.ParseFromString(base64.b64decode(serialized, validate=True))
        file.name = name
        had = [imported for imported in file.dependency if imported in there]
        del file.dependency[:], file.public_dependency[:], file.weak_dependency[:]
        file.dependency.extend(had)
        made = pool.AddSerializedFile(file.SerializeToString())
    except (DecodeError, TypeError, ValueError) as error:
        raise BadSchema(f"{name}: {error}") from None
    there.add(name)
    return made


def _index(data: bytes) -> tuple[list[int], int]:
    """Return which message a value is, and where the message begins. One byte 0 stands for the first message."""
    count, place = _zigzag(data, 0)
    if not 0 <= count <= _DEEPEST:
        raise BadValue(f"an index of {count} numbers")
    index = []
    for _ in range(count):
        number, place = _zigzag(data, place)
        index.append(number)
    return index or [0], place


def _zigzag(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 35, 7):
        if place >= len(data):
            break
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), place
    raise BadValue("the value does not say which message it is")


def _plain(message: Message) -> Any:
    if message.DESCRIPTOR.full_name.startswith(_OWN_FORM):
        try:
            return MessageToDict(message)
        except Exception as error:  # noqa: BLE001 - a date beyond the calendar, an Any of an unknown type
            raise BadValue(f"{message.DESCRIPTOR.full_name}: {error}") from None
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        if field.has_presence and not message.HasField(field.name):
            continue
        value = getattr(message, field.name)
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            of = kind.fields_by_name["value"]
            found[field.name] = {str(key): _value(of, value[key]) for key in value}
        elif field.is_repeated:
            found[field.name] = [_value(field, item) for item in value]
        else:
            found[field.name] = _value(field, value)
    return found


def _value(field: FieldDescriptor, value: Any) -> Any:
    if field.type in (FieldDescriptor.TYPE_MESSAGE, FieldDescriptor.TYPE_GROUP):
        return _plain(value)
    if field.type == FieldDescriptor.TYPE_ENUM:
        named = field.enum_type.values_by_number.get(value)
        return value if named is None else named.name
    if field.type == FieldDescriptor.TYPE_BYTES:
        return base64.b64encode(value).decode()
    return value
