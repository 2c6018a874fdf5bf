"""Lists of what is hot: each title once, with the list's own times, through restarts, limits and nonsense."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from kafka import KafkaConsumer, TopicPartition

from agents.adapters.sources.fetching import Web
from agents.adapters.sources.lists import HotList, ListFile, WeiboTrends, WikipediaViews, snapshots_in
from agents.adapters.sources.source import Refused
from streams.contracts.outside import Listing
from streams.contracts.topics import OUTSIDE_LISTINGS
from tests.sources.conftest import running, until
from tests.sources.platform import SECRET, Answer, WaitingClock
from tests.sources.servers.lists_api import ListsApi

pytestmark = pytest.mark.sources


@pytest.fixture
def clock() -> WaitingClock:
    """A clock on which waiting takes no time."""
    return WaitingClock()


@pytest.fixture
async def api() -> AsyncIterator[ListsApi]:
    """Both lists, empty."""
    made = ListsApi()
    await made.start()
    yield made
    await made.stop()


def weibo(api: ListsApi, clock: WaitingClock, token: str = SECRET) -> HotList:
    there = f"http://127.0.0.1:{api.port}"
    looks = WeiboTrends(token, clock=clock, web=Web(), every_s=60.0, endpoint=there)
    looks.name = f"weibo-{api.port}"
    return HotList(looks)


def wikipedia(api: ListsApi, clock: WaitingClock) -> HotList:
    there = f"http://127.0.0.1:{api.port}/api/rest_v1"
    looks = WikipediaViews("zh.wikipedia", clock=clock, web=Web(), every_s=3600.0, endpoint=there)
    looks.name = f"wikipedia-{api.port}"
    return HotList(looks)


def listings(broker: str, source: HotList) -> list[Listing]:
    """Return what a list brought."""
    consumer = KafkaConsumer(bootstrap_servers=broker, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        place = TopicPartition(OUTSIDE_LISTINGS.name, 0)
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        end = consumer.end_offsets([place])[place]
        found = []
        while consumer.position(place) < end:
            found += consumer.poll(timeout_ms=300).get(place, [])
        read = [msgspec.json.decode(record.value, type=Listing) for record in found]
        return [listing for listing in read if f"list:{listing.list}" == source.name]
    finally:
        consumer.close()


def _at(listing: Listing) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(listing.absent_at), datetime.fromisoformat(listing.seen_at)


async def test_a_title_comes_once_with_the_look_before_it_also_after_a_restart(
    broker: str, api: ListsApi, clock: WaitingClock
) -> None:
    api.trends = ["旧闻"]
    source = weibo(api, clock)
    async with running(broker, source, clock):
        await until(lambda: len(api.asked) >= 2)
        api.trends = ["暴雨 北京", "旧闻"]
        await until(lambda: bool(listings(broker, source)))
    again = weibo(api, clock)
    api.trends = ["演唱会取消", "暴雨 北京"]
    before = len(api.asked)
    async with running(broker, again, clock):
        await until(lambda: len(api.asked) >= before + 3 and len(listings(broker, source)) >= 2)
    found = listings(broker, source)
    assert [(listing.title, listing.rank) for listing in found] == [("暴雨 北京", 1), ("演唱会取消", 1)]
    assert all(absent < seen for absent, seen in map(_at, found))
    assert _at(found[0])[1] - _at(found[0])[0] < timedelta(minutes=2)


async def test_limits_and_nonsense_are_waited_out_and_bring_nothing(
    broker: str, api: ListsApi, clock: WaitingClock
) -> None:
    api.trends = ["旧闻"]
    source = weibo(api, clock)
    api.faults = [Answer(429, retry_after="600"), Answer(html=True), Answer(503)]
    async with running(broker, source, clock):
        await until(lambda: not api.faults and len(api.asked) >= 5)
        api.trends = ["新闻", "旧闻"]
        await until(lambda: bool(listings(broker, source)))
    assert any(wait >= 600 for wait in clock.waits)
    assert [listing.title for listing in listings(broker, source)] == ["新闻"]


async def test_a_wrong_token_ends_it(api: ListsApi, clock: WaitingClock) -> None:
    with pytest.raises(Refused, match="token"):
        await anext(weibo(api, clock, token="wrong").batches(None))


async def test_days_of_wikipedia_come_when_they_are_counted_dated_at_their_end(
    broker: str, api: ListsApi, clock: WaitingClock
) -> None:
    today = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).date()
    before, yesterday = (f"{today - timedelta(days=back):%Y/%m/%d}" for back in (2, 1))
    api.days[before] = ["Main_Page", "Special:Search", "Old_news"]
    source = wikipedia(api, clock)
    async with running(broker, source, clock):
        await until(lambda: api.asked.count(yesterday) >= 2)
        assert not listings(broker, source)
        api.days[yesterday] = ["Main_Page", "Turin_flood", "Old_news", "Wikipedia:About"]
        await until(lambda: bool(listings(broker, source)))
    (found,) = listings(broker, source)
    assert (found.title, found.rank) == ("Turin flood", 1)
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    assert _at(found) == (midnight - timedelta(days=1), midnight)


async def test_snapshots_of_a_file_keep_their_own_times_and_end(
    broker: str, clock: WaitingClock, tmp_path: Path
) -> None:
    file = tmp_path / "list.jsonl"
    rows = [("09", "旧闻", False), ("10", "旧闻", False), ("10", "新闻", False), ("10", "广告", True)]
    file.write_text(
        "".join(
            msgspec.json.encode({"day": "2026-06-01", "hour": hour, "title": title, "ads": ads}).decode() + "\n"
            for hour, title, ads in rows
        )
    )
    source = HotList(ListFile("my-list", file, 8))
    for _ in range(2):  # again: nothing that was there before
        async with running(broker, source, clock) as ingestion:
            await until(lambda: ingestion._ended)
    (found,) = listings(broker, source)
    assert (found.title, found.rank, found.seen_at) == ("新闻", 2, "2026-06-01T02:00:00.000Z")
    file.write_text('{"no": "list"}\n')
    with pytest.raises(Refused, match="no list"):
        snapshots_in(file, 8)
