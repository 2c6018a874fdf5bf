"""The posts agent alone on a real broker: what a slice says it covers was read, whatever the consumer delivers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from faust.types import TP
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from agents.adapters.admin import create_topics
from agents.optouts import OptOutsFollowed
from agents.posts import PostsAgent
from agents.runtime import LogReplaced
from agents.scoring_watch import letter_of
from agents.settings import Settings
from agents.watchlists import WatchlistsFollowed
from streams.contracts.slices import Part
from streams.contracts.sources import OptOut
from streams.contracts.topics import OPT_OUTS, POSTS, TERMS
from streams.counting.parts import decode_part
from streams.intake import Record
from streams.intake.reasons import SCORE_FAILED, SCORING
from tests.integration.standing import Message, StandingRuntime

pytestmark = pytest.mark.integration

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
POSTS_TP = TP(POSTS.name, 0)


def value(number: int) -> bytes:
    created = (BEGIN + timedelta(seconds=number)).isoformat()
    return json.dumps(
        {"id": f"p{number}", "platform": "t", "author": f"a{number}", "created_at": created, "text": "rain in Turin"}
    ).encode()


@pytest.fixture
def log(bootstrap: str) -> str:
    """A broker with twenty posts on partition 0."""
    create_topics(Settings(bootstrap=bootstrap))
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for number in range(20):
        producer.send(POSTS.name, value(number), partition=0, headers=[("arrived_at", arrived(number))])
    producer.flush()
    producer.close()
    return bootstrap


def arrived(number: int) -> bytes:
    return str(int((BEGIN + timedelta(seconds=number)).timestamp() * 1000)).encode()


def parts_on(bootstrap: str) -> list[tuple[int, Part]]:
    """Return (partition, part) of everything on `terms`."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        tps = [TopicPartition(TERMS.name, number) for number in consumer.partitions_for_topic(TERMS.name)]
        consumer.assign(tps)
        consumer.seek_to_beginning(*tps)
        ends = consumer.end_offsets(tps)
        found = []
        while any(consumer.position(tp) < ends[tp] for tp in tps):
            for tp, records in consumer.poll(timeout_ms=500).items():
                found += [(tp.partition, decode_part(record.value)) for record in records]
        return found
    finally:
        consumer.close()


@asynccontextmanager
async def agent(settings: Settings, *, held: bool = True) -> AsyncIterator[tuple[PostsAgent, StandingRuntime]]:
    runtime = StandingRuntime(settings, held={POSTS_TP} if held else set())
    watchlists = WatchlistsFollowed(runtime)  # type: ignore[arg-type]
    opt_outs = OptOutsFollowed(runtime.consumer, runtime.intake.opted_out)
    made = PostsAgent(runtime, watchlists, opt_outs)  # type: ignore[arg-type]
    tasks = [asyncio.create_task(work()) for work in (watchlists.follow, opt_outs.follow, made.send, made.tick)]
    try:
        yield made, runtime
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        await runtime.stop()


async def deliver(made: PostsAgent, offset: int) -> None:
    message = Message(POSTS.name, 0, offset, value(offset), headers=[("arrived_at", arrived(offset))])
    await made._take(message)


async def until_committed(runtime: StandingRuntime, next_offset: int) -> None:
    async with asyncio.timeout(60):
        while runtime.commits.get(POSTS_TP, 0) < next_offset:
            await asyncio.sleep(0.05)


async def test_posts_that_the_consumer_skips_are_read_before_a_slice_covers_them(log: str) -> None:
    async with agent(Settings(bootstrap=log, shards=1, terms_partitions=1, slice_s=0.2)) as (made, runtime):
        for offset in (0, 1, 7, 3, 12):
            await deliver(made, offset)
        await until_committed(runtime, 13)
    seen = sorted({name for _, part in parts_on(log) for name in part.ids})
    assert seen == sorted(f"p{number}" for number in range(13))


