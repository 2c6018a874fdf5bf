"""Reading `posts.dead` for a person, and returning letters to the topic they came from, once.

A letter that is returned is written to `posts.dead` again, the same letter with a header, after the broker has
acknowledged it on its topic: that mark is what keeps it from being returned twice. A crash between the two returns it
again the next time; posts are united by id, so it counts once.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from agents.adapters.connection import blocking
from agents.errors import BrokerUnavailable, RedianError
from agents.settings import Settings
from streams.contracts.posts import DeadLetter
from streams.contracts.topics import DEAD, POSTS

RETURNED: Final = "returned"
"""Header of a letter that was returned to its topic."""

Place = tuple[str, int, int, int]
"""What a letter is identified by: topic, partition, offset, index."""


class Letter(msgspec.Struct, frozen=True):
    """A dead letter as it stands on `posts.dead`; `number` is its offset there, by which people name it."""

    number: int
    buried_ms: int
    letter: DeadLetter
    returned: bool

    @property
    def place(self) -> Place:
        """What identifies it."""
        return self.letter.topic, self.letter.partition, self.letter.offset, self.letter.index

    @property
    def whole(self) -> bool:
        """Whether all of the original was kept."""
        return self.letter.size == len(self.letter.original)

    @property
    def returnable(self) -> bool:
        """Whether it can be returned: a whole original of `posts` that was not returned yet."""
        return self.whole and self.letter.topic == POSTS.name and bool(self.letter.original) and not self.returned


def letters_of(settings: Settings, *, newest: int = 0) -> list[Letter]:
    """Return the dead letters there are, oldest first, each once though it may have been sent again.

    Args:
        settings: say where.
        newest: read this many records from the end only; 0 for all.

    Raises:
        BrokerUnavailable: none answers, or the topic is missing.
    """
    found: dict[Place, Letter] = {}
    returned: set[Place] = set()
    for record in _records(settings, newest):
        try:
            letter = msgspec.json.decode(record.value or b"", type=DeadLetter)
        except ValueError:
            continue  # somebody else's: nothing to show, and nothing to return
        held = Letter(record.offset, record.timestamp, letter, False)
        if any(name == RETURNED for name, _ in record.headers):
            returned.add(held.place)
        found.setdefault(held.place, held)
    return [
        msgspec.structs.replace(held, returned=True) if place in returned else held for place, held in found.items()
    ]


def _records(settings: Settings, newest: int) -> Iterator[Any]:
    try:
        consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False, auto_offset_reset="earliest")
    except (KafkaError, OSError) as error:
        raise BrokerUnavailable(f"no Kafka broker answers at {settings.bootstrap}: {error}") from None
    try:
        if not consumer.partitions_for_topic(DEAD.name):
            raise BrokerUnavailable(
                f"the broker at {settings.bootstrap} has no topic {DEAD.name}; run: redian topics create"
            )
        partition = TopicPartition(DEAD.name, 0)
        consumer.assign([partition])
        begin = consumer.beginning_offsets([partition])[partition]
        end = consumer.end_offsets([partition])[partition]
        consumer.seek(partition, max(begin, end - newest) if newest else begin)
        while consumer.position(partition) < end:
            for records in consumer.poll(timeout_ms=500).values():
                yield from (record for record in records if record.offset < end)
    except KafkaError as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} stopped answering: {error}") from None
    finally:
        consumer.close()


def give_back(settings: Settings, letters: Iterable[Letter]) -> int:
    """Write originals to topic posts and mark their letters; return how many.

    They arrive now: a post whose minute is over is scored and not counted.

    Raises:
        RedianError: a letter cannot be returned.
        BrokerUnavailable: none answers.
    """
    count = 0
    try:
        producer = KafkaProducer(**blocking(settings), enable_idempotence=True, acks="all")
        partitions = producer.partitions_for(POSTS.name)
        for held in letters:
            if not held.returnable:
                raise RedianError(f"letter {held.number} cannot be returned")
            partition = held.letter.partition if held.letter.partition in partitions else None
            producer.send(POSTS.name, held.letter.original, partition=partition).get(30)
            key = "/".join(str(part) for part in held.place).encode()
            mark = [(RETURNED, b"1")]
            producer.send(DEAD.name, msgspec.json.encode(held.letter), key=key, headers=mark, partition=0).get(30)
            count += 1
        producer.close()
    except KafkaError as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} stopped answering: {error}") from None
    return count
