"""What a channel is: it takes a message and says what became of it. One module a kind."""

from typing import Protocol

import msgspec

from streams.contracts.subscriptions import Outcome, Subscriber
from streams.subscriptions.message import Message


class Sent(msgspec.Struct, frozen=True):
    """What became of an attempt: delivered, retry, refused (this message will never do) or gone (nobody listens now).

    `detail` is a line for a person; `after_s` how long the channel asks to be left alone.
    """

    outcome: Outcome
    detail: str = ""
    after_s: float | None = None


class Channel(Protocol):
    """A way to tell subscribers of one kind."""

    async def send(self, subscriber: Subscriber, message: Message, now_ms: int) -> Sent:
        """Try once; faults of the other side are outcomes, not exceptions."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
