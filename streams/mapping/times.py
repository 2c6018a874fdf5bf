"""Dates as platforms write them, to RFC 3339: a named form or a strptime format; never a guess."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import msgspec

from streams.contracts.times import format_time, to_ms

FORMS: Final = ("rfc3339", "unix", "unix_ms", "unix_us")
_PER_SECOND: Final = {"unix": 1, "unix_ms": 1000, "unix_us": 1_000_000}


def written(value: object, form: str, offset_min: int | None) -> str:
    """Return a date as RFC 3339 in UTC.

    Args:
        value: what the record has.
        form: one of `FORMS`, or a format of strptime.
        offset_min: of a time zone, for dates that name none.

    Raises:
        ValueError: it is no such date, or names no instant.
    """
    if form in _PER_SECOND:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError("is no number")
        number = float(value)
        if not abs(number) < 1e18:
            raise ValueError("is no date")
        return format_time(int(number * 1000 / _PER_SECOND[form]))
    if not isinstance(value, str):
        raise ValueError("is no text")
    moment = _read(value.strip(), form)
    if moment.tzinfo is None:
        if offset_min is None:
            raise ValueError("names no time zone; give the mapping an offset, such as +08:00")
        moment = moment.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    return format_time(to_ms(moment.astimezone(UTC)))


def _read(text: str, form: str) -> datetime:
    if form == "rfc3339":
        return msgspec.convert(text, datetime)
    return datetime.strptime(text, form)  # noqa: DTZ007 - the caller asks for a zone
