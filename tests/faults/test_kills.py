"""Workers killed with -9 while the real stream is replayed: what is published equals `backtest` of the same log."""

import gzip
from pathlib import Path
from random import Random

import pytest

from streams.contracts.topics import BURSTS
from tests.faults.brokers import cluster
from tests.faults.comparison import published_on
from tests.faults.kinds import kill
from tests.faults.scene import Scene
from tests.faults.small_stream import shuffled

SETTINGS = {"SHARDS": "8", "TERMS_PARTITIONS": "4", "SLICE_POSTS": "4096", "SLICE_S": "1", "SNAPSHOT_S": "2"}
KILLS, SEED = 3, 11
STALLED_S = 420.0


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_killed_workers_publish_what_backtest_says(tmp_path: Path, crises: Path) -> None:
    lines = shuffled(gzip.decompress(crises.read_bytes()).splitlines(), seed=7)
    chance = Random(SEED)
    with cluster(tmp_path, 1) as brokers:
        scene = Scene(tmp_path, brokers, lines, SEED, {**SETTINGS, "POSTS_PER_MESSAGE": "64"})
        try:
            expected = scene.expected()
            width = 0.9 * len(expected.counts) / KILLS
            scene.begin(workers=2)
            scene.allow(1.0)
            for number in range(KILLS):
                due = int(0.05 * len(expected.counts) + width * (number + chance.uniform(0.1, 0.9)))
                assert scene.wait(lambda due=due: sum(scene.ends(BURSTS.name).values()) >= due, STALLED_S)
                kill(scene)
                print(f"kill -9 at {due:,} bucket records")
            scene.settle()
            ends = [end for worker in scene.workers for end in worker.ends]
            assert not ends, "\n".join(ends)
        finally:
            scene.close()
        found = published_on(brokers.direct, scores=False)
    print(f"{len(found.scored):,} posts, {len(found.counts):,} bucket records, {len(found.hotspots):,} hotspot states")
    assert len(expected.alerts) > 5
    assert len(expected.scored) == len(lines)
    assert found.differences(expected) == {}
