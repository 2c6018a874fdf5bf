"""What sources decide: repeats, dates, silence."""

from hypothesis import given
from hypothesis import strategies as st

from agents.adapters.sources.backoff import LONGEST_S, Backoff
from agents.adapters.sources.fetching import seconds_of
from streams.ingesting.dates import claimed, settled
from streams.ingesting.recent import RecentIds
from streams.ingesting.rhythm import HOUR_MS, Rhythm

NOW_MS = 1_772_323_200_000


@given(st.lists(st.integers(0, 50), max_size=300), st.integers(1, 20))
def test_the_newest_generation_is_always_known_and_two_are_kept_at_most(keys: list[int], size: int) -> None:
    recent = RecentIds({0: 0}, size)
    written: list[int] = []
    for key in keys:
        if key in recent:
            continue
        recent.add(key)
        written.append(key)
        recent.turn({0: len(written)})
        assert all(known in recent for known in written[-size:])
        # The log from `since` on holds all that is known: a restart reads back no less.
        known = {old for old in written if old in recent}
        assert known <= set(written[recent.since[0] :])
        assert len(written) - recent.since[0] <= 2 * size


@given(st.integers(0, 2 * NOW_MS), st.integers(0, 2 * NOW_MS))
def test_nothing_live_is_dated_after_its_arrival_unless_the_date_is_wrong(created: int, arrived: int) -> None:
    moved = settled(created, arrived)
    assert moved == created or (moved == arrived < created)
    assert claimed(created, arrived) <= arrived
    assert claimed(None, arrived) == arrived


def test_silence_is_judged_by_the_hour_of_past_days() -> None:
    rhythm = Rhythm()
    at = NOW_MS // (24 * HOUR_MS) * 24 * HOUR_MS
    for hour in range(48):  # busy by day, two posts an hour by night
        for _ in range(2 if hour % 24 < 8 else 720):
            rhythm.heard(1, at)
        at += HOUR_MS
    night, day = at - 1, at + 12 * HOUR_MS
    rhythm.heard(1, night)
    assert not rhythm.stalled(night + 3 * HOUR_MS)
    for minute in range(12 * 60):
        rhythm.heard(12, night + minute * 60_000)
    assert not rhythm.stalled(day - 60_000 + 20_000)
    assert rhythm.stalled(day + 5 * 60_000)


def test_a_source_never_heard_is_no_stall_yet() -> None:
    assert not Rhythm().stalled(NOW_MS)


def test_a_wait_is_bounded_and_begins_anew_after_a_good_reading() -> None:
    import random

    backoff = Backoff(random.Random(1))
    waits = [backoff.after(0) for _ in range(2000)]
    assert max(waits) <= LONGEST_S
    assert waits[0] <= 1
    assert backoff.after(120_000) <= 1
    assert 3600 <= backoff.after(0, 3600) <= 3601
    assert backoff.after(0, 10**9) <= 86_401
    assert backoff.after(0, -5) >= 0


def test_retry_after_is_read_as_a_number_or_a_date() -> None:
    assert seconds_of("120", NOW_MS) == 120
    assert seconds_of("Sun, 01 Mar 2026 00:02:00 GMT", NOW_MS) == 120
    assert seconds_of("Sat, 28 Feb 2026 00:00:00 GMT", NOW_MS) == 0
    assert seconds_of("soon", NOW_MS) is None
    assert seconds_of("9" * 400, NOW_MS) is None
    assert seconds_of(None, NOW_MS) is None
