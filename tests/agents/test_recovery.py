"""A snapshot that a kill cut short: all shards of a partition come back from one offset, or none does."""

from agents.shards import Shards
from streams.contracts.slices import Part
from streams.pipeline import PipelineSettings
from streams.privacy.rotations import NONE
from streams.snapshots import Snapshot, newest_of, records_of
from tests.unit.counting.test_slices import build, post

SETTINGS = PipelineSettings(partitions=1, shards=3)
TERMS = ["flood", "turin", "river", "bridge", "rescue", "night"]


def parts(begin: int, end: int) -> list[Part]:
    """Return the parts, for every shard, of a slice over the offsets [begin, end)."""
    log = [[post(offset, 0, 30_000 * offset, TERMS)] for offset in range(end)]
    return build(log, begin, end)


def apply(shards: Shards, these: list[Part]) -> None:
    for part in these:
        shards.at(part.shard).apply(part)


def test_a_snapshot_cut_anywhere_leaves_no_shard_behind_the_others() -> None:
    first, then = parts(0, 8), parts(8, 16)
    writing = Shards(SETTINGS, NONE, None)
    apply(writing, first)
    records = list(records_of(Snapshot("terms", "writer", 1, writing.state(), {0: len(first)})))
    apply(writing, then)
    for written in range(len(records) + 1):
        found = newest_of(records[:written]).newest.get("terms")
        recovered = Shards(SETTINGS, NONE, found.data if found else None)
        apply(recovered, then if found else [*first, *then])  # what is read again begins where the snapshot ends
        assert recovered.state() == writing.state()
