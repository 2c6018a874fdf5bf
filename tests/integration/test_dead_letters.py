"""Too much bad input stops a worker with a reason; what is buried can be looked at and returned, once."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from agents.adapters.admin import lag_of
from agents.adapters.embedded_broker import EmbeddedBroker
from agents.settings import Settings
from tests.integration.program import environment, redian, values_of

pytestmark = pytest.mark.integration

WAIT_S = 90


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedBroker(tmp_path_factory.mktemp("broker")) as own:
        yield own.bootstrap


class Worker:
    """A worker process and its web side."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.log = folder / "worker.log"
        self._output = self.log.open("wb")
        command = [sys.executable, "-m", "agents.cli.main", "worker"]
        self.process = subprocess.Popen(command, env=env, stdout=self._output, stderr=subprocess.STDOUT)

    def text(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def get(self, path: str) -> str:
        """Return what a path of the web side says, whatever its status; "" while nothing answers."""
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.text())
        if found is None:
            return ""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{found[1]}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()
        except OSError:
            return ""

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not holds():
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, f"{what}\n{self.text()}"
            time.sleep(0.2)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._output.close()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[dict[str, str]], Worker]]:
    workers: list[Worker] = []

    def start(env: dict[str, str]) -> Worker:
        workers.append(Worker(env, tmp_path))
        return workers[-1]

    yield start
    for worker in workers:
        worker.close()


def good(number: int) -> bytes:
    post = {"id": f"p{number}", "platform": "x", "author": f"a{number}", "text": "one river"}
    return json.dumps({**post, "created_at": "2026-03-01T00:00:00Z"}).encode()


def send(bootstrap: str, topic: str, values: list[bytes], partition: int = 0) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
    for value in values:
        producer.send(topic, value, key=b"key", partition=partition)  # a compacted topic takes none without
    producer.flush()
    producer.close()


def dead(bootstrap: str) -> list[dict[str, object]]:
    return [json.loads(value) for value in values_of(bootstrap, "posts.dead")[0]]


def test_too_much_bad_input_stops_a_worker_which_says_why_and_stays(
    broker: str, tmp_path: Path, started: Callable[[dict[str, str]], Worker]
) -> None:
    env = environment(broker, tmp_path, dead_run="50", posts_partitions="2")
    assert redian(env, "topics", "create").returncode == 0
    send(broker, "posts", [good(n) for n in range(20)])
    send(broker, "posts", [b"{broken"] * 3000)
    worker = started(env)
    worker.until("the input is judged", lambda: "in a row could not be used" in worker.get("/readyz"))
    checks = json.loads(worker.get("/readyz"))
    assert not checks["ready"]
    assert checks["checks"]["input"]["detail"] == (
        "partition 0 of posts: 51 items in a row could not be used, mostly not_json; at most 50 may"
    )
    assert worker.get("/livez") == "alive\n"  # an orchestrator must not start it again
    worker.until("the metric says so too", lambda: "redian_dead_budget_spent 1.0" in worker.get("/metrics"))
    worker.until("what was read is buried", lambda: len(dead(broker)) == 51)
    assert worker.end() == 0, worker.text()
    assert len(dead(broker)) == 51
    assert sum(lag.lag for lag in lag_of(Settings(bootstrap=broker)) if lag.topic == "posts") == 3000 - 51


def test_rubbish_on_internal_topics_is_buried_and_the_worker_goes_on(
    broker: str, tmp_path: Path, started: Callable[[dict[str, str]], Worker]
) -> None:
    env = environment(broker, tmp_path, posts_partitions="1", terms_partitions="1", shards="1", slice_s="0.2")
    assert redian(env, "topics", "create").returncode == 0
    rubbish = [b"", b"rubbish", b"\xff\xfe", b"{}", b"[]", b"\x99\x01\xa2\xff\xfe", b"[" * 5000]
    for topic in ("terms", "bursts", "alerts", "shards.snapshots", "stories.snapshots", "hotspots", "briefs"):
        send(broker, topic, rubbish)
    worker = started(env)
    worker.until("rubbish is buried", lambda: len(dead(broker)) >= 3 * len(rubbish))
    send(broker, "posts", [good(n) for n in range(5)])
    worker.until("posts come through", lambda: len(values_of(broker, "posts.scored")[0]) > 0)
    worker.until(
        "all is committed",
        lambda: not any(lag.lag for lag in lag_of(Settings(bootstrap=broker)) if lag.topic in ("terms", "hotspots")),
    )
    assert worker.end() == 0, worker.text()
    found = {(letter["stage"], letter["reason"], letter["topic"]) for letter in dead(broker)}
    assert found == {(topic, "unreadable", topic) for topic in ("terms", "bursts", "hotspots")}


def test_letters_are_listed_shown_safely_and_returned_once(
    broker: str, tmp_path: Path, started: Callable[[dict[str, str]], Worker]
) -> None:
    env = environment(broker, tmp_path, posts_partitions="1") | {"COLUMNS": "200"}
    assert redian(env, "topics", "create").returncode == 0
    assert redian(env, "dead", "list").stdout.strip() == "no dead letters"
    escape = b'{"id": "\x1b]0;owned\x07[bold red]\xe2\x80\xae"'
    send(broker, "posts", [good(1), escape, b"\xff\x00\x01 bytes", good(2).replace(b"2026", b"1999")])
    worker = started(env)
    worker.until("three are buried", lambda: len(dead(broker)) == 3)

    listed = redian(env, "dead", "list")
    assert listed.returncode == 0, listed.stderr
    assert "3 letters: not_json 1, not_utf8 1, too_old 1" in listed.stdout
    shown = [redian(env, "dead", "show", str(number)).stdout for number in range(3)]
    assert r"\x1b]0;owned\x07[bold red]\u202e" in shown[0]
    assert not any(bad in text for text in [listed.stdout, *shown] for bad in ("\x1b", "\x07", "\u202e"))
    assert "ff 00 01 20 62" in shown[1]
    assert "1999-03-01" in shown[2]

    told = redian(env, "dead", "replay", "--reason", "not_utf8")
    assert "1 would be returned" in told.stdout
    before = len(values_of(broker, "posts")[0])
    assert "1 returned to topic posts" in redian(env, "dead", "replay", "--reason", "not_utf8", "--yes").stdout
    assert values_of(broker, "posts")[0][before:] == [b"\xff\x00\x01 bytes"]
    again = redian(env, "dead", "replay", "--reason", "not_utf8", "--yes").stdout
    assert "1 were returned before" in again
    worker.until("it is buried anew", lambda: len(dead(broker)) >= 5)  # with the mark
    assert worker.end() == 0, worker.text()

    none = redian(env, "dead", "replay", "99", "--yes")
    assert none.returncode == 2
    assert "there is no dead letter 99" in none.stderr
    assert redian(env, "dead", "replay", "--yes").returncode == 2
