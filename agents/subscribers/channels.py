"""The channels there are, by kind: made once for a worker or a command."""

from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaProducer

from agents.settings import Settings
from agents.subscribers.alertmanager import AlertmanagerChannel
from agents.subscribers.channel import Channel
from agents.subscribers.chat import ChatChannel
from agents.subscribers.http import Poster, policy_of
from agents.subscribers.mqtt import MqttChannel
from agents.subscribers.topic import TopicChannel
from agents.subscribers.webhook import WebhookChannel
from streams.contracts.subscriptions import ChannelKind


def make_channels(
    settings: Settings, producer: Callable[[], Awaitable[AIOKafkaProducer]]
) -> dict[ChannelKind, Channel]:
    """Return a channel of every kind; nothing is connected yet."""
    policy = policy_of(settings)
    return {
        "webhook": WebhookChannel(Poster(policy)),
        "chat": ChatChannel(policy),
        "alertmanager": AlertmanagerChannel(Poster(policy)),
        "topic": TopicChannel(producer),
        "mqtt": MqttChannel(policy),
    }
