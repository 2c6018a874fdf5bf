"""A small deployment whose faults a test makes: one worker, one source, event time that runs sixty times real time."""

import json
import os
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from kafka import KafkaProducer

from agents.adapters.broker_process import free_port
from streams.contracts.framing import ARRIVED_AT
from streams.contracts.topics import ALERTS
from tests.integration.program import environment, redian
from tests.ops.process import Process
from tests.unit.subscriptions.outputs import an_alert

FASTER = 60
"""A bucket of a minute closes every second."""
_TICK_S = 0.1
SHIM = Path(__file__).with_name("shim")


def plain(number: int) -> str:
    """Return a text that no model is sure of."""
    return " ".join(f"word{number * 31 % 1009} murmur{number + place}" for place in range(5))


def cheerful(number: int) -> str:
    """Return one that any model is sure of."""
    return f"What a wonderful evening, thank you all so much! murmur{number}"


def long(number: int) -> str:
    """Return one that is work, and that the model under test gives no numbers for (see `shim`)."""
    return " ".join(f"word{number * 31 % 1009} murmur{number + place}" for place in range(30))


def publish_alert(bootstrap: str) -> None:
    """Write an alert as a worker does, so that subscribers are told something."""
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    producer.send(ALERTS.name, msgspec.json.encode(an_alert()), b"h", partition=0).get(60)
    producer.close()


class Worker(Process):
    """`redian worker`, at one address for as long as it lasts."""

    def __init__(self, bootstrap: str, folder: Path, **settings: str) -> None:
        super().__init__(folder / "worker.log")
        self.port = free_port()
        own = {
            "posts_partitions": "2",
            "terms_partitions": "2",
            "shards": "2",
            "snapshot_s": "2",
            "idle_s": "3600",
            "slice_s": "0.2",
        }
        self._env = environment(bootstrap, folder, **own, **settings, web_port=str(self.port))
        self._env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(SHIM), os.environ.get("PYTHONPATH"))))
        made = redian(self._env, "topics", "create")
        assert made.returncode == 0, made.stderr

    def start(self, **settings: str) -> None:
        """Start it, with other settings if given."""
        self._run({**self._env, **{f"REDIAN_{name.upper()}": value for name, value in settings.items()}}, "worker")

    def answers(self, path: str) -> bool:
        """Return whether a page is there and says yes; a worker that has ended never will."""
        self.runs()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        """Tell it to leave, and wait until it has."""
        if self._process is not None:
            self._process.terminate()
            assert self._process.wait(20) == 0


class Source(threading.Thread):
    """Writes posts, one a message, at a rate that a test changes as it likes; event time stands while that is 0."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(name="source", daemon=True)
        self.rate = 0.0
        self.bad_share = 0.0
        self.partitions = [0, 1]
        self.text: Callable[[int], str] = plain
        self._servers = bootstrap
        self._moment = datetime.now(UTC) - timedelta(days=2)
        self._ended = threading.Event()
        self._number = 0

    def run(self) -> None:
        """Write until `end`."""
        producer = KafkaProducer(bootstrap_servers=self._servers)
        due, seen = 0.0, time.monotonic()
        while not self._ended.wait(_TICK_S):
            elapsed, seen = time.monotonic() - seen, time.monotonic()
            if self.rate:
                self._moment += elapsed * timedelta(seconds=FASTER)
            due += self.rate * _TICK_S
            while due >= 1:
                due -= 1
                self._number += 1
                partition = self.partitions[self._number % len(self.partitions)]
                moment = self._moment.isoformat()
                bad = self._number % 10 < self.bad_share * 10
                value = b'{"id":"cut' if bad else self._post(moment)
                producer.send("posts", value, partition=partition, headers=[(ARRIVED_AT, moment.encode())])
        producer.close(timeout=2)

    def _post(self, moment: str) -> bytes:
        number = self._number
        post = {"id": f"p{number}", "platform": "test", "author": f"a{number}", "created_at": moment, "lang": "en"}
        return json.dumps({**post, "text": self.text(number)}).encode()

    def end(self) -> None:
        """Write no more."""
        self._ended.set()
        self.join(10)
