"""Mastodon beyond the contract: federation, what was missed, deletions, opting out, a server that loops."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.adapters.sources.fetching import Web
from agents.adapters.sources.mastodon import Mastodon
from agents.adapters.sources.source import Refused
from agents.adapters.sources.together import Together
from tests.sources.conftest import running, until, until_written
from tests.sources.platform import Answer, WaitingClock
from tests.sources.servers.instance import Instance

pytestmark = pytest.mark.sources


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[list[Instance]]:
    servers = [Instance(tmp_path), Instance(tmp_path)]
    for server in servers:
        await server.start()
    yield servers
    for server in servers:
        await server.stop()


async def test_a_post_that_two_instances_have_comes_once(broker: str, two: list[Instance]) -> None:
    clock = WaitingClock()
    source = Together("mastodon-federation", [server.source(clock) for server in two], clock)
    async with running(broker, source, clock):
        await until(lambda: all(server.ready() for server in two))
        ids = [await two[0].publish(1), await two[1].publish(1), await two[1].publish(2)]
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 2)
    assert sorted(found.ids) == sorted(set(ids))


async def test_an_instance_that_is_down_holds_up_no_other_and_each_keeps_its_place(
    broker: str, two: list[Instance]
) -> None:
    clock = WaitingClock()

    def source() -> Together:
        return Together("mastodon-one-down", [server.source(clock) for server in two], clock)

    two[1].domain = "other.social"
    async with running(broker, source(), clock):
        await until(lambda: all(server.ready() for server in two))
        ids = [await two[0].publish(1), await two[1].publish(1)]
        await until_written(broker, "mastodon-one-down", lambda found: len(found.posts) >= 2)
    two[1].faults = [Answer(503) for _ in range(8)]
    ids += [await two[0].publish(2), await two[1].publish(2)]
    async with running(broker, source(), clock):
        await until_written(broker, "mastodon-one-down", lambda found: ids[2] in found.ids)
        found = await until_written(broker, "mastodon-one-down", lambda found: len(found.posts) >= 4)
    assert sorted(found.ids) == sorted(ids)


async def test_what_was_missed_is_read_by_pages_in_order(broker: str, two: list[Instance]) -> None:
    server, clock = two[0], WaitingClock()
    source = server.source(clock)
    async with running(broker, source, clock):
        await until(server.ready)
        ids = [await server.publish(0)]
        await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    ids += [await server.publish(number) for number in range(1, 131)]
    async with running(broker, server.source(clock), clock):
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 131)
    assert sorted(found.ids) == sorted(ids)


async def test_a_server_that_repeats_a_page_for_ever_is_left(broker: str, two: list[Instance]) -> None:
    server, clock = two[0], WaitingClock()
    source = server.source(clock)
    async with running(broker, source, clock):
        await until(server.ready)
        ids = [await server.publish(number) for number in range(3)]
        await until_written(broker, source.name, lambda found: len(found.posts) >= 3)
    server.same_page_for_ever = True
    before = server.requests
    async with running(broker, server.source(clock), clock):
        await until(lambda: server.readers > 1)
        ids.append(await server.publish(9))
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 4)
    assert sorted(found.ids) == sorted(ids)
    assert server.requests - before <= 3


async def test_a_deletion_is_told_by_the_uri_and_an_unknown_one_is_nothing(broker: str, two: list[Instance]) -> None:
    server, clock = two[0], WaitingClock()
    source = server.source(clock)
    async with running(broker, source, clock):
        await until(server.ready)
        uri = await server.publish(1)
        await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
        await server.tell(b"event: delete\ndata: 12345\n\n:thump\n")
        await server.tell(b"event: delete\ndata: " + server.statuses[0]["id"].encode() + b"\n\n")
        found = await until_written(broker, source.name, lambda found: len(found.deleted) >= 1)
    assert [deletion.id for deletion in found.deleted] == [uri]


async def test_who_asks_not_to_be_indexed_is_left_out_and_markup_becomes_text(broker: str, two: list[Instance]) -> None:
    server, clock = two[0], WaitingClock()
    source = server.source(clock)
    async with running(broker, source, clock):
        await until(server.ready)
        status = server.status(1)
        await server.append({**status, "account": {**status["account"], "noindex": True}})
        await server.append({**server.status(2), "visibility": "unlisted"})
        await server.publish(3)
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    (post,) = found.posts
    assert (post.text, post.author) == ("post 3 #Turin", "https://example.social/users/ann")
    assert (post.followers, post.author_since) == (7, "2022-11-05T00:00:00.000Z")


async def test_what_is_marked_sensitive_is_carried_so(broker: str, two: list[Instance]) -> None:
    server, clock = two[0], WaitingClock()
    source = server.source(clock)
    origin = {"uri": "https://elsewhere.social/1", "content": "<p>post 3</p>", "sensitive": True}
    async with running(broker, source, clock):
        await until(server.ready)
        marks = ({}, {"sensitive": True}, {"reblog": origin}, {"sensitive": None})
        for number, marked in enumerate(marks, 1):
            await server.append(server.status(number, **marked))
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 4)
    assert {post.text.split()[1]: post.restricted for post in found.posts} == {
        "1": None,
        "2": ["sensitive"],
        "3": ["sensitive"],
        "4": None,
    }


async def test_a_wrong_token_is_one_line_without_the_token(broker: str, two: list[Instance]) -> None:
    clock = WaitingClock()
    source = Mastodon(f"http://127.0.0.1:{two[0].port}", clock=clock, token="wrong-token", web=Web())
    with pytest.raises(Refused, match="401") as caught:
        async with running(broker, source, clock):
            await until(lambda: False)
    assert "wrong-token" not in str(caught.value)
