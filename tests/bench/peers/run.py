"""`make peers`: what Redian, Quix Streams and Bytewax use beside the same job, in turns; Kafka Streams for the record.

One broker; every program reads the same posts from their start, in a process and a group of its own. A program says
what its process used from the first message that it took to the last that was acknowledged, and what of it was in the
calls that all of them share; the rest is its overhead. What it published is looked at on the topics.

    python -m tests.bench.peers.run posts.jsonl.gz --posts 49152 --rounds 5
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from rich.console import Console

from agents.adapters import kafka_process
from agents.adapters.connection import blocking
from agents.bench.references import ends_of_posts
from agents.bench.report import Figure, Report
from agents.bench.standing import Stand, stand
from agents.cli.bench import show
from agents.errors import RedianError
from agents.files import lines_of
from agents.settings import PREFIX, Settings
from streams.contracts.framing import ARRIVED_AT, HEARTBEAT, messages_of
from streams.contracts.times import LATEST_MS
from streams.contracts.topics import POSTS, SCORED, TERMS
from tests.bench.peers.comparing import REDIAN, Used, figures_of
from tests.bench.peers.job import SLICE_MESSAGES

PROGRAMS: Final = {REDIAN: "redian", "Quix Streams": "quix", "Bytewax": "bytewax_flow"}
LIBRARIES: Final = Path(".peers/kafka_streams")
"""Where `make peers` puts Kafka Streams."""
WORDS: Final = Path(__file__).parent / "kafka_streams" / "Words.java"
ENDS_S: Final = 300
CHOSEN: Final = {
    "encoder": "off",
    "author_key": "of no deployment, for measuring",
    "posts_partitions": "4",
    "posts_per_message": "64",
    "slice_posts": str(64 * SLICE_MESSAGES),
    "slice_s": "20",  # slices are full, or what is published would depend on how fast a program is
}


def write(settings: Settings, lines: Sequence[bytes]) -> int:
    """Write as many lines to topic `posts` as fill slices in each partition, without heartbeats; return their number.

    Raises:
        RedianError: there are too few.
    """
    fill = settings.slice_posts * settings.posts_partitions
    posts = len(lines) // fill * fill
    if not posts:
        raise RedianError(f"{len(lines)} posts fill no slice in each partition: at least {fill} are needed")
    producer = KafkaProducer(**blocking(settings), acks="all", linger_ms=5, batch_size=256 * 1024)
    for message in messages_of(
        lines[:posts],
        posts_per_message=settings.posts_per_message,
        partitions=settings.posts_partitions,
        lateness_ms=settings.lateness_s * 1000,
        now_ms=LATEST_MS,
    ):
        if message.value != HEARTBEAT:
            arrived = (ARRIVED_AT, str(message.arrived_ms).encode())
            producer.send(POSTS.name, message.value, partition=message.partition, headers=[arrived])
    producer.close()
    return posts


class Published:
    """What stands on the topics of parts and of scored posts, from one look to the next."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False)
        topics = {TERMS.name: settings.terms_partitions, SCORED.name: settings.posts_partitions}
        self._tps = [TopicPartition(name, number) for name, count in topics.items() for number in range(count)]
        self._consumer.assign(self._tps)
        self._ends = self._consumer.end_offsets(self._tps)

    def since(self) -> tuple[int, int]:
        """Return how many messages have come since the last look, and how many scored posts in them."""
        began, self._ends = self._ends, self._consumer.end_offsets(self._tps)
        messages = sum(self._ends[tp] - offset for tp, offset in began.items())
        for tp, offset in began.items():
            self._consumer.seek(tp, offset)
        return messages, sum(self._scored())

    def _scored(self) -> Iterator[int]:
        while any(self._consumer.position(tp) < end for tp, end in self._ends.items()):
            for tp, records in self._consumer.poll(timeout_ms=500).items():
                if tp.topic == SCORED.name:
                    yield from (len(msgspec.json.decode(record.value, type=list[msgspec.Raw])) for record in records)