async def test_a_commit_beyond_the_end_of_the_log_is_not_passed_over_in_silence(log: str) -> None:
    async with agent(Settings(bootstrap=log, shards=1, terms_partitions=1)) as (made, runtime):
        runtime.commits[POSTS_TP] = 1000
        with pytest.raises(LogReplaced, match="up to offset 1000"):
            await deliver(made, 0)


async def test_a_shard_stays_on_its_partition_when_partitions_are_added(log: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=log)
    try:
        admin.create_partitions({TERMS.name: 6})
    except Exception as error:  # noqa: BLE001 - the embedded broker cannot add partitions
        pytest.skip(f"this broker adds no partitions: {error!r}")
    finally:
        admin.close()
    async with agent(Settings(bootstrap=log, shards=8, terms_partitions=4, slice_s=0.2)) as (made, runtime):
        await deliver(made, 0)
        await until_committed(runtime, 1)
    assert {(place, part.shard) for place, part in parts_on(log)} == {(shard % 4, shard) for shard in range(8)}


async def test_a_partition_with_more_in_the_log_than_was_read_is_not_idle(log: str) -> None:
    settings = Settings(bootstrap=log, shards=1, terms_partitions=1, slice_s=0.1, idle_s=0.5)
    async with agent(settings) as (made, runtime):
        await deliver(made, 0)
        await until_committed(runtime, 1)
        await asyncio.sleep(1.5)  # three times the silence after which an idle partition says so
        for offset in range(1, 20):
            await deliver(made, offset)
        await until_committed(runtime, 20)
        async with asyncio.timeout(60):
            while not any(part.idle for _, part in parts_on(log)):
                await asyncio.sleep(0.2)
    assert {part.end >> 16 for _, part in parts_on(log) if part.idle} == {20}


async def test_who_opted_out_is_not_counted_from_the_first_post_on(log: str) -> None:
    gone = OptOut(platform="t", author="a3", since="2026-02-28T00:00:00Z")
    back = OptOut(platform="t", author="a4", since="2026-02-28T00:00:00Z", until="2026-02-28T12:00:00Z")
    producer = KafkaProducer(bootstrap_servers=log, acks="all")
    for opt_out in (gone, back):
        producer.send(OPT_OUTS.name, msgspec.json.encode(opt_out), opt_out.key)
    producer.send(OPT_OUTS.name, b"{", b"no opt-out")
    producer.close()
    async with agent(Settings(bootstrap=log, shards=1, terms_partitions=1, slice_s=0.2)) as (made, runtime):
        for offset in range(20):
            await deliver(made, offset)
        await until_committed(runtime, 20)
    seen = {name for _, part in parts_on(log) for name in part.ids}
    assert seen == {f"p{number}" for number in range(20) if number != 3}
    assert {part.end >> 16 for _, part in parts_on(log)} >= {20}


async def test_the_letter_of_a_post_that_the_model_failed_on_has_its_own_original(bootstrap: str) -> None:
    create_topics(Settings(bootstrap=bootstrap))
    several = b"[%b , %b]" % (value(0), value(1))
    cut_off = b'[%b, {"id": "p4' % value(3)
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for written in (several, value(2), cut_off):
        producer.send(POSTS.name, written, partition=0)
    producer.close()
    runtime = StandingRuntime(Settings(bootstrap=bootstrap))
    letters = [
        await letter_of(runtime, post)
        for offset, written in enumerate((several, value(2), cut_off))
        for post in runtime.intake.take(Record(POSTS.name, 0, offset, written, int(arrived(2)))).posts
    ]
    assert [(letter.offset, letter.index, letter.original) for letter in letters] == [
        (0, 0, value(0)),
        (0, 1, value(1)),
        (1, 0, value(2)),
        (2, 0, value(3)),
    ]
    assert {(letter.stage, letter.reason) for letter in letters} == {(SCORING, SCORE_FAILED)}
