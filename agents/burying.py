"""Dead letters on their way to `posts.dead`, from every agent: what cannot be used is kept, with its place and why."""

import asyncio
from typing import Final

import msgspec
from faust.types import TP

from agents.adapters import metrics
from agents.runtime import Runtime
from streams.contracts.envelopes import envelope_of
from streams.contracts.posts import DeadLetter
from streams.contracts.topics import DEAD

UNREADABLE: Final = "unreadable"
"""The usual reason of the stages behind intake, which are named after the topic they read."""


async def bury(runtime: Runtime, letter: DeadLetter) -> "asyncio.Future[object]":
    """Send a dead letter; the future that is returned is done when the broker has acknowledged it."""
    metrics.POSTS_DEAD.labels(stage=letter.stage, reason=letter.reason).inc()
    key = f"{letter.topic}/{letter.partition}/{letter.offset}/{letter.index}".encode()
    producer = await runtime.producer()
    sent: asyncio.Future[object] = await producer.send(
        DEAD.name, msgspec.json.encode(letter), key, headers=envelope_of(letter)
    )
    return sent


async def bury_value(
    runtime: Runtime, tp: TP, offset: int, value: bytes, why: Exception, *, reason: str = UNREADABLE
) -> None:
    """Bury a value that the readers of its topic cannot use, and return once it is safe."""
    letter = DeadLetter.of(
        value,
        topic=tp.topic,
        partition=tp.partition,
        offset=offset,
        index=-1,
        stage=tp.topic,
        reason=reason,
        detail=" ".join(str(why).split())[:200],
    )
    await (await bury(runtime, letter))
