"""Another Kafka topic as a source: JSON, or Avro with a schema registry; its offsets are the cursor."""

import io
import json
from collections.abc import AsyncGenerator
from typing import Any, Final

import fastavro
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from agents.adapters.following import connected
from agents.adapters.outbound import Policy
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.fetching import Web, get, told
from agents.adapters.sources.mapped import batch_of
from agents.adapters.sources.records import Record, json_record
from agents.adapters.sources.source import Batch, Interrupted, Malformed, Refused
from streams.mapping import Mapping

MAGIC: Final = 0
"""First byte of a value in the registry's framing; then the schema's id in four bytes, then the Avro."""

KINDS: Final = ("application/vnd.schemaregistry.v1+json", "application/json")

_CURSOR: Final = msgspec.json.Decoder(dict[str, int])


class Registry:
    """A schema registry: schemas by id, each asked for once.

    Args:
        address: of the registry.
        clock: for limits.
        web: how to go there.
    """

    def __init__(self, address: str, *, clock: Clock, web: Web) -> None:
        self._address = address.rstrip("/")
        self._clock = clock
        self._web = web
        self._policy: Policy = web.policy(address)
        self._schemas: dict[int, Any] = {}

    async def schema(self, number: int) -> Any:
        """Return a parsed schema.

        Raises:
            Interrupted: the registry does not answer now.
            Refused: it has no such schema.
        """
        if number not in self._schemas:
            async with told(), self._web.session(self._policy) as session:
                address = f"{self._address}/schemas/ids/{number}"
                answer = await get(session, address, self._policy, "the registry", self._clock, kinds=KINDS)
            try:
                written = json.loads(json.loads(answer.body)["schema"])
                self._schemas[number] = fastavro.parse_schema(written)
            except (ValueError, KeyError, TypeError, fastavro.schema.SchemaParseException) as error:
                raise Refused(f"schema {number} of the registry is no Avro: {error!r}") from None
        return self._schemas[number]


class Topic:
    """A topic, on Redian's own brokers or others.

    Args:
        bootstrap: its brokers.
        topic: its name.
        mapping: from a record to a post; None if records are posts.
        registry: for Avro; None for JSON.
    """

    live = True

    def __init__(
        self, bootstrap: str, topic: str, *, mapping: Mapping | None = None, registry: Registry | None = None
    ) -> None:
        self.name = f"topic:{topic}@{bootstrap}"
        self._bootstrap = bootstrap
        self._topic = topic
        self._mapping = mapping
        self._registry = registry

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Read every partition on, the first time from its beginning."""
        at = _CURSOR.decode(cursor) if cursor else {}
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
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
        if self._registry is None:
            return json_record(value)
        if len(value) < 6 or value[0] != MAGIC:
            return Malformed(value, "wrong_type", "the value has no schema id before it")
        schema = await self._registry.schema(int.from_bytes(value[1:5], "big"))
        try:
            found = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
        except Exception as error:  # noqa: BLE001 - damaged bytes meet whatever the decoder was about to do
            return Malformed(value, "wrong_type", f"the value is no Avro of its schema: {error!r}")
        # Dates become RFC 3339 and bytes base64, as they would be in JSON.
        plain: Any = msgspec.to_builtins(found)
        return plain if isinstance(plain, dict) else Malformed(value, "wrong_type", "a record is an object")
