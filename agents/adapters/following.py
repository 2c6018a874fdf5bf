"""Connects a client for a while, and keeps a reader going while the worker lives, whatever becomes of the broker.

The client cancels tasks of its own and lets that out to whoever waits for it, and a connection that is being made can
swallow the end of a timeout. So everything here runs in a task of its own: what it raises, its being cancelled
included, is an outcome that is looked at, never the silent end of the one who waits.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

log = logging.getLogger(__name__)

RETRY_S: Final = 2.0
STOP_S: Final = 5.0
"""How long a client may take to leave; its connections are dropped then."""

MakeConsumer = Callable[[], AIOKafkaConsumer]
Client = TypeVar("Client", AIOKafkaConsumer, AIOKafkaProducer)


class BrokerLost(KafkaConnectionError):  # type: ignore[misc]
    """The broker did not answer, or the connection to it ended."""

    def __str__(self) -> str:
        return str(self.args[0])


@asynccontextmanager
async def connected(client: Client) -> AsyncIterator[Client]:
    """Start a client for the body of the `async with`, and stop it at the end of that, however it ends.

    What the client says while it leaves is passed over: the body has what it came for, or its own error tells more.

    Raises:
        BrokerLost: the client did not start, or cut the body off although nobody asked for that.
    """
    try:
        await asked(client.start())
        yield client
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BrokerLost("the connection was cut off") from None
    finally:
        await leave(client)


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
        error = asking.exception()
        if isinstance(error, KafkaError | OSError | TimeoutError) and not isinstance(error, BrokerLost):
            raise BrokerLost(repr(error)) from error
        if error is not None:
            raise error
    finally:
        if not asking.done():
            asking.cancel()
            await asyncio.wait({asking}, timeout=STOP_S)


async def leave(client: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Stop a client that may be in any state; what it says of that helps nobody."""
    leaving = asyncio.create_task(client.stop())
    try:
        await asyncio.wait({leaving}, timeout=STOP_S)
    finally:
        leaving.cancel()
    if leaving.done() and not leaving.cancelled() and (error := leaving.exception()) is not None:
        log.debug("a client left with %r", error)


async def _read(consumer: AIOKafkaConsumer, read: Callable[[AIOKafkaConsumer], Awaitable[None]]) -> None:
    async with connected(consumer):
        await read(consumer)
