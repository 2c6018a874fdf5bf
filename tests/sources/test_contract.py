"""What every source keeps to: each platform, served locally, goes through all of these."""

import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from agents.adapters.posts_log import PostsLog
from agents.settings import Settings
from streams.contracts.sources import SourceCursor
from streams.contracts.times import to_ms
from tests.sources.conftest import running, until, until_written, written
from tests.sources.platform import SECRET, Answer, Platform, WaitingClock
from tests.sources.servers.feed import FeedServer
from tests.sources.servers.graph_api import GraphApi
from tests.sources.servers.instance import Instance
from tests.sources.servers.jetstream import Jetstream
from tests.sources.servers.pushing import Meta, Tencent, WebhookSender
from tests.sources.servers.weibo_api import WeiboApi
from tests.sources.servers.x_api import XApi

pytestmark = pytest.mark.sources

PLATFORMS: list[type[Platform]] = [
    Jetstream,
    Instance,
    FeedServer,
    XApi,
    WeiboApi,
    GraphApi,
    Meta,
    Tencent,
    WebhookSender,
]


@pytest.fixture(params=PLATFORMS, ids=lambda kind: kind.__name__.lower())
async def platform(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Platform]:
    """A platform with nothing on it."""
    made: Platform = request.param(tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def clock() -> WaitingClock:
    """A clock on which waiting takes no time."""
    return WaitingClock()


def _metric(name: str, source: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"redian_source_{name}", {"source": source, **labels}) or 0.0


async def _publish(platform: Platform, *numbers: int) -> list[str]:
    return [await platform.publish(number) for number in numbers]


async def _connected(platform: Platform, name: str) -> None:
    await until(lambda: not platform.faults and platform.ready() and _metric("connected", name) == 1)


async def test_posts_come_once_each_in_lists_with_their_arrival(
    broker: str, platform: Platform, clock: WaitingClock
) -> None:
    source = platform.source(clock)
    before = time.time_ns() // 1_000_000
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        ids = await _publish(platform, *range(20))
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 20)
    assert Counter(found.ids) == Counter(ids)
    assert all(post.platform and post.author and f"post {post.text.split()[1]}" in post.text for post in found.posts)
    assert all(before <= arrived <= clock.now_ms() for arrived in found.arrivals)
    assert _metric("posts_total", source.name) == 20


async def test_a_restart_goes_on_where_it_stopped(broker: str, platform: Platform, clock: WaitingClock) -> None:
    source = platform.source(clock)
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        ids = await _publish(platform, 1, 2, 3)
        await until_written(broker, source.name, lambda found: len(found.posts) >= 3)
    if not platform.pushes:
        ids += await _publish(platform, 4, 5)
    again = platform.source(clock)
    assert again.name == source.name
    async with running(broker, again, clock):
        await _connected(platform, source.name)
        if platform.pushes:
            ids += await _publish(platform, 4, 5)
        ids += await _publish(platform, 6)
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 6)
    assert Counter(found.ids) == Counter(ids)


async def test_repeats_are_left_out_also_after_a_restart_with_an_old_cursor(
    broker: str, platform: Platform, clock: WaitingClock
) -> None:
    source = platform.source(clock)
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        ids = await _publish(platform, 1, 2, 3, 2, 1)
        await until_written(broker, source.name, lambda found: len(found.posts) >= 3)
    found = written(broker, source.name)
    oldest = next((cursor for cursor in found.cursors if cursor.cursor is not None), found.cursors[0])
    log = PostsLog(Settings(bootstrap=broker), source.name)
    await log.start()
    await log.save(SourceCursor(source=source.name, cursor=oldest.cursor, saved_at=oldest.saved_at, since=oldest.since))
    await log.stop()
    async with running(broker, platform.source(clock), clock):
        await _connected(platform, source.name)
        ids += await _publish(platform, 3, 1, 4)
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 4)
    assert Counter(found.ids) == Counter(set(ids))


