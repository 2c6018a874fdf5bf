"""Bluesky beyond the contract: frames cut off, old cursors, compression and its bombs, deletions, claims of dates."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zstandard
from prometheus_client import REGISTRY

from agents.adapters.posts_log import PostsLog
from agents.adapters.sources import bluesky_events
from agents.adapters.sources.bluesky import Bluesky
from agents.adapters.sources.fetching import Web
from agents.adapters.sources.source import Refused
from agents.settings import Settings
from streams.contracts.posts import Post
from streams.contracts.sources import SourceCursor
from tests.sources.conftest import running, until, until_written
from tests.sources.platform import WaitingClock
from tests.sources.servers.jetstream import COLLECTION, DID, Jetstream, event

pytestmark = pytest.mark.sources

NOW_MS = 1_772_323_200_000


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Jetstream]:
    made = Jetstream(tmp_path)
    await made.start()
    yield made
    await made.stop()


def trained() -> bytes:
    samples = [json.dumps(event(n, n * 10**9, n * 1000)).encode() for n in range(2000)]
    return zstandard.train_dictionary(8 * 1024, samples).as_bytes()


def read_one(wire: dict[str, object]) -> Post:
    (post,) = bluesky_events.read(json.dumps(wire), "bluesky:test").posts
    return post


@pytest.mark.parametrize("mid_frame", [True, False])
async def test_a_connection_dropped_even_mid_frame_loses_and_repeats_nothing(
    broker: str, server: Jetstream, mid_frame: bool
) -> None:
    clock = WaitingClock()
    source = server.source(clock)
    server.drop_after, server.drop_mid_frame = 5, mid_frame
    async with running(broker, source, clock):
        await until(server.ready)
        ids = [await server.publish(number) for number in range(30)]
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 30)
    assert sorted(found.ids) == sorted(ids)
    assert len(server.cursors) == 2
    assert server.cursors[1] is not None


async def test_an_address_without_a_path_is_that_of_a_server(broker: str, server: Jetstream) -> None:
    clock = WaitingClock()
    source = server.source(clock, path="")
    async with running(broker, source, clock):
        await until(server.ready)
        ids = [await server.publish(1)]
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    assert found.ids == ids


async def test_compressed_events_come_through_and_a_bomb_is_a_dead_letter(broker: str, server: Jetstream) -> None:
    server.dictionary = trained()
    clock = WaitingClock()
    source = server.source(clock)
    async with running(broker, source, clock):
        await until(server.ready)
        ids = [await server.publish(1)]
        await server.append({**event(2, time.time_ns() // 1000, 0), "padding": "x" * 50_000_000})
        ids.append(await server.publish(3))
        found = await until_written(broker, source.name, lambda found: len(found.posts) >= 2)
    assert sorted(found.ids) == sorted(ids)
    assert [letter.reason for letter in found.dead] == ["not_json"]
    assert found.dead[0].size < 100_000


async def test_a_log_cut_behind_the_cursor_is_told_as_missed(broker: str, server: Jetstream) -> None:
    clock = WaitingClock()
    source = server.source(clock)
    old_us = time.time_ns() // 1000 - 7200 * 10**6
    log = PostsLog(Settings(bootstrap=broker), source.name)
    await log.start()
    await log.save(SourceCursor(source=source.name, cursor=str(old_us), saved_at="2026-03-01T00:00:00Z"))
    await log.stop()
    server.newest_first = time.time_ns() // 1000 - 10**6
    async with running(broker, source, clock):
        await server.publish(2)
        await until_written(broker, source.name, lambda found: len(found.posts) >= 1)
    missed = REGISTRY.get_sample_value("redian_source_missed_seconds_total", {"source": source.name})
    assert missed == pytest.approx(7200, abs=30)


async def test_events_from_behind_the_cursor_do_not_take_it_back(broker: str, server: Jetstream) -> None:
    clock = WaitingClock()
    source = server.source(clock)
    server.ignores_cursor = True
    async with running(broker, source, clock):
        await until(server.ready)
        now_us = time.time_ns() // 1000
        await server.append(event(1, now_us, now_us // 1000))
        await server.append(event(2, now_us - 3600 * 10**6, now_us // 1000))
        found = await until_written(
            broker, source.name, lambda found: len(found.posts) >= 2 and found.cursors[-1].cursor == str(now_us)
        )
    assert found.cursors[-1].cursor == str(now_us)


async def test_a_deletion_is_told_and_a_post_deleted_at_once_never_goes_out(broker: str, server: Jetstream) -> None:
    clock = WaitingClock()
    source = server.source(clock)
    now_us = time.time_ns() // 1000
    gone = {"rev": "r", "operation": "delete", "collection": COLLECTION, "rkey": "k2"}
    account = {"did": DID, "time_us": now_us + 3, "kind": "account"}
    async with running(broker, source, clock):
        await until(server.ready)
        async with server.more:  # one wake-up: the post and its deletion come together
            for wire in (
                event(1, now_us, now_us // 1000),
                event(2, now_us + 1, now_us // 1000),
                {"did": DID, "time_us": now_us + 2, "kind": "commit", "commit": gone},
                {**account, "account": {"active": False, "did": DID, "seq": 1, "status": "deleted"}},
            ):
                server.log.append((wire["time_us"], json.dumps(wire).encode()))
            server.more.notify_all()
        found = await until_written(
            broker, source.name, lambda found: len(found.deleted) >= 2 and len(found.posts) >= 1
        )
    assert found.deleted[0].id == f"at://{DID}/{COLLECTION}/k2"
    assert (found.deleted[1].id, found.deleted[1].author) == (None, DID)
    assert f"at://{DID}/{COLLECTION}/k1" in found.ids


def test_the_earlier_of_claim_and_first_sight_is_the_date() -> None:
    seen_us = NOW_MS * 1000
    assert read_one(event(1, seen_us, NOW_MS - 90_000)).created_at == "2026-02-28T23:58:30.000Z"
    assert read_one(event(1, seen_us, NOW_MS + 86_400_000)).created_at == "2026-03-01T00:00:00.000Z"
    for claim in ("yesterday", "2026-03-01T00:00:00", "0001-01-01T00:00:00Z", ""):
        assert read_one(event(1, seen_us, 0, createdAt=claim)).created_at == "2026-03-01T00:00:00.000Z"


def test_what_concerns_nobody_moves_the_cursor_alone() -> None:
    like = {"operation": "create", "collection": "app.bsky.feed.like", "rkey": "k", "record": {"subject": 7}}
    for wire in (
        {"did": DID, "time_us": 5, "kind": "commit", "commit": like},
        {"did": DID, "time_us": 5, "kind": "identity", "identity": {"did": DID, "handle": "a.b"}},
        {"did": DID, "time_us": 5, "kind": "something new"},
    ):
        batch = bluesky_events.read(json.dumps(wire), "s")
        assert (batch.cursor, batch.posts, batch.deleted, batch.malformed) == ("5", (), (), ())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "not_json"),
        (b"<html>", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"time_us":7}', "missing_field"),
        (b'{"did":"d","time_us":7,"kind":"k","x":' + b"[" * 100_000, "not_json"),
    ],
)
def test_bytes_that_are_no_event_are_malformed(data: bytes, reason: str) -> None:
    (found,) = bluesky_events.read(data, "s").malformed
    assert found.reason == reason
    assert found.original == data


def test_a_missing_dictionary_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"dictionary .*none cannot be read"):
        Bluesky("ws://127.0.0.1:1/subscribe", dictionary=tmp_path / "none", web=Web())


@pytest.mark.parametrize(
    ("labels", "restricted"),
    [
        ({"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "porn"}, {"val": "nudity"}]}, ["adult"]),
        ({"values": [{"val": "graphic-media"}, {"val": "sexual"}]}, ["adult", "sensitive"]),
        ({"values": [{"val": "something new"}]}, None),
        ({"values": []}, None),
        ({"values": "of another type"}, None),
        (["of another type"], None),
        (None, None),
    ],
)
def test_labels_of_the_author_are_carried_and_strange_ones_cost_no_post(labels: object, restricted: object) -> None:
    now_us = time.time_ns() // 1000
    (post,) = bluesky_events.read(json.dumps(event(1, now_us, now_us // 1000, labels=labels)), "test").posts
    assert post.restricted == restricted
