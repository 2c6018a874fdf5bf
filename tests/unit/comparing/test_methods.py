"""Four definitions of hot, by hand-reckoned values."""

import math

import pytest

from streams.comparing.methods import DAY, Mastodon, RawCount, SeasonalEsd, SigniTrend
from streams.comparing.usage import HOUR

TERM = "tag:turin"
MONDAY = 20_500 * DAY


def test_raw_count_is_the_hours_authors() -> None:
    assert RawCount().score(MONDAY, TERM, hour=7) == 7.0


def used(method: Mastodon, day: int, authors: int) -> None:
    for author in range(authors):
        method.see(MONDAY + day * DAY, TERM, author)
        method.see(MONDAY + day * DAY, TERM, author)


def test_mastodon_holds_today_against_yesterday() -> None:
    method = Mastodon()
    used(method, 0, 4)
    used(method, 1, 10)
    assert method.score(MONDAY + DAY, TERM, 0) == pytest.approx((10 - 4) ** 2 / 4)


def test_mastodon_expects_one_account_of_a_new_tag_and_hears_no_fewer_than_five() -> None:
    method = Mastodon()
    used(method, 0, 4)
    assert method.score(MONDAY, TERM, 0) == 0.0
    used(method, 0, 6)
    assert method.score(MONDAY, TERM, 0) == 25.0


def test_mastodon_forgets_a_day_that_was_followed_by_none() -> None:
    method = Mastodon()
    used(method, 0, 50)
    used(method, 2, 6)
    assert method.score(MONDAY + 2 * DAY, TERM, 0) == 25.0


def test_signitrend_of_a_steady_term_is_low_and_of_a_new_one_high() -> None:
    method = SigniTrend()
    for hour in range(400):
        method.learn(MONDAY + hour * HOUR + HOUR - 1, {TERM: 20}, 100)
    now = MONDAY + 400 * HOUR + HOUR - 1
    assert abs(method.score(now, TERM, 20)) < 0.5
    # (40 of 100 - what is usual of a rare term, 1) / (no deviation yet + 1)
    assert method.score(now, "tag:new", 40) == pytest.approx((0.40 - 0.01) / 0.01)


def test_signitrend_of_epochs_without_a_term_is_what_step_by_step_gives() -> None:
    leaping, stepping = SigniTrend(), SigniTrend()
    ends = [MONDAY + hour * HOUR + HOUR - 1 for hour in range(30)]
    for end in ends[:3]:
        leaping.learn(end, {TERM: 30}, 100)
        stepping.learn(end, {TERM: 30}, 100)
    for end in ends[3:29]:
        leaping.learn(end, {}, 100)
        stepping.learn(end, {TERM: 0}, 100)
    assert leaping.score(ends[29], TERM, 50) == pytest.approx(stepping.score(ends[29], TERM, 50))


def test_esd_knows_the_hour_of_the_day() -> None:
    method = SeasonalEsd()
    method.see(MONDAY, TERM, 1)
    for hour in range(24 * 6):
        count = 50 if hour % 24 == 12 else 2 + hour % 2
        method.learn(MONDAY + hour * 60 + 59, {TERM: count}, 1000)
    noon = MONDAY + 6 * DAY + 12 * 60
    assert method.score(noon, TERM, hour=50) == 0.0
    assert method.score(noon - 120, TERM, hour=50) == pytest.approx(48.0)


def test_esd_of_a_term_never_used_is_the_count_over_one_author() -> None:
    method = SeasonalEsd()
    method.see(MONDAY, TERM, 1)
    assert method.score(MONDAY, TERM, 9) == 0.0
    assert method.score(MONDAY + DAY, TERM, 9) == 9.0
    assert math.isfinite(method.score(MONDAY + 100 * DAY, TERM, 9))
