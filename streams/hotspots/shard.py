"""A shard: counts the slices of its terms, closes buckets when time has passed them, and says what it found.

Everything up to the close is a union; the detector moves only when a bucket closes, once, in order.

After three days without a post in it a shard is dormant: it passes over further empty buckets in one step, so that a
first post of 2006, or a year of silence, costs seconds and not hours. What is learned then stands still.
"""

from typing import Final

import msgspec

from streams.contracts.bursts import BucketRecord
from streams.contracts.slices import Part
from streams.contracts.snapshots import StateUnreadable
from streams.contracts.times import bucket_of
from streams.hotspots.coverage import UNSEEN, Coverage, Covered
from streams.hotspots.detector import Detector, DetectorSettings
from streams.hotspots.pending import Chunk, sort_by_bucket, unite
from streams.privacy.rotations import NONE, Rotations

STATE_VERSION = 2

DORMANT: Final = 3 * 24 * 60
"""Empty buckets in a row after which further ones are passed over. By then windows and daily peaks are empty too."""


class _State(msgspec.Struct, array_like=True):
    version: int
    expected: int
    partitions: dict[int, Covered]
    next_bucket: int | None
    silent: int
    open: dict[int, list[Chunk]]
    detector: bytes
    torn: bool = False


class StateVersionError(StateUnreadable):
    """A stored state was written by another version than this one reads."""


class Shard:
    """One virtual shard of the terms.

    Args:
        number: which one, from 0.
        shards: how many there are.
        lateness_ms: how far behind its partition's time a bucket's end may be before its posts are late.
        settings: of the detector.
        rotations: of the author hashes.

    `late` counts, since this object was made, posts left out as late; a post counts once for each shard it has terms
    in.
    """

    def __init__(
        self, number: int, shards: int, lateness_ms: int, settings: DetectorSettings, rotations: Rotations = NONE
    ) -> None:
        self.number = number
        self.shards = shards
        self.coverage = Coverage()
        self.next_bucket: int | None = None
        self._lateness_ms = lateness_ms
        self._settings = settings
        self._detector = Detector(number, shards, settings, rotations)
        self._open: dict[int, list[Chunk]] = {}
        self._silent = 0
        self.late = 0

    @property
    def open_buckets(self) -> int:
        """Number of buckets with posts that have not closed."""
        return len(self._open)

    def apply(self, part: Part) -> list[BucketRecord]:
        """Count a part and return a record for every bucket that it let close, in order.

        Raises:
            ValueError: the part is another shard's.
            CoverageGap: see `Coverage.offer`.
        """
        if part.shard != self.number:
            raise ValueError(f"a part of shard {part.shard} came to shard {self.number}")
        for applicable in self.coverage.offer(part):
            chunks, late = sort_by_bucket(applicable, self._lateness_ms, self.next_bucket)
            self.late += late
            for bucket, chunk in chunks.items():
                self._open.setdefault(bucket, []).append(chunk)
        return self._close()

    def _close(self) -> list[BucketRecord]:
        watermark = self.coverage.watermark()
        if watermark == UNSEEN:
            return []
        bucket = self.next_bucket
        if bucket is None:
            # Below this bucket every post is late by the first time of its own partition, so it is the first for all.
            first = self.coverage.first()
            if first == UNSEEN:
                return []
            bucket = bucket_of(first - self._lateness_ms)
        records = []
        end = bucket_of(watermark - self._lateness_ms)
        while bucket < end:
            if self._silent >= DORMANT and bucket not in self._open:
                bucket = min(end, *self._open) if self._open else end
                records.append(self._detector.pass_over(bucket - 1))
            else:
                chunks = self._open.pop(bucket, [])
                self._silent = 0 if chunks else self._silent + 1
                records.append(self._detector.close(bucket, unite(chunks)))
                bucket += 1
            self.next_bucket = bucket
        return records

    def state(self) -> bytes:
        """Return everything this shard knows, for a snapshot."""
        state = _State(
            STATE_VERSION,
            self.coverage.expected,
            self.coverage.partitions,
            self.next_bucket,
            self._silent,
            self._open,
            self._detector.state(),
            self.coverage.torn,
        )
        return msgspec.msgpack.encode(state)

    @classmethod
    def restore(  # noqa: PLR0917 - those of a new shard, and the state
        cls,
        number: int,
        shards: int,
        lateness_ms: int,
        settings: DetectorSettings,
        state: bytes,
        rotations: Rotations = NONE,
    ) -> "Shard":
        """Return the shard that `state` was taken of.

        Raises:
            StateVersionError: the state is of a version that this one does not read.
            msgspec.MsgspecError: the bytes are no state.
        """
        version = msgspec.msgpack.decode(state, type=list)[0]
        if version != STATE_VERSION:
            raise StateVersionError(f"state of shard {number} has version {version}, this is {STATE_VERSION}")
        held = msgspec.msgpack.decode(state, type=_State)
        shard = cls(number, shards, lateness_ms, settings, rotations)
        shard.coverage = Coverage(held.partitions, held.expected, torn=held.torn)
        shard.next_bucket = held.next_bucket
        shard._open = held.open
        shard._silent = held.silent
        shard._detector = Detector.restore(number, shards, settings, held.detector, rotations)
        return shard
