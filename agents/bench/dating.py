"""Dates posts anew, so that a file of a few posts a minute flows like a platform with thousands."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from streams.contracts.times import format_time

_DECODER = msgspec.json.Decoder(dict[str, Any])
_ENCODER = msgspec.json.Encoder()


def at_rate(lines: Iterable[bytes], posts: int, posts_per_second: float, begin_ms: int) -> list[bytes]:
    """Return the first `posts` lines, dated `begin_ms` and then so many a second; at rate 0 with their own dates.

    Raises:
        msgspec.MsgspecError: a line is no JSON object.
    """
    taken = islice(lines, posts)
    return list(taken) if not posts_per_second else list(_dated(taken, posts_per_second, begin_ms))


def _dated(lines: Iterable[bytes], posts_per_second: float, begin_ms: int) -> Iterator[bytes]:
    for number, line in enumerate(lines):
        post = _DECODER.decode(line)
        post["created_at"] = format_time(begin_ms + int(number * 1000 / posts_per_second))
        yield _ENCODER.encode(post)
