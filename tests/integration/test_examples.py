"""The examples for other teams, each run as it stands against Apache Kafka with alerts on it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaProducer

from agents.adapters.admin import create_topics
from agents.adapters.kafka_process import LIBRARIES
from agents.settings import Settings
from streams.contracts.envelopes import envelope_of
from tests.conftest import ROOT
from tests.unit.contracts.test_promises import ALERT

pytestmark = pytest.mark.integration

EXAMPLES = ROOT / "examples"
ALERTS = [msgspec.structs.replace(ALERT, alert_id=f"a{number}", hotspot_id=f"h{number}") for number in range(3)]
LINE = "2026-03-01T00:00:00.000Z emerging quake"


@pytest.fixture
def with_alerts(fresh_kafka: str) -> str:
    """Address of a Kafka that holds three alerts, the first of them sent twice."""
    create_topics(Settings(bootstrap=fresh_kafka))
    producer = KafkaProducer(bootstrap_servers=fresh_kafka)
    for alert in (ALERTS[0], *ALERTS):
        producer.send("alerts", msgspec.json.encode(alert), alert.hotspot_id.encode(), headers=envelope_of(alert))
    producer.close()
    return fresh_kafka


def java() -> list[str]:
    if shutil.which("javac") is None:
        pytest.skip("running a Java file as it stands needs a JDK; on Debian: apt install openjdk-17-jdk-headless")
    return ["java", "-cp", f"{LIBRARIES.resolve()}/*", str(EXAMPLES / "Alerts.java")]


def run(command: list[str], *arguments: str, folder: Path) -> list[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("REDIAN_")}
    done = subprocess.run(
        [*command, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_examples_read_alerts(with_alerts: str, tmp_path: Path) -> None:
    plain = [sys.executable, str(EXAMPLES / "alerts_kafka_python.py")]
    assert run(plain, with_alerts, "4", folder=tmp_path) == [LINE] * 4
    careful = [sys.executable, str(EXAMPLES / "alerts_confluent.py")]
    assert run(careful, with_alerts, "3", folder=tmp_path) == [LINE] * 3, "a repeat is told once"
    assert run(java(), with_alerts, "4", folder=tmp_path) == [LINE] * 4
