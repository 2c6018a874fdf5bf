"""Programs that a worker is compared with, each over the log of `posts` from its start to its end.

`python -m agents.bench.references getmany|faust BOOTSTRAP` prints the processor seconds from the first message to the
last. Both do the least that a reader of posts can do: they decode the values.
"""

import asyncio
import os
import sys
import tempfile
import time
from typing import Final

import faust
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.app.base import App
from faust.types import TP
from kafka import KafkaConsumer
from kafka import TopicPartition as Partition

from agents.adapters.connection import blocking
from agents.adapters.following import connected
from agents.app import make_app
from agents.connections import connected_to
from agents.logs import configure
from agents.settings import Settings
from streams.contracts.posts import Post
from streams.contracts.topics import POSTS

KINDS: Final = {"getmany": "bare getmany", "faust": "bare Faust agent"}
_DECODER: Final = msgspec.json.Decoder(list[Post] | Post)


async def getmany(settings: Settings) -> float:
    """Read with a bare consumer of aiokafka."""
    left = ends_of_posts(settings)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap, enable_auto_commit=False, max_partition_fetch_bytes=2 * 1024 * 1024
    )
    async with connected(consumer):
        began = time.process_time()
        consumer.assign([TopicPartition(POSTS.name, number) for number in left])
        await consumer.seek_to_beginning()
        while left:
            for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                for record in records:
                    _DECODER.decode(record.value)
                if records[-1].offset + 1 >= left[partition.partition]:
                    del left[partition.partition]
        return time.process_time() - began


def bare_faust(settings: Settings) -> None:
    """Read with a Faust agent that has the settings of a worker's; ends the process when all is read."""
    left = ends_of_posts(settings)
    app = make_app(settings)
    topic = app.topic(POSTS.name, key_type=bytes, value_type=bytes, value_serializer="raw", acks=False)
    began = 0.0

    async def begin(_sender: faust.App, _assigned: set[TP], **_: object) -> None:
        nonlocal began
        began = time.process_time()  # nothing is fetched before the group has given out its partitions

    async def read(stream: faust.StreamT[bytes]) -> None:
        async for event in stream.events():
            message = event.message
            _DECODER.decode(message.value)
            if message.offset + 1 >= left[message.partition]:
                del left[message.partition]
                if not left:
                    _told(time.process_time() - began)
                    os._exit(0)  # nothing is to be saved, and Faust takes seconds to leave a group

    assert isinstance(app, App)
    app.on_partitions_assigned.connect(begin)
    app.agent(topic, name="bare", concurrency=1)(read)
    config = configure(level="error")  # else Faust has its clients' debug records made
    worker = faust.Worker(app, loglevel="error", logging_config=config, redirect_stdouts=False, quiet=True)
    worker.execute_from_commandline()


def ends_of_posts(settings: Settings) -> dict[int, int]:
    """Return the end of each partition that holds anything."""
    consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False)
    try:
        partitions = [Partition(POSTS.name, number) for number in consumer.partitions_for_topic(POSTS.name)]
        return {found.partition: end for found, end in consumer.end_offsets(partitions).items() if end}
    finally:
        consumer.close()


def _told(seconds: float) -> None:
    print(f"\n{seconds}", flush=True)  # noqa: T201 - on a line of its own: Faust writes to the terminal too


def main(kind: str, bootstrap: str) -> None:
    """Run one of them."""
    with tempfile.TemporaryDirectory() as folder:
        settings = connected_to(bootstrap).model_copy(update={"app_id": f"bare-{os.getpid()}", "data_dir": folder})
        if kind == "getmany":
            _told(asyncio.run(getmany(settings)))
        else:
            bare_faust(settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
