"""What operators do with subscribers: add, edit, look, try. An edit is written, then read back: it may have lost.

Two operators who edit one subscriber at once both write the next version; the first in the log holds, and the other is
told so (`streams/subscriptions/definitions.py`).
"""

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, cast

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from msgspec.structs import replace
from yarl import URL

from agents.adapters.connection import asynchronous
from agents.adapters.following import connected
from agents.adapters.outbound import checked_url
from agents.errors import BrokerUnavailable, RedianError
from agents.settings import Settings
from agents.subscribers.channel import Sent
from agents.subscribers.channels import make_channels
from agents.subscribers.chat import notifier
from agents.subscribers.http import policy_of
from agents.subscribers.mqtt import address_of
from agents.subscribers.queues import status_of
from agents.subscribers.records import (
    now_ms,
    read_definitions,
    read_states,
    read_to_end,
    read_watchlists,
    write_subscriber,
)
from agents.subscribers.webhook import new_secret, rotated
from streams.contracts.decoding import json_decoder
from streams.contracts.subscriptions import CHANNELS, ChannelKind, Delivery, Rule, Secret, Subscriber, SubscriberState
from streams.contracts.topics import DELIVERIES, TOPICS
from streams.subscriptions.message import Message
from streams.subscriptions.queue import is_disabled
from streams.subscriptions.rules import RuleError, check_rule

MAX_SUBSCRIBERS: Final = 50_000
LOG_READ: Final = 50_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,200}")


class Overview(msgspec.Struct, frozen=True):
    """A subscriber as `list` shows it."""

    subscriber: Subscriber
    status: str
    waiting: int
    detail: str


