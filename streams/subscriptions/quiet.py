"""Quiet hours: a stretch of the day, in a time zone, in which nobody is told anything."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_SPAN: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def span_of(text: str) -> tuple[time, time]:
    """Read "22:00-07:00".

    Raises:
        ValueError: it is none, or begins when it ends.
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"quiet hours are like 22:00-07:00, not {text}")
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if begin == end:
        raise ValueError(f"quiet hours that begin when they end ({text}) would be all of the day or none")
    return begin, end


def quiet_until(quiet: str, zone: str, now_ms: int) -> int:
    """Return when the quiet hours that hold `now_ms` end; `now_ms` itself outside of them.

    Where the clock is set forward over their end, they end at the first time there is.
    """
    if not quiet:
        return now_ms
    begin, end = span_of(quiet)
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    at = local.time().replace(tzinfo=None)
    inside = begin <= at < end if begin < end else at >= begin or at < end
    if not inside:
        return now_ms
    day = local.date() if at < end else local.date() + timedelta(days=1)
    ends = datetime.combine(day, end, ZoneInfo(zone))
    return max(int(ends.timestamp() * 1000), now_ms + 1)
