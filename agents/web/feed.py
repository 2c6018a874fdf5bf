"""Follows the output topics for the live page: every worker shows everything, whichever of them decided it."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.adapters.following import MakeConsumer, keep_up
from agents.web.board import Board
from agents.web.people import People
from streams.contracts.feedback import Feedback
from streams.contracts.outputs import Alert, Brief, Hotspot
from streams.contracts.outside import SeenOutside
from streams.contracts.recommendations import Recommendation
from streams.contracts.topics import (
    ALERTS,
    BRIEFS,
    FEEDBACK,
    HOTSPOTS,
    OUTSIDE_SEEN,
    PROFILES,
    RECOMMENDATIONS,
    WATCH_ALERTS,
    WATCH_REPORTS,
    WATCHLISTS,
    Topic,
)
from streams.contracts.watchlists import WatchAlert, Watchlist, WatchReport

log = logging.getLogger(__name__)

BACK: Final = 500
"""How many messages of a topic a page begins with."""
REPORTS_BACK: Final = 4_000
"""Of watchlists: a day of fourteen."""


class _Followed(msgspec.Struct, frozen=True):
    """A topic of one partition: what takes its values, and what becomes of a key whose value was removed.

    `back` messages before its present end are read first, all where it is None.
    """

    topic: Topic
    kind: type[Any]
    take: Callable[[Any], None]
    drop: Callable[[str], None] | None = None
    back: int | None = BACK


def followed(board: Board, recommended: Callable[[Recommendation], None]) -> list[_Followed]:
    """Return the topics that feed a board, and what takes in recommendations."""
    watches = board.watches
    return [
        _Followed(HOTSPOTS, Hotspot, board.hotspot),
        _Followed(ALERTS, Alert, board.alert),
        _Followed(BRIEFS, Brief, board.brief),
        _Followed(FEEDBACK, Feedback, board.feedback),
        _Followed(OUTSIDE_SEEN, SeenOutside, board.seen),
        _Followed(WATCHLISTS, Watchlist, watches.watchlist, watches.drop, back=None),
        _Followed(WATCH_REPORTS, WatchReport, watches.report, back=REPORTS_BACK),
        _Followed(WATCH_ALERTS, WatchAlert, watches.alert),
        _Followed(RECOMMENDATIONS, Recommendation, recommended, back=0),
    ]


async def follow(make_consumer: MakeConsumer, topics: Sequence[_Followed]) -> None:
    """Feed the page for ever; a broker that is away is tried again, a message that cannot be read is passed over.

    Args:
        make_consumer: returns a consumer without a group that was not started.
        topics: what is followed; `followed`.
    """
    by_place = {TopicPartition(one.topic.name, 0): one for one in topics}
    decoders = {place: msgspec.json.Decoder(one.kind) for place, one in by_place.items()}
    next_offsets: dict[TopicPartition, int] = {}

    async def read(consumer: AIOKafkaConsumer) -> None:
        places = list(by_place)
        consumer.assign(places)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place, one in by_place.items():
            first = begins[place] if one.back is None else max(begins[place], ends[place] - one.back)
            consumer.seek(place, next_offsets.get(place, first))
        while True:
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                for record in records:
                    _give(by_place[place], decoders[place], record)
                    next_offsets[place] = record.offset + 1

    await keep_up("the live page", make_consumer, read)


def _give(one: _Followed, decoder: msgspec.json.Decoder[Any], record: Any) -> None:
    try:
        if record.value is not None:
            one.take(decoder.decode(record.value))
        elif one.drop is not None:
            one.drop((record.key or b"").decode("utf-8", "replace"))
    except Exception as error:  # noqa: BLE001 - one message must not end the page for all that come after it
        log.warning("%s/%d at %d is not shown: %s", record.topic, record.partition, record.offset, error)


async def follow_profiles(
    make_consumer: MakeConsumer, partitions_of: Callable[[str], Awaitable[int]], people: People
) -> None:
    """Take in the profiles that stand on their topic, then those that come, for ever.

    Args:
        make_consumer: see `follow`.
        partitions_of: returns how many partitions a topic has.
        people: takes them.
    """
    next_offsets: dict[TopicPartition, int] = {}

    async def read(consumer: AIOKafkaConsumer) -> None:
        places = [TopicPartition(PROFILES.name, number) for number in range(await partitions_of(PROFILES.name))]
        consumer.assign(places)
        begins = await consumer.beginning_offsets(places)
        for place in places:
            consumer.seek(place, max(next_offsets.get(place, 0), begins[place]))
        while True:
            for place, records in (await consumer.getmany(timeout_ms=1000)).items():
                for record in records:
                    try:
                        people.take(place.partition, (record.key or b"").decode("utf-8", "replace"), record.value)
                    except (msgspec.MsgspecError, ValueError) as error:
                        log.warning("%s/%d at %d is no profile: %s", place.topic, place.partition, record.offset, error)
                    next_offsets[place] = record.offset + 1

    await keep_up("the profiles on the live page", make_consumer, read)
