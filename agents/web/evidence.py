"""The posts behind a hotspot, for its hotspot's own view: read back from the log, masked, and without their authors.

Bounded: a few readings at once, results kept for a while, so that open pages cannot burden the broker.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer

from agents.readback import read_back
from streams.briefs.masking import masked
from streams.contracts.outputs import Source
from streams.contracts.posts import Described
from streams.contracts.times import format_time
from streams.intake import Intake
from streams.privacy.restricted import is_quotable
from streams.privacy.takenback import TakenBack

AT_ONCE: Final = 2
KEPT: Final = 100
MAX_CHARS: Final = 1000
WAIT_S: Final = 20.0


class EvidencePost(msgspec.Struct, frozen=True, omit_defaults=True):
    """A post that was counted, fit to be shown; its place on `posts` lets anyone with access check it.

    `author` is the hash of who wrote it where there is a profile to be shown of them, else "". `described` is what its
    pictures and recordings hold, in words of a machine.
    """

    id: str
    platform: str
    lang: str
    created_at: str
    text: str
    partition: int
    offset: int
    index: int
    author: str = ""
    described: tuple[Described, ...] = ()


class Shown(msgspec.Struct, frozen=True):
    """The evidence of one state of a hotspot; `expired` posts left the log, were taken back or are not for all."""

    posts: list[EvidencePost]
    expired: int


class _Read(NamedTuple):
    """A post as it is shown, with what it takes to learn that it was taken back."""

    post: EvidencePost
    platform: str
    author: int


class EvidenceReader:
    """Reads what hotspots rest on.

    Args:
        make_consumer: returns a consumer without a group that was not started.
        intake: cleans posts as they were cleaned when they were counted.
        taken_back: what is not shown any more.
        has_profile: whether there is a profile to be shown of an author, named by 16 digits of the hash.
    """

    def __init__(
        self,
        make_consumer: Callable[[], AIOKafkaConsumer],
        intake: Intake,
        taken_back: TakenBack,
        has_profile: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._make_consumer = make_consumer
        self._intake = intake
        self._taken_back = taken_back
        self._has_profile = has_profile
        self._known: OrderedDict[str, list[_Read]] = OrderedDict()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def read(self, key: str, sources: Sequence[Source]) -> Shown:
        """Return the posts at `sources`, oldest first; `key` names the state of a hotspot that rests on them.

        Raises:
            TimeoutError: the broker takes too long, or too many ask at once.
            KafkaError: it cannot be reached.
        """
        async with asyncio.timeout(WAIT_S), self._slots:
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = await self._read(sources)
                while len(self._known) > KEPT:
                    self._known.popitem(last=False)
        # Asked anew each time: what is kept may have been taken back since.
        hides = self._taken_back.hides
        left = [read for read in known if not hides(read.platform, read.post.id, read.author)]
        posts = [msgspec.structs.replace(read.post, author=self._author(read)) for read in left]
        return Shown(posts, len(sources) - len(posts))

    def _author(self, read: _Read) -> str:
        names = self._intake.rotations.names_meant(f"{read.author:016x}")
        return next((name for name in names if self._has_profile(name)), "")

    async def _read(self, sources: Sequence[Source]) -> list[_Read]:
        records = await read_back(self._make_consumer, sources)
        wanted = {(source.partition, source.offset, source.index): source.id for source in sources}
        found = [
            _Read(
                EvidencePost(
                    id=post.id,
                    platform=masked(post.platform),
                    lang=post.lang,
                    created_at=format_time(post.created_ms),
                    text=masked(post.text)[:MAX_CHARS],
                    partition=partition,
                    offset=offset,
                    index=post.index,
                    described=tuple(
                        Described(kind=masked(one.kind), text=masked(one.text)[:MAX_CHARS], by=masked(one.by))
                        for one in post.described
                    ),
                ),
                post.platform,
                post.author,
            )
            for (partition, offset), record in records.items()
            for post in self._intake.take(record).posts
            if wanted.get((partition, offset, post.index)) == post.id and is_quotable(post.restricted)
        ]
        return sorted(found, key=lambda read: (read.post.created_at, read.post.id))