def used(name: str, place: Stand, number: int, published: Published, posts: int) -> Used:
    """Run a program over all of `posts` in round `number`, and return what it used.

    Raises:
        RedianError: it failed, or did not publish each post once.
    """
    own = {**place.chosen, "app_id": f"{PROGRAMS[name]}-{number}"}
    environment = {PREFIX + key.upper(): value for key, value in own.items()}
    told = last_line([sys.executable, "-m", f"tests.bench.peers.{PROGRAMS[name]}"], environment, name)
    messages, scored = published.since()
    if scored != posts:
        raise RedianError(f"{name} published {scored} of {posts} posts")
    return Used(messages=messages, **json.loads(told))


def last_line(command: Sequence[str], environment: Mapping[str, str], name: str) -> str:
    """Run a program and return the last line that it printed.

    Raises:
        RedianError: it failed.
    """
    everything = {**os.environ, **environment}
    try:
        done = subprocess.run(command, env=everything, capture_output=True, text=True, timeout=ENDS_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise RedianError(f"{name} failed: {str(error.stderr or error)[-2000:]}") from None
    return done.stdout.strip().rpartition("\n")[2]


def kafka_streams_s(place: Stand, number: int) -> float:
    """Run the words of Kafka Streams over all of `posts`, and return its processor seconds."""
    messages = sum(ends_of_posts(place.settings).values())
    command = ["java", "-cp", f"{LIBRARIES}/*", str(WORDS), place.broker.bootstrap, f"words-{number}", str(messages)]
    return float(last_line(command, {}, "Kafka Streams"))


def without_kafka_streams() -> str | None:
    """Return what keeps Kafka Streams from running here, or None."""
    if shutil.which("javac") is None:
        return "there is no JDK; on Debian: apt install openjdk-17-jdk-headless"
    return None if LIBRARIES.is_dir() else "it is fetched with Maven; on Debian: apt install maven"


def versions() -> dict[str, str]:
    """Return the versions of the peers, of the client that they share, and of Kafka where it was fetched."""
    kafka = {jar.stem.rpartition("-")[2] for jar in kafka_process.LIBRARIES.glob("kafka-clients-*.jar")}
    packages = {name: version(name) for name in ("quixstreams", "bytewax", "confluent-kafka")}
    return packages | ({"kafka": kafka.pop()} if kafka else {})


def measured(stream: Path, most: int, repeats: int) -> Report:
    """Run every program `repeats` times in turns, and return what they used."""
    missing = without_kafka_streams()
    if missing:
        print(f"Kafka Streams is left out: {missing}", file=sys.stderr)
    rounds, for_the_record = [], []
    with tempfile.TemporaryDirectory(prefix="redian-peers-") as folder, stand(Path(folder), CHOSEN) as place:
        posts = write(place.settings, list(islice(lines_of(stream), most)))
        published = Published(place.settings)
        for number in range(repeats):
            rounds.append({name: used(name, place, number, published, posts) for name in PROGRAMS})
            if not missing:
                for_the_record.append(1e6 * kafka_streams_s(place, number) / posts)
            print(f"round {number + 1} of {repeats}", file=sys.stderr)
        on = {"broker": place.broker.name, **versions()}
    figures = figures_of(rounds, posts)
    if for_the_record:
        name = "Kafka Streams, words alone: all it used, start of the JVM left out"
        figures.append(Figure(name=name, unit="µs a post", values=tuple(for_the_record)))
    return Report(bench="peers", posts=posts, figures=tuple(figures), on=on)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers.run", description=__doc__)
    parser.add_argument("stream", type=Path, help="JSON Lines of posts, plain or gzip")
    parser.add_argument("--posts", type=int, default=49_152, help="how many at most; only what fills slices is used")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    try:
        show(measured(given.stream, given.posts, given.rounds), Console())
    except RedianError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
