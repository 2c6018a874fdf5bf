"""Every alert fires and resolves on running workers and sources, by real Prometheus and Alertmanager and real faults.

A minute of the rules is a second, and thresholds are what a small fault reaches. Three faults are helped: the model is
made to give no numbers for long texts (`shim`), a neighbour on CUDA and with other keys is a page that says so, the
disk is filled up to a threshold just below what is free.
"""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.adapters.embedded_broker import EmbeddedBroker
from agents.settings import Settings
from agents.subscribers import editing
from deploy.generate.rules import RULES, rules_of
from streams.contracts.subscriptions import Rule
from tests import shipped
from tests.ops.deployment import Source, Worker, cheerful, long, publish_alert
from tests.ops.monitoring import WAIT_S, Prometheus, Told, alertmanager, hurried, prometheus, serving, wait_for
from tests.ops.sourcing import Targets, sources

pytestmark = [pytest.mark.ops, pytest.mark.timeout(1800)]

OF_POSTS = ("RedianDeadLetters", "RedianTimeStands", "RedianScoresDrifted")
OF_SURROUNDINGS = (
    "RedianDiskFilling", "RedianProviderFellBack", "RedianAuthorKeysDiffer", "RedianAlertUndelivered",
    "RedianSubscriberFailing",
)  # fmt: skip
OF_LOAD = ("RedianEncoderSlow", "RedianEncoderFailing", "RedianLagGrowing", "RedianPostTooOld")
OF_THE_BROKER = ("RedianNotReady", "RedianSnapshotsOld", "RedianNoPosts")
OF_THE_WORKER = ("RedianWorkerDown", "RedianWorkerFlapping", "RedianFalseAlertBudgetSpent")
ALL = OF_POSTS + OF_SURROUNDINGS + OF_LOAD + OF_THE_BROKER + OF_THE_WORKER
OF_INPUT = "RedianDeadBudgetSpent"
OF_PLATFORMS = ("RedianSourceDrifted", "RedianSourceStopped", "RedianSourceSilent", "RedianRepliesLost")
OF_SOURCES = (*OF_PLATFORMS, "RedianSourceMissed", "RedianSourceDown", "RedianSourceGone")


def test_every_alert_is_shown_here() -> None:
    assert sorted((*ALL, OF_INPUT, *OF_SOURCES)) == sorted(rule["alert"] for rule in rules_of("alert"))


def shown(told: Told, *alerts: str) -> None:
    for alert in alerts:
        wait_for(f"{alert} fires; told: {told}", lambda alert=alert: told.fired(alert))
        print(f"{time.monotonic() - BEGAN:6.1f} s  {alert} fires")


def over(told: Told, *alerts: str) -> None:
    for alert in alerts:
        wait_for(f"{alert} is resolved; told: {told}", lambda alert=alert: told.resolved(alert))
        print(f"{time.monotonic() - BEGAN:6.1f} s  {alert} is resolved")


BEGAN = time.monotonic()


class Disk:
    """A file that can fill the disk past a threshold, at once and without writing it."""

    def __init__(self, folder: Path) -> None:
        found = shutil.disk_usage(folder)
        self._path = folder / "filling"
        self._bytes = min(1 << 30, found.free // 4)
        self.threshold = (found.free - self._bytes / 2) / found.total

    def fill(self) -> None:
        """Take the space."""
        with self._path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, self._bytes)

    def free(self) -> None:
        """Give it back."""
        self._path.unlink()


class Neighbours:
    """What is around a worker: one on CUDA with other keys, or none; receivers that fail, or do not."""

    def __init__(self) -> None:
        self.there = False
        self.failing = True
        self.url = ""

    def answer(self, path: str, _body: bytes) -> tuple[int, bytes]:
        """Answer a scrape or a webhook."""
        if path == "/metrics":
            provider = b'redian_encoder_provider{model="m",asked="auto",provider="cuda"} 1\n'
            return 200, provider + b'redian_author_keys{keys="0"} 1\n' if self.there else b""
        return (410 if path == "/gone" else 500 if self.failing else 204), b""

    @contextmanager
    def present(self) -> Iterator[str]:
        """Answer at an address for as long as the context lasts."""
        with serving(self.answer) as self.url:
            yield self.url


def subscribe(bootstrap: str, folder: Path, url: str) -> None:
    settings = Settings(bootstrap=bootstrap, data_dir=folder, outbound_allow="127.0.0.0/8")
    for name in ("failing", "gone"):
        asyncio.run(editing.add(settings, name, "webhook", f"{url}/{name}", Rule(terms=("quake",))))


def overload(source: Source, server: Prometheus, told: Told) -> None:
    """Have lag grow evenly, whatever this machine can score, so that it is soon worked off afterwards."""
    began = time.monotonic()
    while not all(map(told.fired, OF_LOAD)):
        elapsed = time.monotonic() - began
        assert elapsed < WAIT_S, f"not all of the alerts on load fire; told: {told}"
        lag = server.value('sum(redian_consumer_lag_messages{topic="posts"})') or 0.0
        source.rate = 80 if lag < 30 + 4 * elapsed else 0
        time.sleep(0.2)


