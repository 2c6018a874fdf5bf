"""X, Weibo, Facebook pages beyond the contract: caps, rules, codes in bodies, answers behind answers."""

import asyncio
import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from agents.adapters.sources.bluesky import Bluesky
from agents.adapters.sources.facebook_pages import FacebookPages
from agents.adapters.sources.feeds import Feed
from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Interrupted, Refused, Source
from agents.adapters.sources.weibo import Weibo
from agents.adapters.sources.x import ASKED, X
from tests.sources.conftest import running, until, until_written, written
from tests.sources.platform import SECRET, WaitingClock
from tests.sources.servers.graph_api import APP_SECRET, PAGE, GraphApi
from tests.sources.servers.weibo_api import WeiboApi
from tests.sources.servers.x_api import XApi

pytestmark = pytest.mark.sources


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[XApi]:
    made = XApi(tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def graph(tmp_path: Path) -> AsyncIterator[GraphApi]:
    made = GraphApi(tmp_path)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def timeline(tmp_path: Path) -> AsyncIterator[WeiboApi]:
    made = WeiboApi(tmp_path)
    await made.start()
    yield made
    await made.stop()


async def test_rules_become_what_was_asked_for_and_others_are_left_alone(broker: str, api: XApi) -> None:
    clock = WaitingClock()
    api.rules.append({"id": "2", "value": "an old one", "tag": "redian"})
    async with running(broker, api.source(clock), clock):
        await until(api.ready)
    assert {(rule["value"], rule["tag"]) for rule in api.rules} == {
        ("cats", "somebody else's"),
        ("flood lang:en", "redian"),
    }
    refused = X("s", ["(open"], cap=1, clock=clock, web=Web(), endpoint=f"http://127.0.0.1:{api.port}")
    with pytest.raises(Refused, match="401"):
        await anext(refused.batches(None))


async def test_a_cap_ends_reading_until_the_next_month(broker: str, api: XApi) -> None:
    clock = WaitingClock()
    api.cap = 3
    source = api.source(clock)
    async with running(broker, source, clock):
        await until(api.ready)
        for number in range(3):
            await api.publish(number)
        await until(lambda: bool(clock.waits))
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 3)
    # A month is longer than the longest single wait, so it asks itself again each day, and X not once.
    assert clock.waits[0] > 3600
    assert len(found.posts) >= 3


async def test_a_repost_has_the_whole_text_and_names_its_original(broker: str, api: XApi) -> None:
    clock = WaitingClock()
    source = api.source(clock)
    async with running(broker, source, clock):
        await until(api.ready)
        repost = api.post(5, text="RT @ann: the whole te…", referenced_tweets=[{"type": "retweeted", "id": "77"}])
        users = [{"id": "7", "public_metrics": {"followers_count": 12}, "created_at": "2013-12-14T04:35:55.000Z"}]
        await api.append(repost, {"tweets": [{"id": "77", "text": "the whole text"}], "users": users})
        found = await until_written(broker, source.name, lambda found: bool(found.posts))
    (post,) = found.posts
    assert (post.text, post.repost_of, post.followers) == ("the whole text", "77", 12)
    assert post.author_since == "2013-12-14T04:35:55.000Z"


async def test_where_a_post_is_withheld_and_what_x_warns_of_is_asked_for_and_carried(broker: str, api: XApi) -> None:
    clock = WaitingClock()
    source = api.source(clock)
    async with running(broker, source, clock):
        await until(api.ready)
        await api.append(api.post(1))
        await api.append(api.post(2, possibly_sensitive=True, withheld={"country_codes": ["de", "FR"]}))
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 2)
    assert {post.text.split()[1]: post.restricted for post in found.posts} == {
        "1": None,
        "2": ["sensitive", "withheld:DE", "withheld:FR"],
    }
    assert {"possibly_sensitive", "withheld"} <= set(ASKED["tweet.fields"].split(","))


async def test_what_was_missed_is_searched_for_by_pages(broker: str, api: XApi) -> None:
    clock = WaitingClock()
    source = api.source(clock)
    async with running(broker, source, clock):
        await until(api.ready)
        ids = [await api.publish(0)]
        await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    ids += [await api.publish(number) for number in range(1, 251)]
    async with running(broker, api.source(clock), clock):
        await until(lambda: api.readers > 1)
        ids.append(await api.publish(300))
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 252)
    assert sorted(found.ids) == sorted(ids)


async def test_an_operational_disconnect_is_waited_out(broker: str, api: XApi) -> None:
    clock = WaitingClock()
    source = api.source(clock)
    async with running(broker, source, clock):
        await until(api.ready)
        async with api.more:
            api.lines.append(json.dumps({"errors": [{"title": "operational-disconnect"}]}).encode() + b"\r\n")
            api.more.notify_all()
        await until(lambda: api.readers > 1)
        await api.publish(1)
        await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    assert clock.waits


