"""The alert rules fire and resolve on a running worker, through real Prometheus and Alertmanager, with real faults.

A minute of the rules is a second. Faults that cannot be made in seconds (a model that gives no numbers, a GPU that is
gone, a broker that hangs, a full disk, drift, a spent budget) are left to the rules' own tests, `make ops-check`.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.adapters.embedded_broker import EmbeddedBroker
from deploy.generate.rules import RULES, rules_of
from tests.ops.deployment import Source, Worker
from tests.ops.monitoring import Prometheus, Told, alertmanager, hurried, prometheus, wait_for
from tests.shipped import NAME

pytestmark = [pytest.mark.ops, pytest.mark.timeout(600)]

LOWERED = {
    "RedianPostTooOld": ("> 60", "> 2"),
    "RedianLagGrowing": ("> 1000", "> 50"),
    "RedianEncoderSlow": ("> 0.8", "> 0.4"),
}
MADE_HERE = {
    "RedianDeadLetters",
    "RedianTimeStands",
    "RedianEncoderSlow",
    "RedianLagGrowing",
    "RedianPostTooOld",
    "RedianNoPosts",
    "RedianWorkerDown",
    "RedianWorkerFlapping",
    "RedianNotReady",
}
ONLY_UNIT_TESTED = {
    "RedianEncoderFailing",
    "RedianProviderFellBack",
    "RedianScoresDrifted",
    "RedianFalseAlertBudgetSpent",
    "RedianSnapshotsOld",
    "RedianDiskFilling",
}


SLOW = ("RedianEncoderSlow", "RedianLagGrowing", "RedianPostTooOld")
READY_S = 90.0
OVERLOAD_S = 120.0


def test_every_alert_is_shown_here_or_in_the_tests_of_the_rules() -> None:
    assert {rule["alert"] for rule in rules_of("alert")} >= MADE_HERE | ONLY_UNIT_TESTED
    assert not MADE_HERE & ONLY_UNIT_TESTED


def shown(told: Told, *alerts: str, within_s: float = 150.0) -> None:
    for alert in alerts:
        wait_for(f"{alert} fires; told: {told}", lambda alert=alert: told.fired(alert), within_s)


def over(told: Told, *alerts: str, within_s: float = 150.0) -> None:
    for alert in alerts:
        wait_for(f"{alert} is resolved; told: {told}", lambda alert=alert: told.resolved(alert), within_s)


def overload(source: Source, server: Prometheus, enough: Callable[[], bool]) -> None:
    """Have lag grow evenly, whatever this machine can score, so that it is soon worked off afterwards."""
    began = time.monotonic()
    while not enough():
        elapsed = time.monotonic() - began
        assert elapsed < OVERLOAD_S, "not all of the alerts on load fire"
        (lag,) = server.query('sum(redian_consumer_lag_messages{topic="posts"}) or vector(0)')
        source.rate = 80 if float(lag["value"][1]) < 60 + 15 * elapsed else 0
        time.sleep(0.2)


def test_alerts_fire_and_resolve(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path / "broker")
    with broker, Worker(broker.bootstrap, tmp_path) as worker:
        source = Source(broker.bootstrap)
        source.rate = 10
        source.start()
        wait_for("the worker is ready", lambda: worker.answers("/readyz"), READY_S)
        rules = hurried(RULES.read_text("utf-8"), LOWERED)
        with (
            alertmanager(tmp_path / "alertmanager") as (port, told),
            prometheus(tmp_path / "prometheus", [f"127.0.0.1:{worker.port}"], rules=rules, alertmanager=port) as server,
        ):
            wait_for("event time moves", lambda: bool(server.query("job:redian_watermark_timestamp_seconds:min > 0")))

            source.bad_share, source.partitions = 0.3, [0]
            shown(told, "RedianDeadLetters", "RedianTimeStands")
            source.bad_share, source.partitions = 0.0, [0, 1]
            over(told, "RedianDeadLetters", "RedianTimeStands")

            worker.stop()
            worker.start(encoder=NAME, threads="1", scored_slice_posts="32")
            wait_for("the worker is ready", lambda: worker.answers("/readyz"), READY_S)
            source.words = 40
            overload(source, server, lambda: all(map(told.fired, SLOW)))
            source.rate, source.words = 5, 5
            over(told, *SLOW)

            source.rate = 0
            shown(told, "RedianNoPosts")
            broker.stop()
            shown(told, "RedianNotReady")
            broker.start()
            worker.kill()
            shown(told, "RedianWorkerDown")
            for _ in range(4):
                worker.start()
                wait_for("it is scraped again", lambda: bool(server.query("up == 1")))
                worker.kill()
                wait_for("it is seen to be gone", lambda: bool(server.query("up == 0")))
            shown(told, "RedianWorkerFlapping")
            worker.start()
            source.rate = 10
            over(told, "RedianWorkerDown", "RedianWorkerFlapping", "RedianNotReady", "RedianNoPosts")
        source.end()
        log = worker.log.read_text("utf-8")
        assert all("event" in json.loads(line) for line in log.splitlines())
        assert "murmur" not in log, "what posts say is no matter of the log"
