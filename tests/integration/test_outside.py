"""Outside evidence in a worker: which hotspots a list has too, written once, with its metric, also after a restart."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from faust.types import TP
from prometheus_client import REGISTRY

from agents.adapters.admin import create_topics
from agents.outside import Outside
from agents.settings import Settings
from streams.contracts.outside import SeenOutside
from streams.contracts.times import format_time
from streams.contracts.topics import ALERTS, HOTSPOTS, OUTSIDE_LISTINGS, OUTSIDE_SEEN
from tests.integration.program import environment, redian, values_of
from tests.integration.standing import StandingRuntime
from tests.unit.subscriptions.outputs import an_alert
from tests.unit.test_leadbook import NOON_MS, listing

pytestmark = pytest.mark.integration


def seen(bootstrap: str) -> list[SeenOutside]:
    """Return what was written."""
    return [msgspec.json.decode(value, type=SeenOutside) for value in values_of(bootstrap, OUTSIDE_SEEN.name)[0]]


async def put(bootstrap: str, topic: str, *values: object) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for value in values:
        body = value if isinstance(value, bytes) else msgspec.json.encode(value)
        await producer.send_and_wait(topic, body, partition=0)
    await producer.stop()


async def until_seen(bootstrap: str, number: int) -> list[SeenOutside]:
    async with asyncio.timeout(30):
        while len(found := await asyncio.to_thread(seen, bootstrap)) < number:
            await asyncio.sleep(0.1)
    return found


async def test_a_told_hotspot_is_seen_on_a_list_once_and_the_lead_is_a_metric(bootstrap: str, tmp_path: Path) -> None:
    settings = Settings(bootstrap=bootstrap)
    await asyncio.to_thread(create_topics, settings)
    told = an_alert("a1", "h1", emitted_at=format_time(NOON_MS), terms=("word:樊振东", "word:夺冠"))
    await put(bootstrap, ALERTS.name, told)
    dated = msgspec.structs.replace(listing("樊振东", 1), absent_at="noon")
    await put(bootstrap, OUTSIDE_LISTINGS.name, b"{", msgspec.json.encode(dated)[:-9] + b'\xff"}', dated)  # no harm
    await put(bootstrap, OUTSIDE_LISTINGS.name, listing("樊振东德甲夺冠", 14), listing("今天的天气", 3))
    for restart in range(2):
        runtime = StandingRuntime(settings, held={TP(HOTSPOTS.name, 0)})
        running = asyncio.create_task(Outside(runtime).run())
        if restart:
            second = an_alert("a2", "h2", emitted_at=format_time(NOON_MS), terms=("tag:天气预报",))
            await put(bootstrap, ALERTS.name, second)
            await put(bootstrap, OUTSIDE_LISTINGS.name, listing("天气预报", -20))
        found = await until_seen(bootstrap, 1 + restart)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await runtime.stop()
    assert [(one.hotspot_id, one.list, one.lead_s) for one in found] == [("h1", "weibo", 840), ("h2", "weibo", -1200)]
    for order in ("earlier", "later"):
        assert REGISTRY.get_sample_value("redian_seen_outside_total", {"list": "weibo", "order": order}) == 1
    assert REGISTRY.get_sample_value("redian_lead_median_seconds", {"list": "weibo"}) == -180
    shown = await asyncio.to_thread(redian, environment(bootstrap, tmp_path), "leads")
    assert "14 min later" in shown.stdout
    assert "2 on both sides, 1 told before" in " ".join(shown.stdout.split())
