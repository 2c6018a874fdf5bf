"""What an ONNX file says of itself, read without loading it: the operator set it needs, and files beside it.

Weights that a graph keeps in other files would be read past the manifest's hashes, from wherever the graph says, so a
model is one file. The walk goes over the wire format of Protocol Buffers; the numbers are those of `onnx.proto`.
"""

from collections.abc import Iterator
from typing import Final

_VARINT: Final = 0
_FIXED64: Final = 1
_BYTES: Final = 2
_FIXED32: Final = 5

_MODEL_OPSET, _MODEL_GRAPH, _MODEL_FUNCTIONS = 8, 7, 25
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_EXTERNAL: Final = 1

_INSIDE: Final = {
    "model": {_MODEL_GRAPH: "graph", _MODEL_FUNCTIONS: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""Where tensors can stand: by kind of message the fields that lead to one, and what they hold."""


class NotOnnx(ValueError):
    """Bytes that do not hold together as Protocol Buffers."""


def opset_of(data: bytes) -> int:
    """Return the version of the standard operators that a model needs, 0 if it does not say.

    Raises:
        NotOnnx: see there.
    """
    for field, value in _fields(memoryview(data)):
        if field == _MODEL_OPSET and isinstance(value, memoryview):
            told = dict(_fields(value))
            version = told.get(_OPSET_VERSION)
            if bytes(_as_view(told.get(_OPSET_DOMAIN))) in (b"", b"ai.onnx"):
                return version if isinstance(version, int) else 0
    return 0


def external_files(data: bytes) -> list[str]:
    """Return the names of files that a model keeps weights in, besides its own.

    Raises:
        NotOnnx: see there.
    """
    return sorted(set(_external(memoryview(data), "model")))


def _external(message: memoryview, kind: str) -> Iterator[str]:
    outside, location = False, ""
    for field, value in _fields(message):
        if isinstance(value, int):
            outside = outside or (kind == "tensor" and field == _TENSOR_LOCATION and value == _EXTERNAL)
        elif field in _INSIDE[kind]:
            yield from _external(value, _INSIDE[kind][field])
        elif kind == "tensor" and field == _TENSOR_EXTERNAL:
            entry = {number: bytes(_as_view(part)) for number, part in _fields(value)}
            if entry.get(_ENTRY_KEY) == b"location":
                location = entry.get(_ENTRY_VALUE, b"").decode("utf-8", "replace")
    if outside or location:
        yield location or "a file without a name"


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield (number, value) of each field: an integer, or the bytes of what has a length."""
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at)
        field, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield field, value
        elif wire == _BYTES:
            size, at = _varint(message, at)
            if at + size > end:
                raise NotOnnx("a field is longer than what holds it")
            yield field, message[at : at + size]
            at += size
        elif wire in (_FIXED32, _FIXED64):
            at += 4 if wire == _FIXED32 else 8
        else:
            raise NotOnnx(f"there is no wire type {wire}")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise NotOnnx("a number does not end")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _as_view(value: int | memoryview | None) -> memoryview:
    return value if isinstance(value, memoryview) else memoryview(b"")
