"""Another Kafka topic as a source: JSON, or what a schema registry describes; its offsets are the cursor."""

from collections.abc import AsyncGenerator
from typing import Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from agents.adapters.connection import asynchronous
from agents.adapters.following import connected
from agents.adapters.sources.mapped import batch_of
from agents.adapters.sources.records import Record, json_record
from agents.adapters.sources.registry import Registry
from agents.adapters.sources.source import Batch, Interrupted, Refused
from agents.settings import Settings
from streams.mapping import Mapping

_CURSOR: Final = msgspec.json.Decoder(dict[str, int])


class Topic:
    """A topic, on Redian's own brokers or others.

    Args:
        connection: where its brokers are and who Redian is to them; nothing else is taken from it.
        topic: its name.
        mapping: from a record to a post; None if records are posts.
        registry: for Avro and Protobuf; None for JSON.
    """

    live = True

    def __init__(
        self, connection: Settings, topic: str, *, mapping: Mapping | None = None, registry: Registry | None = None
    ) -> None:
        self.name = f"topic:{topic}@{connection.bootstrap}"
        self._connection = connection
        self._bootstrap = connection.bootstrap
        self._topic = topic
        self._mapping = mapping
        self._registry = registry

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Read every partition on, the first time from its beginning."""
        at = _CURSOR.decode(cursor) if cursor else {}
        consumer = AIOKafkaConsumer(
            **asynchronous(self._connection), enable_auto_commit=False, auto_offset_reset="earliest"
        )
        try:
            async with connected(consumer):
                await self._begin(consumer, at)
                while True:
                    for place, taken in (await consumer.getmany(timeout_ms=500, max_records=1000)).items():
                        records = [await self._record(record.value) for record in taken if record.value is not None]
                        at[str(place.partition)] = taken[-1].offset + 1
                        yield batch_of(self._mapping, records, msgspec.json.encode(at).decode())
        except (KafkaError, OSError) as error:
            raise Interrupted("unreachable", f"the brokers at {self._bootstrap}: {error}") from None

    async def _begin(self, consumer: AIOKafkaConsumer, at: dict[str, int]) -> None:
        """Have a consumer read every partition from where it stopped."""
        found = await consumer._client.fetch_all_metadata()
        numbers = found.partitions_for_topic(self._topic)
        if not numbers:
            raise Refused(f"the brokers at {self._bootstrap} have no topic {self._topic}")
        places = [TopicPartition(self._topic, number) for number in sorted(numbers)]
        consumer.assign(places)
        beginnings = await consumer.beginning_offsets(places)
        for place in places:
            # What the topic no longer has is passed over, rather than asked for again and again.
            consumer.seek(place, max(at.get(str(place.partition), 0), beginnings[place]))

    async def _record(self, value: bytes) -> Record:
        return json_record(value) if self._registry is None else await self._registry.record(value)
