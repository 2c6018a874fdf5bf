"""What tests share: real brokers, real posts."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from agents.adapters.broker_process import BrokerProcess, answers
from agents.adapters.embedded_broker import EmbeddedBroker
from agents.adapters.kafka_process import KafkaProcess, missing

# A machine that is busy with something else makes no example wrong.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them, and those of one test's commands out of the next."""
    for name in [name for name in os.environ if name.startswith("REDIAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("agents.settings._command_line", {})


def _stream(name: str) -> Path:
    path = DATA / "streams" / name
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside the repository (../shared/data/streams)")
    return path


@pytest.fixture
def crises() -> Path:
    """Five days of real English posts with 13 crises; skips where the data are absent."""
    return _stream("crises-en.jsonl.gz")


@pytest.fixture
def cascades() -> Path:
    """Thirty days of real Chinese posts and their reposts; skips where the data are absent."""
    return _stream("cascades-zh.jsonl.gz")


@pytest.fixture
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty broker: BROKER=embedded (default) or kafka; or the one that runs at BOOTSTRAP, not empty."""
    if given := os.environ.get("BOOTSTRAP"):
        if not answers(given):
            pytest.fail(f"no Kafka broker answers at BOOTSTRAP={given}")
        yield given
        return
    kind: type[BrokerProcess] = KafkaProcess if os.environ.get("BROKER", "embedded") == "kafka" else EmbeddedBroker
    with kind(tmp_path_factory.mktemp("broker")) as broker:
        yield broker.bootstrap


@pytest.fixture
def fresh_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty Apache Kafka; skips where it cannot run."""
    if (why := missing()) is not None:
        pytest.skip(why)
    with KafkaProcess(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.bootstrap


@pytest.fixture
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a broker with nothing on it, whatever BOOTSTRAP has: for tests that compare all that is published."""
    kind: type[BrokerProcess] = KafkaProcess if os.environ.get("BROKER", "embedded") == "kafka" else EmbeddedBroker
    with kind(tmp_path_factory.mktemp("own-broker")) as broker:
        yield broker.bootstrap
