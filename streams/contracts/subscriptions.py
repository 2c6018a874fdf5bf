"""Who is told, by which rule and channel, and how far they were told: the values of the `subscribers` topics."""

from typing import Literal

import msgspec

ChannelKind = Literal["webhook", "chat", "alertmanager", "topic", "mqtt"]
CHANNELS: tuple[ChannelKind, ...] = ("webhook", "chat", "alertmanager", "topic", "mqtt")
Outcome = Literal["delivered", "retry", "refused", "gone", "given_up", "expired", "dropped", "acknowledged"]
OUTCOMES: tuple[Outcome, ...] = (
    "delivered", "retry", "refused", "gone", "given_up", "expired", "dropped", "acknowledged",
)  # fmt: skip
"""Told; failed and tried again; the message was refused; the channel is gone for good; tried for days; no longer in the
log; more waited than may; someone judged the hotspot, so that it was not escalated."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Which alerts a subscriber wants, and when; an empty set wants all.

    `terms` are words that a term of the story must contain. `quiet` is "22:00-07:00" in `zone`: what comes then waits.
    With `digest_min` a message is sent at most every so many minutes, with all that came. Within `cooldown_min` of
    having told of a hotspot only the newest of its further alerts is kept, and told at the end. `simulated` wants
    simulated alerts too. `watchlists` wants the hotspots that one of these lists is for, and the turns of their moods,
    of which nothing else is asked. With `escalate_min` an alert is told after so many minutes in which nobody judged
    its hotspot, at once where the hotspot grew meanwhile.
    """

    stages: tuple[str, ...] = ()
    min_rank: float = 0.0
    min_credibility: float = 0.0
    languages: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    quiet: str = ""
    zone: str = "UTC"
    digest_min: int = 0
    cooldown_min: int = 0
    simulated: bool = False
    watchlists: tuple[str, ...] = ()
    escalate_min: int = 0


class Secret(msgspec.Struct, frozen=True):
    """A key that signs until `until_ms`, 0 for as long as it is there."""

    key: str
    until_ms: int = 0


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """A subscriber as it was defined. Each edit has the next `version`; `edit` tells two edits of one version apart.

    `address` is a URL, for `topic` the name of a topic; it and `secrets` are not for showing.
    """

    name: str
    version: int
    edit: str
    channel: ChannelKind
    address: str
    rule: Rule = Rule()
    secrets: tuple[Secret, ...] = ()
    paused: bool = False


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """An alert that waits to be told: where it stands on `alerts`, and not before when.

    `about` is the id of its hotspot. A turn of `mood` stands on `watchlists.alerts` and is about its watchlist.
    """

    offset: int
    alert_id: str
    about: str
    not_before_ms: int
    mood: bool = False


class SubscriberState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a subscriber was told.

    Alerts below offset `matched` were judged, turns of moods below `matched_moods`, -1 for none yet. The first
    `in_flight` of `waiting` are being told as one message, tried `attempts` times, again at `retry_ms`. `sent_ms` is
    when something was last told, `told` when of what. `disabled` says why nothing is told any more; an edit later
    than `version` lifts that.
    """

    name: str
    version: int = 0
    matched: int = 0
    matched_moods: int = -1
    waiting: tuple[Waiting, ...] = ()
    in_flight: int = 0
    attempts: int = 0
    retry_ms: int = 0
    sent_ms: int = 0
    told: dict[str, int] = {}
    disabled: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the delivery log. `detail` is about the channel, never from a post."""

    subscriber: str
    channel: ChannelKind
    message_id: str
    alerts: tuple[str, ...]
    at: str
    outcome: Outcome
    attempt: int
    seconds: float
    detail: str = ""
