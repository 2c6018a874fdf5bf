"""The job that Redian and the peers do, in the same calls on the same records, and how long these calls take.

It is what a worker's agent of `posts` does without a model: read posts, cut slices of 4,096, publish a slice's parts by
shard, its scored posts in lists of 64 and its dead letters, and commit what the broker has acknowledged. Shards are
left out: none of the programs closes a bucket. What a program uses beside these calls is its overhead.
"""

import functools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from agents import posts
from agents.settings import Settings, current_settings
from agents.startup import make_intake
from streams.contracts.envelopes import Headers, envelope_of
from streams.contracts.topics import DEAD, SCORED, TERMS
from streams.counting import SliceBuilder
from streams.intake import Intake, Record
from streams.intake.intake import Taken

SLICE_MESSAGES: Final = 64
"""Messages of a slice: of 64 posts each, 4,096 posts."""

STREAMS: Final = (
    (Intake, "take"),
    (SliceBuilder, "add"),
    (SliceBuilder, "cut"),
    (posts, "parts_of"),
    (posts, "encode_part"),
    (posts, "envelope_of_scored"),
)
ENCODING: Final = ((posts, "scored_list"),)


class Clock:
    """Processor seconds of this process since the first call that it watches, and those inside these calls."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._inside = {"streams": 0.0, "encoding": 0.0}
        for kind, calls in (("streams", STREAMS), ("encoding", ENCODING)):
            for owner, name in calls:
                setattr(owner, name, self._watched(kind, getattr(owner, name)))

    def _watched(self, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def watched(*given: Any, **named: Any) -> Any:
            if self._began is None:
                self._began = time.process_time()
            began = time.thread_time()
            try:
                return call(*given, **named)
            finally:
                self._inside[kind] += time.thread_time() - began

        return watched

    def tell(self) -> None:
        """Print what was used, as the last line of this program's output."""
        assert self._began is not None, "nothing was read"
        print(f"\n{json.dumps({'all': time.process_time() - self._began, **self._inside})}", flush=True)


class Message(msgspec.Struct, frozen=True):
    """What is to be published; `partition` is None where the key says which."""

    topic: str
    value: bytes
    key: bytes | None
    headers: Headers
    partition: int | None


class Job:
    """The work on records of `posts`, with the settings that the environment names."""

    def __init__(self) -> None:
        self.settings: Settings = current_settings()
        self._intake = make_intake(self.settings)

    def take(self, record: Record) -> Taken:
        """Read one record."""
        return self._intake.take(record)

    def published(self, partition: int, read: Sequence[tuple[int, Taken]]) -> Iterator[Message]:
        """Yield what is published of a slice, as `PostsAgent` sends it; `read` are the offsets and what they held."""
        settings = self.settings
        builder = SliceBuilder(partition, read[0][0], settings.lateness_s * 1000)
        for offset, taken in read:
            builder.add(offset, taken.posts, taken.arrived_ms, heartbeat=taken.heartbeat)
        made = builder.cut()
        none = [None] * len(made.posts)
        for part in posts.parts_of(made, none, shards=settings.shards, partitions=settings.posts_partitions):
            place = part.shard % settings.terms_partitions
            yield Message(TERMS.name, posts.encode_part(part), str(part.shard).encode(), [], place)
        size = settings.posts_per_message
        for begin in range(0, len(made.posts), size):
            some = made.posts[begin : begin + size]
            headers = posts.envelope_of_scored(partition, some[0].position, some[-1].position)
            yield Message(SCORED.name, posts.scored_list(some, none[: len(some)], None), None, headers, partition)
        yield from self._buried(taken for _, taken in read)

    @staticmethod
    def _buried(read: Iterable[Taken]) -> Iterator[Message]:
        for taken in read:
            for letter in taken.dead:
                key = f"{letter.topic}/{letter.partition}/{letter.offset}/{letter.index}".encode()
                yield Message(DEAD.name, msgspec.json.encode(letter), key, envelope_of(letter), None)
