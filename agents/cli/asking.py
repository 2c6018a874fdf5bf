"""What commands ask of the workers: a value put on one topic, and the answer with its key awaited on another."""

import time
from typing import TypeVar

import msgspec

from agents.errors import BrokerUnavailable, RedianError
from agents.settings import Settings
from streams.contracts.topics import Topic

Value = TypeVar("Value")


def asked(
    settings: Settings, asks: Topic, answers: Topic, key: str, value: object, *, kind: type[Value], wait_s: float,
    otherwise: str,
) -> Value:  # fmt: skip
    """Return the first answer with `key` that comes after `value` was put.

    Args:
        settings: say where.
        asks: topic that the value goes to, of one partition.
        answers: topic, of one partition, on which the answer comes.
        key: of both.
        value: what is asked.
        kind: type of the answer.
        wait_s: how long to wait.
        otherwise: what a person can do where there is no broker.

    Raises:
        BrokerUnavailable: there is no broker, or not with these topics.
        RedianError: no answer came.
    """
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.errors import KafkaError

    from agents.adapters.connection import blocking

    try:
        consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False)
        target = TopicPartition(answers.name, 0)
        consumer.assign([target])
        consumer.seek(target, consumer.end_offsets([target])[target])
        producer = KafkaProducer(**blocking(settings), acks="all")
        producer.send(asks.name, msgspec.json.encode(value), key.encode())
        producer.flush()
        producer.close()
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=250).values():
                for record in records:
                    if record.key == key.encode():
                        consumer.close()
                        return msgspec.json.decode(record.value, type=kind)
        consumer.close()
    except (KafkaError, OSError, ValueError) as error:
        raise BrokerUnavailable(
            f"no Kafka broker with Redian's topics answers at {settings.bootstrap} ({error}); set REDIAN_BOOTSTRAP, "
            f"or {otherwise}"
        ) from None
    raise RedianError(f"no worker answered within {wait_s:.0f} s; is one running? redian topics lag tells")
