"""Quiet hours over midnight, in time zones, and on the days when clocks change."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.subscriptions.quiet import quiet_until, span_of


def ms(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "until"),
    [
        ("", "UTC", "2026-03-01T03:00", "2026-03-01T03:00"),
        ("22:00-07:00", "UTC", "2026-03-01T21:59", "2026-03-01T21:59"),
        ("22:00-07:00", "UTC", "2026-03-01T22:00", "2026-03-02T07:00"),
        ("22:00-07:00", "UTC", "2026-03-02T03:00", "2026-03-02T07:00"),
        ("22:00-07:00", "UTC", "2026-03-02T07:00", "2026-03-02T07:00"),
        ("12:00-13:30", "UTC", "2026-03-02T12:10", "2026-03-02T13:30"),
        ("12:00-13:30", "UTC", "2026-03-02T13:30", "2026-03-02T13:30"),
        ("22:00-07:00", "Asia/Shanghai", "2026-03-02T02:00", "2026-03-02T07:00"),
        ("22:00-07:00", "Europe/Rome", "2026-03-28T23:00", "2026-03-29T07:00"),  # the night is an hour short
        ("22:00-07:00", "Europe/Rome", "2026-10-24T23:00", "2026-10-25T07:00"),  # and an hour long
    ],
)
def test_what_comes_in_quiet_hours_waits_for_their_end(quiet: str, zone: str, now: str, until: str) -> None:
    assert quiet_until(quiet, zone, ms(now, zone)) == ms(until, zone)


def test_an_end_that_the_clock_skips_still_ends_the_night() -> None:
    now = ms("2026-03-29T01:30", "Europe/Rome")
    until = quiet_until("22:00-02:30", "Europe/Rome", now)
    assert now < until <= ms("2026-03-29T04:00", "Europe/Rome")


@given(
    begin=st.integers(0, 1439),
    length=st.integers(1, 1439),
    now=st.integers(1_700_000_000_000, 1_900_000_000_000),
    zone=st.sampled_from(["UTC", "Europe/Rome", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]),
)
def test_the_end_is_never_before_now_nor_more_than_a_day_and_an_hour_away(
    begin: int, length: int, now: int, zone: str
) -> None:
    end = (begin + length) % 1440
    quiet = f"{begin // 60:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    until = quiet_until(quiet, zone, now)
    assert now <= until <= now + 25 * 3_600_000 + 60_000


def test_a_span_is_read() -> None:
    begin, end = span_of("22:05-07:00")
    assert (begin.hour, begin.minute, end.hour) == (22, 5, 7)
