"""Whatever a client does to its reader, the reader is told and goes on."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from agents.adapters import following
from agents.adapters.following import BrokerLost, asked, connected, keep_up, leave


class Faulty:
    """A client that fails in a given way at its start, or at its end."""

    def __init__(self, start: Callable[[], Awaitable[None]], stop: Callable[[], Awaitable[None]]) -> None:
        self.start = start
        self.stop = stop


async def well() -> None:
    await asyncio.sleep(0)


async def refused() -> None:
    raise KafkaConnectionError("refused")


async def cut_off_from_within() -> None:
    """What the client does that cancels a task of its own and waits for it."""
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()
    await task


async def deaf() -> None:
    """Swallow the end of a timeout once, and go on waiting."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(60)


@pytest.mark.parametrize("fault", [refused, cut_off_from_within, deaf])
def test_a_fault_is_told_and_the_asker_lives(fault: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STOP_S", 0.01)

    async def ask() -> None:
        with pytest.raises(BrokerLost):
            await asked(fault(), 0.01 if fault is deaf else None)

    asyncio.run(ask())


@pytest.mark.parametrize("start", [refused, cut_off_from_within])
@pytest.mark.parametrize("stop", [well, refused, cut_off_from_within, deaf])
def test_reading_begins_anew_after_a_loss(
    start: Callable[[], Any], stop: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "RETRY_S", 0.0)
    monkeypatch.setattr(following, "STOP_S", 0.01)
    starts = iter([start, start, well])
    read: list[object] = []

    async def take(consumer: object) -> None:
        read.append(consumer)

    async def run() -> None:
        await keep_up("the test", lambda: Faulty(next(starts), stop), take)  # type: ignore[arg-type]

    asyncio.run(run())
    assert len(read) == 1


def test_what_is_not_a_loss_is_raised() -> None:
    async def take(_: object) -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        asyncio.run(keep_up("the test", lambda: Faulty(well, well), take))  # type: ignore[arg-type]


def test_who_is_cancelled_from_outside_ends_and_stops_the_consumer() -> None:
    stopped = asyncio.Event()

    async def stop() -> None:
        stopped.set()

    async def run() -> None:
        reading = asyncio.create_task(
            keep_up("the test", lambda: Faulty(well, stop), lambda _: asyncio.sleep(60))  # type: ignore[arg-type]
        )
        await asyncio.sleep(0.05)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(run())
    assert stopped.is_set()


def test_a_consumer_that_does_not_leave_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STOP_S", 0.01)
    asyncio.run(leave(Faulty(well, deaf)))  # type: ignore[arg-type]


@pytest.mark.parametrize("stop", [well, refused, cut_off_from_within, deaf])
def test_what_was_read_stands_however_the_client_leaves(
    stop: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "STOP_S", 0.01)

    async def read() -> str:
        async with connected(Faulty(well, stop)):  # type: ignore[type-var]
            return "read"

    assert asyncio.run(read()) == "read"


@pytest.mark.parametrize("stop", [well, refused, cut_off_from_within, deaf])
@pytest.mark.parametrize("error", [ValueError("a bug"), KafkaConnectionError("gone")])
def test_the_error_of_the_body_is_told_and_not_that_of_the_leaving(
    stop: Callable[[], Any], error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "STOP_S", 0.01)

    async def read() -> None:
        async with connected(Faulty(well, stop)):  # type: ignore[type-var]
            raise error

    with pytest.raises(type(error)) as told:
        asyncio.run(read())
    assert told.value is error


@pytest.mark.parametrize("start", [refused, cut_off_from_within])
def test_a_client_that_does_not_start_is_a_lost_broker_and_is_stopped(start: Callable[[], Any]) -> None:
    stopped = []

    async def stop() -> None:
        stopped.append(True)

    async def read() -> None:
        async with connected(Faulty(start, stop)):  # type: ignore[type-var]
            raise AssertionError("the body ran")

    with pytest.raises(BrokerLost):
        asyncio.run(read())
    assert stopped


def test_a_body_that_the_client_cuts_off_is_a_lost_broker() -> None:
    async def read() -> None:
        async with connected(Faulty(well, well)):  # type: ignore[type-var]
            await cut_off_from_within()

    with pytest.raises(BrokerLost, match="cut off"):
        asyncio.run(read())


@pytest.mark.parametrize("stop", [well, refused, cut_off_from_within])
def test_who_is_cancelled_or_out_of_time_while_connected_is_told_just_that(stop: Callable[[], Any]) -> None:
    async def read() -> None:
        async with connected(Faulty(well, stop)):  # type: ignore[type-var]
            await asyncio.sleep(60)

    async def run() -> None:
        reading = asyncio.create_task(read())
        await asyncio.sleep(0.05)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await read()

    asyncio.run(run())


async def test_a_reading_that_is_given_up_half_way_stops_its_client() -> None:
    stopped = []

    async def stop() -> None:
        await asyncio.sleep(0)
        stopped.append(True)

    async def lines() -> AsyncGenerator[int]:
        async with connected(Faulty(well, stop)):  # type: ignore[type-var]
            for number in range(3):
                yield number

    async with aclosing(lines()) as reading:
        async for _ in reading:
            break
    assert stopped


def test_no_client_of_the_program_is_started_or_stopped_past_this_module() -> None:
    bare = re.compile(r"await (?:\w+\.)*_?(?:consumer|producer)\.(?:start|stop)\(\)")
    agents = Path(following.__file__).parents[1]
    assert [str(path) for path in agents.rglob("*.py") if bare.search(path.read_text("utf-8"))] == []
