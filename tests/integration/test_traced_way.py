"""One trace from a post to who is told: a real worker, a real collector, a real webhook."""

import asyncio
import json
import time
from datetime import datetime
from pathlib import Path

import pytest
from kafka import KafkaProducer

from streams.contracts.framing import ARRIVED_AT
from streams.contracts.topics import POSTS
from tests.agents.collectors import Collector, attributes_of, collecting
from tests.agents.receivers import receiving
from tests.integration.program import environment, redian, start_worker
from tests.integration.test_worker import good_posts

pytestmark = pytest.mark.integration

LIMIT_S = 90.0
EARLIER = 1920
"""Posts that are read before the ones that bring a trace along."""


def write_traced(bootstrap: str, lines: list[bytes]) -> set[str]:
    """Write posts as a source does that traces them itself; returns its traces."""
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    found = set()
    for number, line in enumerate(lines, 1):
        arrived_ms = round(datetime.fromisoformat(json.loads(line)["created_at"]).timestamp() * 1000)
        traceparent = f"00-{number:032x}-{number:016x}-01"
        headers = [(ARRIVED_AT, str(arrived_ms).encode()), ("traceparent", traceparent.encode())]
        producer.send(POSTS.name, line, partition=0, headers=headers)
        found.add(f"{number:032x}")
    producer.flush()
    producer.close()
    return found


async def until_told(collector: Collector, log: Path) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not collector.named("tell") or not collector.named("brief"):
        assert time.monotonic() < deadline, f"{log.read_text('utf-8')}\n{sorted({s.name for s in collector.spans})}"
        await asyncio.sleep(0.2)


async def test_a_trace_leads_from_a_post_to_who_is_told(own_broker: str, tmp_path: Path) -> None:
    posts = good_posts()
    (tmp_path / "posts.jsonl").write_bytes(b"\n".join(posts[:EARLIER]) + b"\n")
    with collecting() as collector:
        async with receiving() as receiver:
            env = environment(
                own_broker, tmp_path, outbound_allow="127.0.0.0/8", posts_partitions="1", terms_partitions="1",
                shards="1", traces=collector.url, trace_share="0", idle_s="2",
            )  # fmt: skip
            assert redian(env, "topics", "create").returncode == 0
            added = redian(env, "subscribers", "add", "ops", "--webhook", f"{receiver.url}/ok")
            assert added.returncode == 0, added.stderr
            assert redian(env, "replay", str(tmp_path / "posts.jsonl")).returncode == 0
            log = tmp_path / "worker.log"
            worker = start_worker(env, log)
            try:
                origins = write_traced(own_broker, posts[EARLIER:])
                await until_told(collector, log)
            finally:
                worker.terminate()
                worker.wait(15)
            assert len(receiver.came) == len(collector.named("tell"))

    slices, counts = collector.named("slice"), collector.named("count")
    assert {link.trace_id.hex() for span in slices for link in span.links} <= origins
    assert all(span.links for span in slices), "only slices whose posts are traced: the share is 0"
    assert {span.trace_id for span in counts} == {span.trace_id for span in slices}
    alerts = {span.span_id: span for span in collector.named("alert")}
    for told in collector.named("tell"):
        alert = alerts[told.parent_span_id]
        assert attributes_of(told) == {"subscriber": "ops", "channel": "webhook", "attempt": 1, "outcome": "delivered"}
        assert {link.span_id for link in alert.links} <= {span.span_id for span in slices}
        assert alert.links, "its evidence is of posts that were traced"
    assert {span.parent_span_id for span in collector.named("brief")} <= alerts.keys()
    said = str(collector.spans)
    assert "Turin" not in said, "what posts say is no matter of a trace"
    assert "earthquake" not in said
