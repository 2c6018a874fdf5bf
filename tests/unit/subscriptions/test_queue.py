"""A subscriber's queue: nothing twice, nothing lost silently, everything bounded."""

import random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.contracts.subscriptions import Rule, Subscriber, SubscriberState, Waiting
from streams.subscriptions.queue import (
    BATCH,
    MAX_TOLD,
    MAX_WAITING,
    MINUTE_MS,
    RETRIES_S,
    acknowledged,
    begin,
    disabled,
    due_ms,
    ended,
    enter,
    failed,
    has_seen,
    message_id,
)

NOW = 1_772_323_200_000


def subscriber(rule: Rule | None = None, **fields: object) -> Subscriber:
    known = {
        "name": "s",
        "version": 1,
        "edit": "e",
        "channel": "webhook",
        "address": "https://x",
        "rule": rule or Rule(),
    }
    return Subscriber(**{**known, **fields})  # type: ignore[arg-type]


def entry(offset: int, hotspot: str | None = None) -> Waiting:
    return Waiting(offset, f"a{offset}", hotspot or f"h{offset}", 0)


def put(state: SubscriberState, rule: Rule, *entries: Waiting, now: int = NOW) -> SubscriberState:
    for one in entries:
        state, _ = enter(state, rule, one, now)
    return state


def test_alerts_are_told_one_by_one_in_order() -> None:
    told = []
    state = put(SubscriberState(name="s"), Rule(), entry(0), entry(1), entry(2))
    while due_ms(state, subscriber(), NOW) == NOW:
        state = begin(state, Rule(), NOW)
        told.append([one.offset for one in state.waiting[: state.in_flight]])
        state = ended(state, NOW, told=True)
    assert told == [[0], [1], [2]]
    assert due_ms(state, subscriber(), NOW) is None


def test_a_digest_takes_all_that_came_and_keeps_its_interval() -> None:
    rule = Rule(digest_min=30)
    state = begin(put(SubscriberState(name="s"), rule, *map(entry, range(3))), rule, NOW)
    assert state.in_flight == 3
    state = put(ended(state, NOW, told=True), rule, entry(3))
    assert due_ms(state, subscriber(rule), NOW + 1) == NOW + 30 * MINUTE_MS
    many = put(SubscriberState(name="s"), rule, *map(entry, range(BATCH + 9)))
    assert begin(many, rule, NOW).in_flight == BATCH


def test_within_the_cooldown_only_the_newest_is_kept_and_told_at_the_end() -> None:
    rule = Rule(cooldown_min=60)
    state = put(SubscriberState(name="s"), rule, entry(0, "h"))
    state = ended(begin(state, rule, NOW), NOW, told=True)
    state = put(state, rule, entry(1, "h"), entry(2, "h"), entry(3, "other"), now=NOW + 1000)
    assert [one.offset for one in state.waiting] == [2, 3]
    state = begin(state, rule, NOW + 1000)
    assert [one.offset for one in state.waiting[: state.in_flight]] == [3]  # the other hotspot does not wait for it
    state = ended(state, NOW + 1000, told=True)
    assert due_ms(state, subscriber(rule), NOW + 2000) == NOW + 60 * MINUTE_MS


ESCALATED = Rule(escalate_min=15)


def test_an_alert_that_nobody_judges_is_escalated_after_its_time() -> None:
    state = put(SubscriberState(name="s"), ESCALATED, entry(0, "h"))
    assert due_ms(state, subscriber(ESCALATED), NOW) == NOW + 15 * MINUTE_MS


def test_a_hotspot_that_grows_meanwhile_is_escalated_at_once_with_its_newest_alert() -> None:
    state = put(SubscriberState(name="s"), ESCALATED, entry(0, "h"), entry(1, "other"))
    state = put(state, ESCALATED, entry(2, "h"), now=NOW + MINUTE_MS)
    state = begin(state, ESCALATED, NOW + MINUTE_MS)
    assert [one.offset for one in state.waiting[: state.in_flight]] == [2]
    state = ended(state, NOW + MINUTE_MS, told=True)
    assert [one.offset for one in state.waiting] == [1]
    state = put(state, ESCALATED, entry(3, "h"), now=NOW + 2 * MINUTE_MS)
    assert due_ms(state, subscriber(ESCALATED), NOW + 2 * MINUTE_MS) == NOW + 2 * MINUTE_MS  # it was told and grows


def test_what_someone_judged_is_not_escalated() -> None:
    state = put(SubscriberState(name="s"), ESCALATED, entry(0, "h"), entry(1, "other"))
    state, settled = acknowledged(state, {"h"})
    assert settled == ("a0",)
    assert [one.about for one in state.waiting] == ["other"]
    going = begin(state, ESCALATED, NOW + 15 * MINUTE_MS)
    assert acknowledged(going, {"other"}) == (going, ())  # what is on its way stays


def test_turns_of_moods_have_a_count_of_their_own_and_wait_for_no_judgement() -> None:
    turn = Waiting(7, "m7", "watchlist tesla", 0, mood=True)
    state = put(SubscriberState(name="s", matched=3), ESCALATED, turn)
    assert (state.matched, state.matched_moods) == (3, 8)
    assert has_seen(state, turn)
    assert not has_seen(state, Waiting(7, "a7", "h", 0))
    assert due_ms(state, subscriber(ESCALATED), NOW) == NOW


