"""A keeper on a real broker: it applies the log, once and in order, whatever its snapshot or the reader skip."""

import asyncio
from collections.abc import Mapping

import msgspec
import pytest
from faust.types import TP
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from agents.adapters.admin import create_topics
from agents.keeper import Keeper
from agents.runtime import LogReplaced
from agents.settings import Settings
from agents.snapshots import SnapshotStore
from streams.contracts.topics import SHARD_SNAPSHOTS, TERMS
from tests.integration.standing import Message, StandingRuntime

pytestmark = pytest.mark.integration

VALUES = [str(number).encode() for number in range(40)]


class Listing:
    """A state that is the list of all values it took."""

    def __init__(self, found: bytes | None) -> None:
        self.values = msgspec.msgpack.decode(found, type=list[bytes]) if found else []
        self.lost = False

    def state(self) -> bytes:
        return msgspec.msgpack.encode(self.values)

    def lose(self) -> None:
        self.lost = True


@pytest.fixture
def log(bootstrap: str) -> str:
    """A broker whose topic `terms` holds VALUES on partition 0."""
    create_topics(Settings(bootstrap=bootstrap))
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    for value in VALUES:
        producer.send(TERMS.name, value, partition=0)
    producer.flush()
    producer.close()
    return bootstrap


def message(offset: int) -> Message:
    return Message(TERMS.name, 0, offset, VALUES[offset])


async def take(bootstrap: str, offsets: list[int], snapshot: Mapping[int, list[bytes]] = {}) -> Listing:
    """Let a keeper whose newest snapshot is as given take the messages at these offsets; return its state."""
    runtime = StandingRuntime(Settings(bootstrap=bootstrap), at=offsets[0])
    states: list[Listing] = []

    def make(found: bytes | None) -> Listing:
        states.append(Listing(found))
        return states[-1]

    async def apply(state: Listing, value: bytes) -> None:
        await asyncio.sleep(0)
        state.values.append(value)

    try:
        for reach, values in snapshot.items():
            store = SnapshotStore(TERMS.name, SHARD_SNAPSHOTS, 0, await runtime.producer(), runtime.consumer)
            await store.save(msgspec.msgpack.encode(values), {0: reach})
        keeper = Keeper(runtime, TERMS, SHARD_SNAPSHOTS, make, apply)  # type: ignore[arg-type]
        for offset in offsets:
            await keeper.take(message(offset))  # type: ignore[arg-type]
    finally:
        await runtime.stop()
    (state,) = states
    return state


async def test_a_snapshot_older_than_the_commit_is_followed_by_what_lies_between(log: str) -> None:
    state = await take(log, [20, 21], snapshot={5: VALUES[:5]})
    assert state.values == VALUES[:22]
    assert not state.lost


async def test_without_a_snapshot_all_is_read_again_before_what_comes_next(log: str) -> None:
    assert (await take(log, [30])).values == VALUES[:31]


async def test_messages_that_the_reader_skips_are_read_all_the_same_and_none_twice(log: str) -> None:
    state = await take(log, [0, 3, 1, 2, 3, 9])
    assert state.values == VALUES[:10]


async def test_a_snapshot_of_the_whole_log_that_a_kill_left_uncommitted_is_committed_once_the_log_is_seen(
    log: str,
) -> None:
    tp = TP(TERMS.name, 0)
    runtime = StandingRuntime(Settings(bootstrap=log), at=30, held={tp})

    async def apply(state: Listing, value: bytes) -> None:
        raise AssertionError

    try:
        store = SnapshotStore(TERMS.name, SHARD_SNAPSHOTS, 0, await runtime.producer(), runtime.consumer)
        await store.save(msgspec.msgpack.encode(VALUES), {0: 40})
        keeper = Keeper(runtime, TERMS, SHARD_SNAPSHOTS, Listing, apply)  # type: ignore[arg-type]
        await keeper.save()
        assert runtime.commits == {}
        for offset in range(30, 40):
            await keeper.take(message(offset))  # type: ignore[arg-type]
        await keeper.save()
        assert runtime.commits == {tp: 40}
    finally:
        await runtime.stop()


async def test_a_log_that_ends_before_what_was_counted_is_not_passed_over_in_silence(log: str) -> None:
    with pytest.raises(LogReplaced, match="up to offset 1000 and ends at 40"):
        await take(log, [0], snapshot={1000: VALUES})


async def test_a_key_that_is_no_text_and_damage_on_the_snapshots_cost_a_longer_replay(log: str) -> None:
    producer = KafkaProducer(bootstrap_servers=log, acks="all")
    for key, value in ((b"\xff\xfe", b"\xc1"), (b"terms/w", b"\xc1"), (b"", b"x"), (None, b"x"), (b"a/b/c/d/e", b"")):
        producer.send(SHARD_SNAPSHOTS.name, value, key=key, partition=0)
    producer.flush()
    producer.close()
    assert (await take(log, [7])).values == VALUES[:8]


async def test_what_retention_took_is_given_up_and_said_so(fresh_kafka: str) -> None:
    create_topics(Settings(bootstrap=fresh_kafka))
    producer = KafkaProducer(bootstrap_servers=fresh_kafka, acks="all")
    for value in VALUES:
        producer.send(TERMS.name, value, partition=0)
    producer.flush()
    producer.close()
    admin = KafkaAdminClient(bootstrap_servers=fresh_kafka)
    admin.delete_records({TopicPartition(TERMS.name, 0): 15})
    admin.close()
    state = await take(fresh_kafka, [20], snapshot={10: VALUES[:10]})
    assert state.lost
    assert state.values == [*VALUES[:10], *VALUES[15:21]]
