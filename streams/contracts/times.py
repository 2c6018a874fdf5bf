"""Event time: milliseconds since the epoch, UTC, cut into buckets of one minute."""

from datetime import UTC, datetime
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

BUCKET_MS = 60_000
"""Length of a bucket. Part of the meaning of every id and count, so it is a constant and not a setting."""

EARLIEST_MS = 1_104_537_600_000
"""2005-01-01: no post of a social platform is older, so an earlier date is a wrong one."""

LATEST_MS = 253_402_300_799_999
"""The end of the year 9999: no time that Redian can write lies beyond."""

FUTURE_MS = 5 * 60_000
"""How far `created_at` may lie after the arrival of its post: clocks differ, but not by more."""


def bucket_of(time_ms: int) -> int:
    """Return the number of the bucket that holds `time_ms`."""
    return time_ms // BUCKET_MS


def bucket_end_ms(bucket: int) -> int:
    """Return the first millisecond after `bucket`."""
    return (bucket + 1) * BUCKET_MS


def format_time(time_ms: int) -> str:
    """Write `time_ms` as RFC 3339 in UTC with milliseconds, the one form Redian publishes."""
    return f"{_format_second(time_ms // 1000)}.{time_ms % 1000:03d}Z"


@lru_cache(maxsize=1024)
def _format_second(time_s: int) -> str:
    return f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%dT%H:%M:%S}"


def to_ms(moment: datetime) -> int:
    """Return an aware datetime as milliseconds since the epoch, rounded down.

    Raises:
        ValueError: `moment` has no time zone, so it names no instant.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone names no instant")
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