def test_quiet_hours_hold_everything_back() -> None:
    rule = Rule(quiet="22:00-07:00")
    state = put(SubscriberState(name="s"), rule, entry(0), entry(1))
    assert due_ms(state, subscriber(rule), NOW) == NOW + 7 * 60 * MINUTE_MS  # NOW is midnight
    assert begin(state, rule, NOW + 7 * 60 * MINUTE_MS).in_flight == 2


def test_what_fails_is_tried_for_days_then_given_up() -> None:
    state = begin(put(SubscriberState(name="s"), Rule(), entry(0)), Rule(), NOW)
    now, waits = NOW, []
    while (later := failed(state, now, 0.5)) is not None:
        assert due_ms(later, subscriber(), now) == later.retry_ms
        waits.append((later.retry_ms - now) // 1000)
        state, now = later, later.retry_ms
    assert waits == list(RETRIES_S)
    assert 2.5 < (now - NOW) / 86_400_000 < 4
    assert failed(replace(state, attempts=0), now, 0.0, after_s=600.0).retry_ms == now + 600_000  # type: ignore[union-attr]
    assert failed(replace(state, attempts=0), now, 0.0, after_s=1e9).retry_ms == now + 86_400_000  # type: ignore[union-attr]


def test_many_who_fail_at_once_do_not_come_back_at_once() -> None:
    state = begin(put(SubscriberState(name="s"), Rule(), entry(0)), Rule(), NOW)
    for attempt, planned in enumerate(RETRIES_S):
        waits = [
            failed(replace(state, attempts=attempt), NOW, chance / 100).retry_ms - NOW  # type: ignore[union-attr]
            for chance in range(100)
        ]
        assert len(set(waits)) == 100
        assert planned * 800 <= min(waits) < max(waits) <= planned * 1200


def test_a_disabled_subscriber_is_told_nothing_until_it_is_edited() -> None:
    state = begin(put(SubscriberState(name="s"), Rule(), entry(0)), Rule(), NOW)
    state = disabled(state, subscriber(), "gone")
    assert due_ms(state, subscriber(), NOW) is None
    assert due_ms(state, subscriber(version=2), NOW) == NOW
    assert due_ms(state, subscriber(version=2, paused=True), NOW) is None


def test_the_id_of_a_message_depends_on_who_and_what_alone() -> None:
    assert message_id("s", ["a", "b"]) == message_id("s", ["a", "b"])
    assert (
        len({message_id("s", ["a"]), message_id("t", ["a"]), message_id("s", ["a", "b"]), message_id("s", ["ab"])}) == 4
    )


def test_many_hotspots_and_a_rule_that_matches_everything_stay_bounded() -> None:
    rule, state, dropped = Rule(cooldown_min=5), SubscriberState(name="s"), 0
    for offset in range(MAX_WAITING + 70):
        state, gave_way = enter(state, rule, entry(offset), NOW)
        dropped += gave_way
        if offset == 0:
            state = begin(state, rule, NOW)
    assert (len(state.waiting), dropped) == (MAX_WAITING, 70)
    assert state.waiting[0].offset == 0  # what is on its way stays
    for offset in range(2000, 2000 + MAX_TOLD + 10):
        state = ended(begin(put(replace(state, waiting=()), rule, entry(offset)), rule, NOW), NOW + offset, told=True)
    assert len(state.told) == MAX_TOLD


@given(
    st.lists(st.sampled_from(["come", "begin", "deliver", "fail", "again"]), max_size=80),
    st.integers(0, 2**32),
    st.booleans(),
)
def test_whatever_happens_no_alert_is_told_twice_and_none_is_lost(steps: list[str], seed: int, digest: bool) -> None:
    rule = Rule(digest_min=1) if digest else Rule()
    chance = random.Random(seed)
    state, now, offset = SubscriberState(name="s"), NOW, 0
    told: list[int] = []
    given_up: list[int] = []
    for step in steps:
        now += chance.randrange(0, 120_000)
        if step == "come":
            state, dropped = enter(state, rule, entry(offset), now)
            assert not dropped
            offset += 1
        elif step == "again" and offset:  # the log is read again after a restart: `matched` says what is known
            assert state.matched == offset
        elif step == "begin":
            due = due_ms(state, subscriber(rule), now)
            if due is not None and due <= now:
                state = begin(state, rule, now)
                assert state.in_flight
        elif step == "deliver" and state.in_flight:
            told += [one.offset for one in state.waiting[: state.in_flight]]
            state = ended(state, now, told=True)
        elif step == "fail" and state.in_flight:
            later = failed(state, now, chance.random())
            if later is None:
                given_up += [one.offset for one in state.waiting[: state.in_flight]]
                state = ended(state, now, told=False)
            else:
                state = later
    waiting = [one.offset for one in state.waiting]
    assert sorted(told + given_up + waiting) == list(range(offset))
    assert told == sorted(told)
