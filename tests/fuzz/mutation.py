"""Bytes with something wrong in them: structure-aware where the value can be read, byte by byte where it cannot.

A fuzzer that knows only bytes rarely gets past a decoder; one that knows the format changes a number, drops a field or
repeats a list inside a value that still reads.
"""

import random
from collections.abc import Callable
from typing import Any, Final

import msgspec

TOKENS: Final = (
    b"[", b"]", b"{", b"}", b",", b":", b'"', b"\\", b"\\u", b"\\ud83d", b"\\ude00", b"null", b"1e999", b"\xff",
    b"\x00", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b'"id"', b'"text"', b'"created_at"', b"2026-02-28T23:59:00Z",
    b"#", b"@", b"//@", b"RT @a: ", b"http://", b"&#x202e;", b"\xe2\x80\x8d", b"\xef\xb7\xba", b"\xcc\x81" * 9,
    b"[" * 40, b"user@example.com", b"6222021234567890128", b"+8613812345678",
)  # fmt: skip
ODD: Final = (
    None, True, 0, -1, 1, 2**31, 2**32, 2**53, 2**63 - 1, -(2**63), 2**64 - 1, 0.0, -0.0, 1e308, -1e308, 1e-320, "",
    "\x00", "\ud800", "x" * 300, "2026-02-28T23:59:00Z", "9999-12-31T23:59:59+00:00", "ﷺ" * 40,
    "👨‍👩‍👧", b"", b"\xff" * 7, [], {}, [[]],
)  # fmt: skip
_FLOATS: Final = (float("nan"), float("inf"), float("-inf"))

PACKED: Final = ("terms", "bursts", "snapshots", "mentions", "watchlists.buckets")
"""Targets whose values are msgpack, the others are JSON."""


def mutated(data: bytes, chance: random.Random, *, packed: bool) -> bytes:
    """Return `data` with one to four things changed.

    Args:
        data: a value, or anything.
        chance: decides.
        packed: whether it is MessagePack, else JSON.
    """
    for _ in range(chance.randint(1, 4)):
        structured = chance.random() < 0.6
        data = _in_structure(data, chance, packed=packed) if structured else _in_bytes(data, chance)
    return data


def _in_structure(data: bytes, chance: random.Random, *, packed: bool) -> bytes:
    codec: Any = msgspec.msgpack if packed else msgspec.json
    try:
        value = _changed(codec.decode(data), chance, packed=packed)
        return bytes(codec.encode(value))
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError, TypeError):
        return _in_bytes(data, chance)


def _changed(value: Any, chance: random.Random, *, packed: bool) -> Any:
    """Return `value` with one place in it changed."""
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        kind = chance.random()
        if kind < 0.08:
            return value[:place] + value[place + 1 :]
        if kind < 0.14:
            return value[:place] + [value[place]] * chance.choice((2, 3, 100)) + value[place + 1 :]
        if kind < 0.2:
            return value[place:] + value[:place]
        return [*value[:place], _changed(value[place], chance, packed=packed), *value[place + 1 :]]
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        kind = chance.random()
        if kind < 0.1:
            return {name: held for name, held in value.items() if name != key}
        if kind < 0.15:
            return {**value, chance.choice(("", "schema", "id", "\x00")): value[key]}
        return {**value, key: _changed(value[key], chance, packed=packed)}
    return _odd(value, chance, packed=packed)


def _odd(value: Any, chance: random.Random, *, packed: bool) -> Any:
    near: list[Callable[[], Any]] = [lambda: chance.choice(ODD + _FLOATS if packed else ODD)]
    if isinstance(value, int) and not isinstance(value, bool):
        near += [lambda: value + chance.choice((-1, 1, 60_000, 2**16, 2**32)), lambda: -value]
    if isinstance(value, str):
        token = chance.choice(TOKENS).decode("utf-8", "replace")
        place = chance.randint(0, len(value))
        near += [lambda: value[:place] + token + value[place:], lambda: value[:place], lambda: value * 3]
    if isinstance(value, bytes):
        near += [lambda: _in_bytes(value, chance), lambda: value + value[-8:], lambda: value[:-8]]
    return chance.choice(near)()


def _in_bytes(data: bytes, chance: random.Random) -> bytes:
    place = chance.randint(0, len(data))
    end = min(len(data), place + chance.choice((1, 1, 2, 8, 64)))
    kind = chance.randrange(5)
    if kind == 0:
        return data[:place] + data[end:]
    if kind == 1:
        return data[:place] + chance.choice(TOKENS) + data[place:]
    if kind == 2:
        return data[:place] + data[place:end] * chance.choice((2, 3, 50)) + data[end:]
    if kind == 3:
        return data[:place] + bytes(chance.randrange(256) for _ in range(end - place)) + data[end:]
    return data[:place]
