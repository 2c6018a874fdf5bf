"""The program as a person runs it: a process, its environment, its exit status and what it said."""

import os
import subprocess
import sys
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

KEY = "a key that only these tests use"


def environment(bootstrap: str, folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a deployment of its own; settings by field name."""
    own = {"bootstrap": bootstrap, "data_dir": str(folder), "author_key": KEY, "encoder": "off", "web_port": "0"}
    return {**os.environ, **{f"REDIAN_{name.upper()}": value for name, value in {**own, **settings}.items()}}


def redian(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [sys.executable, "-m", "agents.cli.main", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def start_worker(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a worker; what it says is added to `log`."""
    with log.open("ab") as output:
        command = [sys.executable, "-m", "agents.cli.main", "worker"]
        return subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)


def values_of(bootstrap: str, topic: str) -> dict[int, list[bytes]]:
    """Return what stands on a topic, by partition, from its beginning to its present end."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: dict[int, list[bytes]] = {tp.partition: [] for tp in partitions}
        while any(consumer.position(tp) < ends[tp] for tp in partitions):
            for tp, records in consumer.poll(timeout_ms=500).items():
                found[tp.partition] += [record.value for record in records if record.value is not None]
        return found
    finally:
        consumer.close()