async def test_weibo_tells_limits_and_tokens_by_codes_in_the_body(timeline: WeiboApi) -> None:
    clock = WaitingClock()
    source = timeline.source(clock)
    timeline.errors = [(403, 10023), (403, 21327), (400, 10001), (200, 10022)]
    for kind, told in (
        (Interrupted, "limited"), (Refused, "21327"), (Interrupted, "failed"), (Interrupted, "limited"),
    ):  # fmt: skip
        with pytest.raises(kind, match=told) as caught:
            await anext(source.batches(None))
        if told == "limited":
            assert 0 < caught.value.retry_after_s <= 3600
    wrong = Weibo("wrong", clock=clock, web=Web(), endpoint=f"http://127.0.0.1:{timeline.port}")
    with pytest.raises(Refused, match="21332"):
        await anext(wrong.batches(None))


async def test_weibo_reads_all_pages_behind_the_cursor(broker: str, timeline: WeiboApi) -> None:
    clock = WaitingClock()
    source = timeline.source(clock)
    ids = [await timeline.publish(number) for number in range(5)]
    async with running(broker, source, clock):
        await until_written(broker, source.name, lambda found: len(found.posts) >= 5)
    ids += [await timeline.publish(number) for number in range(5, 355)]
    timeline.statuses.append({**timeline.status(400), "deleted": "1", "user": None})
    async with running(broker, timeline.source(clock), clock):
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 355)
    assert sorted(found.ids) == sorted(ids)
    assert (found.posts[0].place, found.posts[0].author_since) == ("北京", "2009-08-28T00:00:00.000Z")


async def test_a_date_of_an_account_that_cannot_be_read_loses_no_status(broker: str, timeline: WeiboApi) -> None:
    clock = WaitingClock()
    source = timeline.source(clock)
    user = {"id": 1, "idstr": "1", "created_at": "long ago"}
    timeline.statuses.append(timeline.status(1, user=user, region_name=None))
    async with running(broker, source, clock):
        found = await until_written(broker, source.name, lambda found: bool(found.posts))
    assert (found.posts[0].place, found.posts[0].author_since) == (None, None)


async def test_facebook_tells_limits_and_permissions_by_codes_in_the_body(graph: GraphApi) -> None:
    clock = WaitingClock()
    usage = {"X-Business-Use-Case-Usage": '{"1234":[{"type":"pages","estimated_time_to_regain_access":19}]}'}
    graph.errors = [
        (400, {"code": 4}, {}),
        (403, {"code": 80001}, usage),
        (400, {"code": 32}, {"X-Business-Use-Case-Usage": "nonsense"}),
        (403, {"code": 200}, {}),
        (400, {"code": 100}, {}),
        (500, {"code": 2, "is_transient": True}, {}),
        (400, {"code": 190, "is_transient": True}, {}),
    ]
    for kind, told, wait_s in (
        (Interrupted, "says 4 ", 600), (Interrupted, "says 80001 ", 19 * 60), (Interrupted, "says 32 ", 600),
        (Refused, "says 200 ", None), (Refused, "says 100 ", None), (Interrupted, "says 2 ", None),
        (Interrupted, "says 190 ", None),
    ):  # fmt: skip
        with pytest.raises(kind, match=told) as caught:
            await anext(graph.source(clock).batches(None))
        if wait_s is not None:
            assert caught.value.retry_after_s == wait_s
    for page, token, code in ((PAGE, "wr0ng", 190), ("nobody/x", SECRET, 100)):
        wrong = FacebookPages([page], token, clock=clock, web=Web(), app_secret=APP_SECRET, endpoint=graph.endpoint)
        with pytest.raises(Refused, match=f"says {code} ") as refused:
            await anext(wrong.batches(None))
        assert token not in str(refused.value)


async def test_facebook_reads_all_answers_behind_the_cursor_and_follows_no_address_of_theirs(
    broker: str, graph: GraphApi
) -> None:
    clock = WaitingClock()
    ids = [await graph.publish(number) for number in range(5)]
    source = graph.source(clock)
    async with running(broker, source, clock):
        await until_written(broker, source.name, lambda found: len(found.posts) >= 5)
    ids += [await graph.publish(number) for number in range(5, 355)]
    graph.items += [
        graph.item(400, message=None),
        {name: value for name, value in graph.item(401).items() if name != "from"},
        graph.item(402, message=["no", "text"]),
    ]
    async with running(broker, graph.source(clock), clock):
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 355 and bool(found.dead))
        looks = graph.requests
        while graph.requests < looks + 5:
            await asyncio.sleep(0.01)
        found = written(broker, source.name)
    assert sorted(found.ids) == sorted(ids)
    assert [letter.reason for letter in found.dead] == ["wrong_type"]  # once, though it came with each look


async def test_a_certificate_that_does_not_match_is_an_interruption(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=elsewhere.example",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    host = f"127.0.0.1:{runner.addresses[0][1]}"
    sources: list[Source] = [
        Feed(f"https://{host}/feed", clock=WaitingClock(), web=Web()),
        Bluesky(f"wss://{host}/subscribe", web=Web()),
    ]
    try:
        for source in sources:
            with pytest.raises(Interrupted, match="certificate"):
                await anext(source.batches("1772323200000000" if isinstance(source, Bluesky) else None))
    finally:
        await runner.cleanup()
