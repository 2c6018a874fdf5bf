"""What a source is: batches of posts, each with the cursor behind it, until it ends or is interrupted.

A source only reads. Repeats, acknowledgement, cursors, waiting and coming back are `agents/ingesting.py`'s, the same
for all.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final, Protocol

import msgspec

from agents.errors import RedianError
from streams.contracts.outside import Listing
from streams.contracts.posts import Post
from streams.contracts.sources import Deletion

MALFORMED: Final = ("not_json", "not_utf8", "wrong_type", "missing_field", "bad_date", "too_large", "unmapped")
"""Why an item of a platform is no post: dead letters and metrics use these."""

INTERRUPTIONS: Final = ("unreachable", "certificate", "dropped", "limited", "failed", "nonsense", "too_large")
"""Why a reading ended before its time: no connection, a certificate that does not match, a connection lost, a limit
(429), a fault of the server, an answer that is not what was asked for, an answer beyond all measure."""


class Malformed(msgspec.Struct, frozen=True):
    """An item that is no post: its bytes, a reason from `MALFORMED`, one line for a person."""

    original: bytes
    reason: str
    detail: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one step of a source brought, in order.

    `cursor` is where to go on after it; None where nothing is worth remembering. `missed_ms` is a stretch of time that
    the platform no longer had when the source came back. `done` is called when everything in it, what was left out as a
    repeat included, is acknowledged: whoever pushed it may then be told so.
    """

    posts: Sequence[Post] = ()
    deleted: Sequence[Deletion] = ()
    malformed: Sequence[Malformed] = ()
    listed: Sequence[Listing] = ()
    cursor: str | None = None
    missed_ms: int = 0
    done: Callable[[], None] | None = None


class Source(Protocol):
    """Anything that brings posts."""

    @property
    def name(self) -> str:
        """Under this name the cursor is kept: what is read, without any secret."""

    @property
    def live(self) -> bool:
        """Whether posts come as they are written; a file of old posts is not live, and its dates are its own."""

    def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Read on from `cursor`, from the present (or the beginning, for what has an end) if None.

        Ends where what is read has an end.

        Raises:
            Interrupted: later it may go on; the caller waits and calls again.
            Refused: it will not, unless a person does something.
        """


class Interrupted(Exception):
    """A reading ended before its time; `retry_after_s` is how long the server asked to be left alone."""

    def __init__(self, reason: str, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.retry_after_s = retry_after_s


class Refused(RedianError):
    """The platform wants something that only a person can give: another key, another address, a permission."""
