"""One subscriber's queue: what waits, what is due, and what follows from having tried. Times are passed in.

Every change is a new state; the agent decides when it is written. An alert enters a queue once, whatever is read again.
"""

from collections.abc import Container, Sequence
from hashlib import blake2b
from typing import Final

from msgspec.structs import replace

from streams.contracts.subscriptions import Rule, Subscriber, SubscriberState, Waiting
from streams.subscriptions.quiet import quiet_until

MINUTE_MS: Final = 60_000
MAX_WAITING: Final = 500
"""Alerts that may wait for one subscriber; the oldest that is not on its way gives way."""
MAX_TOLD: Final = 500
"""Hotspots whose cooldown is remembered."""
BATCH: Final = 50
"""Alerts in one message of a digest."""
RETRIES_S: Final = (5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds until each further attempt: three days in all, then the message is given up."""
JITTER: Final = 0.2
"""Share by which a wait differs, so that many subscribers of one server do not come back at once."""


def enter(state: SubscriberState, rule: Rule, found: Waiting, now_ms: int) -> tuple[SubscriberState, int]:
    """Put an alert that the rule wants into the queue; returns also how many gave way.

    Within the cooldown of its hotspot it waits for the end, and takes the place of an earlier one that waits. A hotspot
    that is escalated waits for a judgement; one that waits, or was told, and now comes again has grown, and does not.
    """
    free_ms = state.told.get(found.about, -(10**15)) + rule.cooldown_min * MINUTE_MS
    if rule.escalate_min and not found.mood and not _is_known(state, found.about):
        free_ms = max(free_ms, now_ms + rule.escalate_min * MINUTE_MS)
    entry = replace(found, not_before_ms=max(found.not_before_ms, free_ms))
    going, idle = state.waiting[: state.in_flight], state.waiting[state.in_flight :]
    if rule.cooldown_min or rule.escalate_min:
        idle = tuple(one for one in idle if one.about != found.about)
        if any(one.about == found.about for one in going):
            entry = replace(entry, not_before_ms=max(entry.not_before_ms, now_ms + rule.cooldown_min * MINUTE_MS))
    idle = (*idle, entry)
    excess = max(len(going) + len(idle) - MAX_WAITING, 0)
    after = replace(state, waiting=(*going, *idle[excess:]))
    seen = found.offset + 1
    return replace(after, matched_moods=seen) if found.mood else replace(after, matched=seen), excess


def has_seen(state: SubscriberState, found: Waiting) -> bool:
    """Say whether an alert was judged for this subscriber before."""
    return (state.matched_moods if found.mood else state.matched) > found.offset


def _is_known(state: SubscriberState, about: str) -> bool:
    return about in state.told or any(one.about == about for one in state.waiting)


def acknowledged(state: SubscriberState, hotspots: Container[str]) -> tuple[SubscriberState, tuple[str, ...]]:
    """Take what waits about hotspots that someone judged out of the queue; returns also the ids of those alerts."""
    going, idle = state.waiting[: state.in_flight], state.waiting[state.in_flight :]
    settled = tuple(one.alert_id for one in idle if one.about in hotspots)
    kept = tuple(one for one in idle if one.about not in hotspots)
    return replace(state, waiting=(*going, *kept)), settled


def due_ms(state: SubscriberState, subscriber: Subscriber, now_ms: int) -> int | None:
    """Return when this subscriber is next to be told something; None if nothing waits, or nobody listens."""
    if subscriber.paused or is_disabled(state, subscriber) or not state.waiting:
        return None
    rule = subscriber.rule
    if state.in_flight:
        due = state.retry_ms
    else:
        due = min(one.not_before_ms for one in state.waiting)
        if rule.digest_min and state.sent_ms:
            due = max(due, state.sent_ms + rule.digest_min * MINUTE_MS)
    return quiet_until(rule.quiet, rule.zone, max(due, now_ms))


def is_disabled(state: SubscriberState, subscriber: Subscriber) -> bool:
    """Say whether a subscriber was disabled and not edited since."""
    return bool(state.disabled) and state.version >= subscriber.version


def begin(state: SubscriberState, rule: Rule, now_ms: int) -> SubscriberState:
    """Choose what the next message tells, unless one is on its way already; `due_ms` has said that it is time."""
    if state.in_flight:
        return state
    size = BATCH if rule.digest_min or rule.quiet else 1
    ready = [one for one in state.waiting if one.not_before_ms <= now_ms][:size]
    rest = tuple(one for one in state.waiting if one not in ready)
    return replace(state, waiting=(*ready, *rest), in_flight=len(ready), attempts=0, retry_ms=now_ms)


def message_id(name: str, alerts: Sequence[str]) -> str:
    """Return the id of a message: the same for every attempt, and after any restart."""
    return f"msg_{blake2b('|'.join((name, *alerts)).encode(), digest_size=12).hexdigest()}"


def ended(state: SubscriberState, now_ms: int, *, told: bool) -> SubscriberState:
    """Take what was in flight out of the queue; `told` notes that the subscriber has it."""
    going, idle = state.waiting[: state.in_flight], state.waiting[state.in_flight :]
    known = {**state.told, **{one.about: now_ms for one in going}} if told else state.told
    newest = dict(sorted(known.items(), key=lambda item: item[1])[-MAX_TOLD:])
    sent = now_ms if told else state.sent_ms
    return replace(state, waiting=idle, in_flight=0, attempts=0, retry_ms=0, sent_ms=sent, told=newest)


def failed(state: SubscriberState, now_ms: int, chance: float, after_s: float | None = None) -> SubscriberState | None:
    """Return the state that tries again later, None when it was tried for days.

    Args:
        state: with something in flight.
        now_ms: the present.
        chance: from [0, 1), spreads the waits.
        after_s: seconds that the channel asked for (Retry-After), at most a day; it is never sooner than planned.
    """
    if state.attempts >= len(RETRIES_S):
        return None
    planned = RETRIES_S[state.attempts] * (1 + JITTER * (2 * chance - 1))
    wait_s = max(planned, min(after_s or 0.0, float(RETRIES_S[-1])))
    return replace(state, attempts=state.attempts + 1, retry_ms=now_ms + int(wait_s * 1000))


def disabled(state: SubscriberState, subscriber: Subscriber, why: str) -> SubscriberState:
    """Tell nothing more until the definition is edited; what was in flight waits."""
    return replace(state, disabled=why, version=subscriber.version, in_flight=0, attempts=0, retry_ms=0)