def flap(worker: Worker, server: Prometheus, enough: Callable[[], bool]) -> None:
    """Start and kill the worker, each time long enough to be seen, until that is noticed."""
    started = f'process_start_time_seconds{{instance="127.0.0.1:{worker.port}"}}'
    seen = server.value(started)
    deadline = time.monotonic() + 2 * WAIT_S
    while not enough():
        assert time.monotonic() < deadline, "nobody notices that the worker flaps"
        worker.kill()
        worker.start()
        wait_for("the new worker is scraped", lambda seen=seen: server.value(started) not in (None, seen))
        seen = server.value(started)


def fail_sources(folder: Path, targets: Targets, server: Prometheus, told: Told) -> None:
    """Have everything happen to sources that they can be told of for, and mend it."""
    with sources(folder) as (bootstrap, platforms, read, answering):
        targets.are(read.target, answering.target)
        wait_for("both sources read", lambda: server.value("sum(redian_source_connected)") == 2)
        platforms.post()
        platforms.spoil()
        shown(told, "RedianSourceDrifted")
        platforms.go_away()
        platforms.lose_a_reply(bootstrap)
        shown(told, *OF_PLATFORMS)

        platforms.come_back()
        platforms.post()
        shown(told, "RedianSourceMissed")
        over(told, *OF_PLATFORMS)

        read.kill()
        shown(told, "RedianSourceDown")
        targets.are(answering.target)
        shown(told, "RedianSourceGone")
        read.start()
        targets.are(read.target, answering.target)
        over(told, *OF_SOURCES)


def test_every_alert_fires_and_resolves(tmp_path: Path) -> None:
    broker, around = EmbeddedBroker(tmp_path / "broker"), Neighbours()
    listed = Targets(tmp_path / "sources.json")
    # Slices are small, so that scoring one takes no longer than what the rate of scoring is taken over here.
    settings = {"encoder": shipped.NAME, "threads": "1", "scored_slice_posts": "8", "outbound_allow": "127.0.0.0/8"}
    with around.present() as url, broker, Worker(broker.bootstrap, tmp_path, **settings, dead_run="50") as worker:
        began = time.monotonic()
        wait_for("the worker answers", lambda: worker.answers("/livez"))
        start_s = round(time.monotonic() - began) + 1
        source = Source(broker.bootstrap)
        source.rate = 20
        source.start()
        subscribe(broker.bootstrap, tmp_path, url)
        wait_for("the worker is ready", lambda: worker.answers("/readyz"))
        disk = Disk(tmp_path)
        lowered = {
            "RedianDiskFilling": ("< 0.1", f"< {disk.threshold:.9f}"),
            "RedianPostTooOld": ("> 60", "> 2"),
            "RedianLagGrowing": ("> 1000", "> 20"),
            "RedianEncoderSlow": ("> 0.8", "> 0.4"),
            "RedianSnapshotsOld": ("> 300", "> 10"),
            "RedianFalseAlertBudgetSpent": ("0.05 *", "0.03 *"),
            "RedianWorkerFlapping": ("[15s]", f"[{5 * start_s + 5}s]"),
        }
        rules = hurried(RULES.read_text("utf-8"), lowered)
        targets = [f"127.0.0.1:{worker.port}", url.removeprefix("http://")]
        with (
            alertmanager(tmp_path / "alertmanager") as (port, told),
            prometheus(tmp_path / "prometheus", targets, sources=listed.path, rules=rules, alertmanager=port) as server,
            ThreadPoolExecutor(1) as beside,
        ):
            failing = beside.submit(fail_sources, tmp_path / "sources", listed, server, told)
            wait_for("event time moves", lambda: bool(server.query("job:redian_watermark_timestamp_seconds:min > 0")))
            wait_for("subscribers are told", lambda: server.value("sum(redian_subscribers)") == 2)

            around.there = True
            disk.fill()
            publish_alert(broker.bootstrap)
            source.bad_share, source.partitions, source.text = 0.3, [0], cheerful
            shown(told, *OF_POSTS, *OF_SURROUNDINGS)
            source.bad_share, source.partitions = 0.0, [0, 1]
            around.there = around.failing = False
            disk.free()

            source.text = long
            overload(source, server, told)
            shown(told, *OF_LOAD)
            source.rate, source.text = 5, cheerful
            over(told, *OF_POSTS, *OF_SURROUNDINGS, *OF_LOAD)

            source.rate = 0  # or the budget would be saved up by the time that passes meanwhile
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGSTOP)
            try:
                shown(told, *OF_THE_BROKER)
            finally:
                os.kill(broker.pid, signal.SIGCONT)
            worker.kill()
            shown(told, "RedianWorkerDown")
            worker.start()
            flap(worker, server, lambda: told.fired("RedianWorkerFlapping"))
            worker.kill()
            # The embedded broker holds a group up whose members were killed; Apache Kafka would not.
            broker.stop()
            broker.start()
            worker.start(budget="500")  # a budget that was raised has to be saved up first
            source.rate = 5
            shown(told, *OF_THE_WORKER)
            over(told, *ALL)
            failing.result()

            source.rate, source.bad_share = 20, 1.0
            shown(told, OF_INPUT)
            worker.kill()
            source.rate, source.bad_share = 5, 0.0
            worker.start(dead_run="0", dead_share="1")
            over(told, OF_INPUT)
        source.end()
        log = worker.log.read_text("utf-8")
        assert all("event" in json.loads(line) for line in log.splitlines())
        assert "murmur" not in log, "what posts say is no matter of the log"
