"""What was measured, and what is assumed because it was not; `docs/performance.md` has how.

Every figure of a plan rests on these, and a plan says which of them are assumptions.
"""

from collections.abc import Mapping
from typing import Final

import msgspec


class Cost(msgspec.Struct, frozen=True):
    """A figure with its unit and where it is from."""

    value: float
    unit: str
    source: str
    measured: bool = True


COSTS: Final[Mapping[str, Cost]] = {
    "intake": Cost(100, "µs a post", "stages without Kafka, crises-en"),
    "counting": Cost(65, "µs a post", "stages without Kafka, crises-en"),
    "engine": Cost(14, "µs a post", "engine alone, 20 terms a post, 10,000 terms"),
    "moving": Cost(
        103, "µs a post", "worker on 3,000 posts dated 100 a second, less the stages and what a minute costs"
    ),
    "closing": Cost(350, "µs a shard and minute", "stages without Kafka, crises-en as dated"),
    "telling": Cost(428, "µs a shard and minute", "worker on crises-en as dated, less all above"),
    "part": Cost(110, "µs", "a part decoded and united, 1 to 64 partitions, 8 to 64 shards, 500 posts/s"),
    "message": Cost(95, "µs on each side", "Faust, one message of any size"),
    "encoder on a CPU": Cost(172, "posts/s a core", "small, int8, one thread, held-out posts"),
    "encoder on a GPU": Cost(
        8_000, "posts/s a GPU", "no GPU was at hand: a guess from published figures", measured=False
    ),
    "post": Cost(300, "bytes", "crises-en, one post in JSON"),
    "scored post": Cost(450, "bytes", "a line of posts.scored without text", measured=False),
    "postings": Cost(1_150, "bytes a post", "parts of 4 partitions and 8 shards, 1,000 to 8,000 posts/s"),
    "postings of many shards": Cost(1_800, "bytes a post", "parts of 32 partitions and 32 shards, 20,000 posts/s"),
    "state": Cost(141, "bytes a term", "snapshot of a shard of 1,000,000 terms"),
    "reading back": Cost(1.9, "µs a term", "that shard read back from Apache Kafka"),
    "start": Cost(4.3, "s", "start to ready with small on an idle machine, the group's join included"),
    "worker": Cost(331, "MiB", "memory of a worker without model"),
    "model": Cost(250, "MiB", "small with its session", measured=False),
    "term in memory": Cost(240, "bytes", "250,000 kept terms and 10⁷ seen in 232 MiB, at the most", measured=False),
}
