"""Another Kafka topic as a subscriber: the JSON of a webhook, keyed by what it is about, its id as a header."""

from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from agents.subscribers.channel import Sent
from streams.contracts.subscriptions import Subscriber
from streams.contracts.times import format_time
from streams.subscriptions.message import Message, body_of


class TopicChannel:
    """Writes to topics of the cluster that Redian reads."""

    def __init__(self, producer: Callable[[], Awaitable[AIOKafkaProducer]]) -> None:
        self._producer = producer

    async def send(self, subscriber: Subscriber, message: Message, now_ms: int) -> Sent:
        """Try once."""
        keys = [told.alert.hotspot_id for told in message.told] + [turned.name for turned in message.moods]
        key = keys[0].encode() if keys else None
        try:
            producer = await self._producer()
            known = producer.client.cluster.topics()
            if subscriber.address not in known:
                # From the first topic that it is told to add, the client asks about what was added alone: what is on
                # its way to another topic would wait for a leader until it expires, and the worker would end of that.
                await producer.client.set_topics([*known, subscriber.address])
            await producer.send_and_wait(
                subscriber.address,
                body_of(message, format_time(now_ms)),
                key,
                headers=[("webhook-id", message.id.encode())],
            )
        except (KafkaError, OSError) as error:
            return Sent("retry", f"topic {subscriber.address} takes nothing: {type(error).__name__}")
        return Sent("delivered", "written")

    async def close(self) -> None:
        """Nothing is held: the producer is the worker's."""