class Broker:
    """Connections of one command."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self.settings = settings
        self.producer = producer

    def consumer(self) -> AIOKafkaConsumer:
        """Return a consumer without a group."""
        return AIOKafkaConsumer(**asynchronous(self.settings), enable_auto_commit=False, auto_offset_reset="earliest")


@asynccontextmanager
async def _broker(settings: Settings) -> AsyncIterator[Broker]:
    from agents.adapters.admin import partitions_by_topic

    found = partitions_by_topic(settings)
    missing = [topic.name for topic in TOPICS if topic.name not in found]
    if missing:
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} has no topic {', '.join(missing)}; run: redian topics create"
        )
    try:
        async with connected(
            AIOKafkaProducer(**asynchronous(settings), enable_idempotence=True, acks="all")
        ) as producer:
            yield Broker(settings, producer)
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} does not take it: {error}") from None


async def add(settings: Settings, name: str, kind: str, address: str, rule: Rule) -> Subscriber:
    """Add a subscriber.

    Raises:
        RedianError: the name is taken or none, the address or the rule cannot be meant.
    """
    if not _NAME.fullmatch(name):
        raise RedianError(f"a name has letters, digits, dots and dashes, 64 at most, not {name[:70]}")
    channel = cast("ChannelKind", kind)
    keys = (Secret(new_secret()),) if channel == "webhook" else ()
    subscriber = Subscriber(
        name=name, version=1, edit=secrets.token_hex(8), channel=channel, address=address, rule=rule, secrets=keys
    )
    check(settings, subscriber)
    async with _broker(settings) as broker:
        held = await read_definitions(broker.consumer)
        if held.get(name) is not None:
            raise RedianError(f"there is a subscriber {name}; change it with: redian subscribers edit {name}")
        if len(held) >= MAX_SUBSCRIBERS:
            raise RedianError(f"there are {MAX_SUBSCRIBERS:,} subscribers, as many as may be")
        await _check_watchlists(broker, rule)
        return await _write(broker, subscriber)


async def edit(settings: Settings, name: str, change: Callable[[Subscriber], Subscriber]) -> Subscriber:
    """Change a subscriber.

    Raises:
        RedianError: there is none, the change cannot be meant, or someone else changed it at the same moment.
    """
    async with _broker(settings) as broker:
        held = await _held(broker, name)
        edited = replace(change(held), version=held.version + 1, edit=secrets.token_hex(8))
        check(settings, edited)
        if edited.rule.watchlists != held.rule.watchlists:
            await _check_watchlists(broker, edited.rule)
        return await _write(broker, edited)


async def pause(settings: Settings, name: str, paused: bool) -> Subscriber:
    """Pause or resume a subscriber."""
    return await edit(settings, name, lambda held: replace(held, paused=paused))


async def rotate(settings: Settings, name: str) -> Subscriber:
    """Give a webhook a new secret."""

    def change(held: Subscriber) -> Subscriber:
        if held.channel != "webhook":
            raise RedianError(f"{name} is told by {held.channel}; only webhooks have secrets")
        return replace(held, secrets=rotated(held.secrets, now_ms()))

    return await edit(settings, name, change)


async def remove(settings: Settings, name: str) -> None:
    """Remove a subscriber."""
    async with _broker(settings) as broker:
        await _held(broker, name)
        await write_subscriber(broker.producer, name, None)


async def test(settings: Settings, name: str) -> Sent:
    """Send a test message and return what became of it."""
    async with _broker(settings) as broker:
        held = await _held(broker, name)

        async def producer() -> AIOKafkaProducer:
            return broker.producer

        channels = make_channels(settings, cast("Callable[[], Awaitable[AIOKafkaProducer]]", producer))
        try:
            message = Message(f"msg_test_{secrets.token_hex(8)}", "test", ())
            return await channels[held.channel].send(held, message, now_ms())
        finally:
            for channel in channels.values():
                await channel.close()


async def overview(settings: Settings) -> list[Overview]:
    """Return every subscriber with how it does."""
    async with _broker(settings) as broker:
        definitions, states = await read_definitions(broker.consumer), await read_states(broker.consumer)
    found = []
    for subscriber in definitions.all():
        state = states.get(subscriber.name) or SubscriberState(name=subscriber.name)
        status = status_of(state, subscriber.paused, is_disabled(state, subscriber))
        detail = state.disabled if status == "disabled" else ""
        if status == "failing":
            detail = f"attempt {state.attempts + 1} in {max(state.retry_ms - now_ms(), 0) / 1000:.0f} s"
        found.append(Overview(subscriber, status, len(state.waiting), detail))
    return found


async def log_of(settings: Settings, name: str | None, last: int) -> list[Delivery]:
    """Return the newest lines of the delivery log, of one subscriber or of all."""
    decoder = json_decoder(Delivery)
    async with _broker(settings) as broker, connected(broker.consumer()) as consumer:
        partition = TopicPartition(DELIVERIES.name, 0)
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        records = await read_to_end(consumer, partition, max(end - LOG_READ, 0))
    lines = [decoder.decode(record.value) for record in records if record.value is not None]
    return [line for line in lines if name is None or line.subscriber == name][-last:]


def check(settings: Settings, subscriber: Subscriber) -> None:
    """Refuse a definition that cannot work.

    Raises:
        RedianError: see the text.
    """
    try:
        check_rule(subscriber.rule)
    except RuleError as error:
        raise RedianError(str(error)) from None
    if subscriber.channel in ("webhook", "alertmanager"):
        checked_url(subscriber.address, policy_of(settings))
    elif subscriber.channel == "chat":
        notifier(subscriber.address)
    elif subscriber.channel == "mqtt":
        address_of(subscriber.address)
    elif not _TOPIC.fullmatch(subscriber.address) or subscriber.address in {topic.name for topic in TOPICS}:
        raise RedianError(f"{subscriber.address[:80]} is no topic of yours: its name is wrong, or it is Redian's own")
    assert subscriber.channel in CHANNELS


async def _check_watchlists(broker: Broker, rule: Rule) -> None:
    if not rule.watchlists:
        return
    book = await read_watchlists(broker.consumer)
    for name in rule.watchlists:
        if book.get(name) is None:
            raise RedianError(f"there is no watchlist {name}; `redian watch list` shows them")


async def _held(broker: Broker, name: str) -> Subscriber:
    held = (await read_definitions(broker.consumer)).get(name)
    if held is None:
        raise RedianError(f"there is no subscriber {name}; `redian subscribers list` shows them")
    return held


async def _write(broker: Broker, edited: Subscriber) -> Subscriber:
    """Write an edit, and see whether it holds."""
    await write_subscriber(broker.producer, edited.name, edited)
    holds = (await read_definitions(broker.consumer)).get(edited.name)
    if holds is not None and holds.edit != edited.edit:
        await write_subscriber(broker.producer, edited.name, holds)
        raise RedianError(f"someone else changed {edited.name} at the same moment; look at it, then do it again")
    return edited


def safe_address(subscriber: Subscriber) -> str:
    """Return an address for showing: paths, queries and the tokens of chats are left out."""
    if subscriber.channel == "topic":
        return subscriber.address
    scheme = subscriber.address.partition("://")[0]
    if subscriber.channel == "chat":
        return f"{scheme}://…"
    url = URL(subscriber.address)
    port = f":{url.explicit_port}" if url.explicit_port else ""
    return f"{scheme}://{url.host}{port}" + ("/…" if len(url.path) > 1 or url.query_string else "")


def rule_in_words(rule: Rule) -> str:
    """Return a rule as one line."""
    parts = [
        *(f"stage {', '.join(rule.stages)}" for _ in rule.stages[:1]),
        *([f"rank ≥ {rule.min_rank:g}"] if rule.min_rank else []),
        *([f"credibility ≥ {rule.min_credibility:g}"] if rule.min_credibility else []),
        *([f"in {', '.join(rule.languages)}"] if rule.languages else []),
        *([f"on {', '.join(rule.platforms)}"] if rule.platforms else []),
        *([f"about {', '.join(rule.terms[:5])}{' …' if len(rule.terms) > 5 else ''}"] if rule.terms else []),
        *([f"of {', '.join(rule.watchlists)}"] if rule.watchlists else []),
        *([f"not judged for {rule.escalate_min} min"] if rule.escalate_min else []),
        *([f"quiet {rule.quiet} {rule.zone}"] if rule.quiet else []),
        *([f"digest every {rule.digest_min} min"] if rule.digest_min else []),
        *([f"cooldown {rule.cooldown_min} min"] if rule.cooldown_min else []),
        *(["simulated too"] if rule.simulated else []),
    ]
    return "; ".join(parts) or "every alert"
