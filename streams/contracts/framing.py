"""How lines of a file become messages on `posts`: the same for `replay` and `backtest`, so that both read one log.

Message i goes to partition i modulo N. A usable post joins its neighbours in a list; any other line travels alone, as
it is, so that it can spoil nothing but itself. A heartbeat (an empty list) to every partition ends the log and lets
time pass the last bucket.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from streams.contracts.times import EARLIEST_MS, bucket_end_ms, bucket_of, to_ms

ARRIVED_AT = "arrived_at"
"""Name of the header that carries the arrival time of a message: RFC 3339, or milliseconds as decimal digits."""

HEARTBEAT = b"[]"

LIST_BYTES = 256 * 1024
"""A list of posts is closed before it grows past this, so that many long posts still fit a message."""


class Framed(msgspec.Struct, frozen=True):
    """One message: its partition, its value, its arrival time for the header (ms)."""

    partition: int
    value: bytes
    arrived_ms: int


class _Dated(msgspec.Struct):
    created_at: datetime


_DATED = msgspec.json.Decoder(_Dated)


def created_of(line: bytes) -> int | None:
    """Return when the post of a line was created (ms), None where the line does not say."""
    try:
        return to_ms(_DATED.decode(line).created_at)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def messages_of(
    lines: Iterable[bytes], *, posts_per_message: int, partitions: int, lateness_ms: int, now_ms: int
) -> Iterator[Framed]:
    """Yield the messages of a log of posts, heartbeats last.

    A message arrives when the newest of its posts was created. A post dated after `now_ms` cannot set that time: it
    keeps the arrival of what stood before it, and intake dead-letters it.

    Args:
        lines: JSON objects, one a line, in order of creation up to the lateness. Empty lines are skipped.
        posts_per_message: how many posts a list holds at most.
        partitions: N of `posts`.
        lateness_ms: what closes the last bucket.
        now_ms: the present, as the caller knows it.
    """
    number, newest, latest = 0, EARLIEST_MS, EARLIEST_MS
    held: list[bytes] = []
    size = 0

    def framed(value: bytes, arrived_ms: int) -> Framed:
        nonlocal number
        number += 1
        return Framed((number - 1) % partitions, value, arrived_ms)

    for raw in lines:
        line = raw.strip()
        if not line:
            continue
        created = created_of(line)
        if created is None or not EARLIEST_MS <= created <= now_ms:
            if held:
                yield framed(b"[" + b",".join(held) + b"]", newest)
                held, newest, size = [], EARLIEST_MS, 0
            yield framed(line, latest)
            continue
        if held and size + len(line) > LIST_BYTES:
            yield framed(b"[" + b",".join(held) + b"]", newest)
            held, newest, size = [], EARLIEST_MS, 0
        held.append(line)
        size += len(line) + 1
        newest = max(newest, created)
        latest = max(latest, created)
        if len(held) >= posts_per_message:
            yield framed(b"[" + b",".join(held) + b"]", newest)
            held, newest, size = [], EARLIEST_MS, 0
    if held:
        yield framed(b"[" + b",".join(held) + b"]", newest)
    if latest > EARLIEST_MS:
        end = bucket_end_ms(bucket_of(latest)) + lateness_ms
        for partition in range(partitions):
            yield Framed(partition, HEARTBEAT, end)
