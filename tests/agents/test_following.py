"""Whatever a client does to its reader, the reader is told and goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from agents.adapters import following
from agents.adapters.following import BrokerLost, asked, keep_up, leave


class Faulty:
    """A consumer that fails in a given way at its start, or at its end."""

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
