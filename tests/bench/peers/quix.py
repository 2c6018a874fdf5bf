"""The job in Quix Streams: a dataframe that reads posts, and a batching sink that publishes them as slices.

`to_topic` has no place for what belongs to many messages, so the way is the one that the documentation names for
batches: a sink of one's own. It is flushed at every checkpoint before offsets are committed (at least once), and a
checkpoint comes after as many messages as make a slice of each partition. A partition that brought more than that has
the rest in a slice of its own.
"""

from confluent_kafka import KafkaException
from quixstreams import Application, message_context
from quixstreams.kafka import Producer
from quixstreams.sinks import BatchingSink, SinkBatch

from agents.bench.references import ends_of_posts
from streams.contracts.topics import POSTS
from streams.intake import Record
from streams.intake.intake import Taken
from tests.bench.peers.job import SLICE_MESSAGES, Clock, Job


class Slices(BatchingSink):
    """Publishes a batch in slices, and takes it for written once the broker has acknowledged all."""

    def __init__(self, job: Job, producer: Producer) -> None:
        super().__init__()
        self._job = job
        self._producer = producer

    def write(self, batch: SinkBatch) -> None:
        """Publish what a partition brought since the last checkpoint."""
        refused = []
        for items in batch.iter_chunks(SLICE_MESSAGES):
            for message in self._job.published(batch.partition, [(item.offset, item.value) for item in items]):
                self._producer.produce(
                    message.topic,
                    message.value,
                    message.key,
                    message.headers,
                    message.partition,
                    on_delivery=lambda error, _: refused.append(error) if error else None,
                )
        self._producer.flush()
        if refused:
            raise KafkaException(refused[0])


def main() -> None:
    """Read all of `posts`."""
    clock, job = Clock(), Job()
    settings = job.settings
    app = Application(
        broker_address=settings.bootstrap,
        consumer_group=settings.app_id,
        auto_offset_reset="earliest",
        commit_every=SLICE_MESSAGES * settings.posts_partitions,
        commit_interval=settings.slice_s,
        producer_extra_config={"enable.idempotence": True},
        auto_create_topics=False,
        loglevel="ERROR",
    )

    def taken(value: bytes, _key: bytes | None, timestamp: int, headers: list[tuple[str, bytes]] | None) -> Taken:
        place = message_context()
        return job.take(Record(POSTS.name, place.partition, place.offset, value, timestamp, dict(headers or ())))

    posts = app.dataframe(app.topic(POSTS.name, value_deserializer="bytes"))
    posts.apply(taken, metadata=True).sink(Slices(job, app.get_producer()))
    app.run(count=sum(ends_of_posts(settings).values()), collect=False)
    clock.tell()


if __name__ == "__main__":
    main()