async def test_an_hour_of_limits_is_waited_out_as_asked(broker: str, platform: Platform, clock: WaitingClock) -> None:
    if platform.pushes:
        pytest.skip("the platform calls us: its limits are its own affair")
    source = platform.source(clock)
    platform.faults = [Answer(429, retry_after="600") for _ in range(6)]
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        ids = await _publish(platform, 1)
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    assert found.ids == ids
    assert sum(wait for wait in clock.waits if wait >= 600) >= 3600
    assert not platform.faults
    assert _metric("interruptions_total", source.name, reason="limited") == 6


async def test_faults_are_met_with_growing_waits_and_jitter(
    broker: str, platform: Platform, clock: WaitingClock
) -> None:
    if platform.pushes:
        pytest.skip("the platform calls us")
    source = platform.source(clock)
    platform.faults = [Answer(503) for _ in range(7)]
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        ids = await _publish(platform, 1)
        await until_written(broker, source.name, lambda found: found.ids == ids)
    waits = clock.waits[:7]
    assert all(0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits))
    assert len({wait / 2**n for n, wait in enumerate(waits)}) == 7


async def test_a_page_of_html_is_an_interruption_and_no_post(
    broker: str, platform: Platform, clock: WaitingClock
) -> None:
    if platform.pushes:
        pytest.skip("the platform calls us")
    source = platform.source(clock)
    platform.faults = [Answer(html=True)]
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        ids = await _publish(platform, 1)
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    assert found.ids == ids
    assert clock.waits


async def test_a_changed_type_is_a_dead_letter_and_harms_no_neighbour(
    broker: str, platform: Platform, clock: WaitingClock
) -> None:
    source = platform.source(clock)
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        ids = await _publish(platform, 1)
        await platform.spoil()
        ids += await _publish(platform, 2)
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 2 and bool(found.dead))
    assert Counter(found.ids) == Counter(ids)
    # Whoever connects also asks for what it missed, and what is no post has no id by which a repeat would be known.
    assert {letter.reason for letter in found.dead} == {platform.spoiled}
    assert found.dead[0].stage == "source"
    assert found.dead[0].size == len(found.dead[0].original) > 0


async def test_a_clock_that_runs_ahead_dates_nothing_after_its_arrival(
    broker: str, platform: Platform, clock: WaitingClock
) -> None:
    source = platform.source(clock)
    if not source.live:
        pytest.skip("what is not live keeps the dates it has")
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        await platform.publish(1, created_ms=clock.now_ms() + 10 * 60_000)
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    created = to_ms(datetime.fromisoformat(found.posts[0].created_at))
    assert created <= found.arrivals[0]


async def test_a_stop_writes_what_was_taken_and_is_quick(broker: str, platform: Platform, clock: WaitingClock) -> None:
    source = platform.source(clock)
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        await _publish(platform, *range(50))
        await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    first = written(broker, source.name)
    async with running(broker, platform.source(clock), clock):
        if platform.pushes:
            await _connected(platform, source.name)
            await _publish(platform, *range(50))
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 50)
    assert len(set(found.ids)) == len(found.ids) == 50
    assert len(first.ids) == len(set(first.ids))


async def test_no_secret_reaches_a_log_or_a_topic(
    broker: str, platform: Platform, clock: WaitingClock, caplog: pytest.LogCaptureFixture
) -> None:
    source = platform.source(clock)
    if not platform.pushes:
        platform.faults = [Answer(500), Answer(429, retry_after="5"), Answer(html=True)]
    with caplog.at_level(logging.DEBUG):
        async with running(broker, source, clock):
            await _connected(platform, source.name)
            await platform.spoil()
            await _publish(platform, 1)
            found = await until_written(broker, source.name, lambda found: bool(found.posts and found.dead))
    assert SECRET not in source.name
    assert SECRET not in caplog.text
    assert SECRET.encode() not in found.raw
    assert all(SECRET.encode() not in letter.original for letter in found.dead)


async def test_dates_are_rfc_3339_with_a_zone(broker: str, platform: Platform, clock: WaitingClock) -> None:
    source = platform.source(clock)
    created_ms = clock.now_ms() // 60_000 * 60_000 - 60_000
    async with running(broker, source, clock):
        await _connected(platform, source.name)
        await platform.publish(1, created_ms=created_ms)
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    assert to_ms(datetime.fromisoformat(found.posts[0].created_at)) == created_ms
