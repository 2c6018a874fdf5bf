"""A broker that was started here is gone when it was stopped or killed: nothing of it runs on."""

from pathlib import Path

import pytest

from agents.adapters.broker_process import answers, listens
from agents.adapters.embedded_broker import EmbeddedBroker

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_nothing_of_a_broker_outlives_it(end: str, tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    assert answers(broker.bootstrap)
    getattr(broker, end)()
    assert not listens(broker.port)
