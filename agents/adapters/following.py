"""Keeps a reader of the log going for as long as the worker lives, whatever becomes of the broker.

The client cancels tasks of its own and lets that out to whoever waits for it, and a connection that is being made can
swallow the end of a timeout. So everything here runs in a task of its own: what it raises, its being cancelled
included, is an outcome that is looked at, never the silent end of the one who waits.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

log = logging.getLogger(__name__)

RETRY_S: Final = 2.0
STOP_S: Final = 5.0
"""How long a consumer may take to leave; its connections are dropped then."""

MakeConsumer = Callable[[], AIOKafkaConsumer]


class BrokerLost(Exception):
    """The broker did not answer, or the connection to it ended."""


async def keep_up(what: str, make_consumer: MakeConsumer, read: Callable[[AIOKafkaConsumer], Awaitable[None]]) -> None:
    """Read with a started consumer until `read` returns; when the broker is lost, begin anew.

    Args:
        what: what is read, for the log.
        make_consumer: returns a consumer without a group that was not started.
        read: reads; it is called again with a new consumer after a loss.

    Raises:
        Exception: what `read` raised and is not a loss of the broker.
    """
    while True:
        try:
            await asked(_read(make_consumer(), read))
        except BrokerLost as lost:
            log.warning("%s: the broker is lost (%s), trying again", what, lost)
            await asyncio.sleep(RETRY_S)
        else:
            return


async def asked(question: Coroutine[Any, Any, None], within_s: float | None = None) -> None:
    """Run what asks the broker, for so long at most.

    Raises:
        BrokerLost: it failed, was cut off from within, or took too long.
        Exception: it failed otherwise.
    """
    asking = asyncio.create_task(question)
    try:
        await asyncio.wait({asking}, timeout=within_s)
        if not asking.done():
            raise BrokerLost(f"no answer within {within_s:g} s")
        if asking.cancelled():
            raise BrokerLost("the connection was cut off")
        if isinstance(error := asking.exception(), KafkaError | OSError | TimeoutError):
            raise BrokerLost(repr(error)) from error
        if error is not None:
            raise error
    finally:
        if not asking.done():
            asking.cancel()
            await asyncio.wait({asking}, timeout=STOP_S)


async def leave(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer that may be in any state; what it says of that helps nobody."""
    leaving = asyncio.create_task(consumer.stop())
    try:
        await asyncio.wait({leaving}, timeout=STOP_S)
    finally:
        leaving.cancel()
    if leaving.done() and not leaving.cancelled() and (error := leaving.exception()) is not None:
        log.debug("a consumer left with %r", error)


async def _read(consumer: AIOKafkaConsumer, read: Callable[[AIOKafkaConsumer], Awaitable[None]]) -> None:
    try:
        await consumer.start()
        await read(consumer)
    finally:
        await leave(consumer)
