"""The events that pages follow: numbered, the newest kept, so that a page which was away gets what it missed alone.

Bounded: events that can be resumed from, pages at once, events that wait for a slow page.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec

EVENTS: Final = 500
CLIENTS: Final = 64
WAITING: Final = 100
"""Events that may wait for a page; one that is slower is closed, and comes back with what it has."""


class Event(msgspec.Struct, frozen=True):
    """A message to the pages, a card where `name` is "". `number` grows with each change, 0 is no place to resume."""

    number: int
    data: bytes
    name: str = ""


class TooManyClients(Exception):
    """As many pages as may follow at once are following."""


class Events:
    """What changed, in order, and who follows."""

    def __init__(self) -> None:
        self._kept: deque[Event] = deque(maxlen=EVENTS)
        self._number = 0
        self._clients: set[asyncio.Queue[Event | None]] = set()
        self.epoch: Final = secrets.token_hex(4)
        """Names this worker's numbering: a page that comes from another worker must begin anew."""

    def tell(self, data: bytes, name: str = "") -> None:
        """Tell all pages; one that is too slow is let go."""
        self._number += 1
        event = Event(self._number, data, name)
        self._kept.append(event)
        for queue in list(self._clients):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._clients.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)

    @property
    def followers(self) -> int:
        """How many pages follow."""
        return len(self._clients)

    @contextmanager
    def following(
        self, after: tuple[str, int] | None, whole: Callable[[], Sequence[Event]]
    ) -> Iterator[asyncio.Queue[Event | None]]:
        """Yield a queue of events; None ends it.

        What was missed comes first: the events behind `after`, an (epoch, number), where they are still known; else
        `whole`, all that a page needs to forget what it had.

        Raises:
            TooManyClients: no further page can follow.
        """
        if len(self._clients) >= CLIENTS:
            raise TooManyClients
        missed = self._missed(after)
        if missed is None:
            # Only the last one is a place to resume from: before it a page does not have them all.
            told = list(whole())
            missed = [*told[:-1], msgspec.structs.replace(told[-1], number=self._number)]
        queue: asyncio.Queue[Event | None] = asyncio.Queue(len(missed) + WAITING)
        for event in missed:
            queue.put_nowait(event)
        self._clients.add(queue)
        try:
            yield queue
        finally:
            self._clients.discard(queue)

    def _missed(self, after: tuple[str, int] | None) -> list[Event] | None:
        if after is None or after[0] != self.epoch or after[1] > self._number:
            return None
        if self._kept and after[1] < self._kept[0].number - 1:
            return None
        return [event for event in self._kept if event.number > after[1]]

    def close(self) -> None:
        """End every page's stream."""
        for queue in self._clients:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)
        self._clients.clear()
