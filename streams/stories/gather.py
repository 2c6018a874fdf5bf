"""Waits until every shard has spoken of a bucket, and forgets repeats, so that stories sees each bucket once, whole."""

from collections.abc import Sequence

import msgspec

from streams.contracts.bursts import BucketRecord


class Gather(msgspec.Struct):
    """Records of buckets that some shard has not closed yet.

    `heard` is the last bucket of each shard. A bucket in which every shard is dormant is passed over.
    """

    shards: int
    heard: dict[int, int] = {}
    waiting: dict[int, list[BucketRecord]] = {}

    def offer(self, record: BucketRecord) -> list[tuple[int, Sequence[BucketRecord]]]:
        """Take a record and return the buckets that it completes, in order, each with its records by shard.

        A repeat (a bucket at or below the last heard of that shard) completes nothing and changes nothing.

        Raises:
            ValueError: the record counts on another number of shards than this deployment has.
        """
        if record.shards != self.shards:
            raise ValueError(f"a record counts on {record.shards} shards, this deployment on {self.shards}")
        if record.bucket <= self.heard.get(record.shard, record.bucket - 1):
            return []
        self.heard[record.shard] = record.bucket
        if not record.dormant:
            self.waiting.setdefault(record.bucket, []).append(record)
        if len(self.heard) < self.shards:
            return []
        through = min(self.heard.values())
        return [
            (bucket, sorted(self.waiting.pop(bucket), key=lambda held: held.shard))
            for bucket in sorted(bucket for bucket in self.waiting if bucket <= through)
        ]
