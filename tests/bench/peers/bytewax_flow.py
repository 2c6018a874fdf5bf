"""The job in Bytewax: messages collected by partition into slices, published by its Kafka sink.

At least once by its own means: offsets and what was collected so far are kept in its recovery store every ten seconds,
its default, where Redian and Quix Streams commit to Kafka after each slice; its sink waits for the broker after each
batch. That sink knows no partitions, so the keys say which, and scored posts have one for that.
"""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from streams.contracts.topics import POSTS
from streams.intake import Record
from tests.bench.peers.job import SLICE_MESSAGES, Clock, Job


def flow_of(job: Job) -> Dataflow:
    """Return the dataflow."""
    brokers = job.settings.bootstrap.split(",")

    def published(collected: tuple[str, list[KafkaSourceMessage]]) -> Iterator[KafkaSinkMessage]:
        key, messages = collected
        read = [(message.offset, job.take(_record(message))) for message in messages]
        for made in job.published(int(key), read):
            yield KafkaSinkMessage(made.key or key.encode(), made.value, made.topic, made.headers)

    flow = Dataflow("posts")
    posts = kop.input("posts", flow, brokers=brokers, topics=[POSTS.name], tail=False)
    keyed = op.key_on("partition", posts.oks, lambda message: str(message.partition))
    slices = op.collect("slice", keyed, timedelta(seconds=job.settings.slice_s), SLICE_MESSAGES)
    made = op.flat_map("published", slices, published)
    kop.output("out", made, brokers=brokers, topic=None, add_config={"enable.idempotence": "true"})
    return flow


def _record(message: KafkaSourceMessage) -> Record:
    return Record(
        POSTS.name, message.partition, message.offset, message.value, message.timestamp[1], dict(message.headers)
    )


def main() -> None:
    """Read all of `posts`."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        init_db_dir(Path(folder), 1)
        cli_main(flow_of(Job()), recovery_config=RecoveryConfig(Path(folder)))
    clock.tell()


if __name__ == "__main__":
    main()
