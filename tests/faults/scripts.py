"""Fault scripts from a seed: which faults, when, on how large a cluster; and what became of one that was played."""

import itertools
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from tests.faults import kinds
from tests.faults.brokers import cluster
from tests.faults.comparison import published_on
from tests.faults.kinds import Fault
from tests.faults.scene import Scene
from tests.faults.small_stream import small_stream

SETS: Final[dict[str, tuple[int, tuple[Fault, ...]]]] = {
    "workers": (1, kinds.WORKERS),
    "state": (1, kinds.STATE),
    "broker": (1, kinds.BROKER),
    "expiry": (1, kinds.EXPIRY),
    "partitions": (1, kinds.PARTITIONS),
    "cluster": (3, kinds.BROKER),
    "mixed": (1, (*kinds.WORKERS, *kinds.STATE, *kinds.BROKER)),
}
"""By name: nodes of the cluster, and what may happen."""

START_S: Final = 240.0
BUSY_S: Final = 20.0
"""How long to wait for the work to be under way before a fault; on a quiet machine that takes a second."""


@dataclass(frozen=True)
class Script:
    """What happens in one run."""

    seed: int
    name: str
    nodes: int
    faults: tuple[Fault, ...]
    posts: int
    day_before: bool


@dataclass
class Result:
    """What became of a script; `ended` counts workers that ended by themselves and were started again."""

    script: Script
    posts: int = 0
    records: int = 0
    hotspots: int = 0
    alerts: int = 0
    ended: int = 0
    seconds: float = 0.0
    differences: dict[str, int] = field(default_factory=dict)
    trouble: str = ""

    @property
    def exact(self) -> bool:
        """Whether the topics hold what `backtest` says."""
        return not self.differences and not self.trouble


def script_of(seed: int, name: str | None = None, posts: int | None = None) -> Script:
    """Return the script of a seed: 5 to 9 faults of one set; every fourth has a day before it, so that it alerts.

    Args:
        seed: chooses all that is not given.
        name: of the set of faults.
        posts: how many.
    """
    chance = Random(seed)
    name = name or list(SETS)[seed % len(SETS)]
    nodes, possible = SETS[name]
    order = list(possible)
    chance.shuffle(order)
    faults = tuple(itertools.islice(itertools.cycle(order), chance.randint(5, 9)))
    few = chance.randint(1200, 2000)
    return Script(seed, name, nodes, faults, posts=posts or few, day_before=seed % 4 == 0)


def play(script: Script, folder: Path | None = None) -> Result:
    """Play a script and compare. Logs stay in `folder` if given."""
    began = time.monotonic()
    result = Result(script)
    with tempfile.TemporaryDirectory(prefix="redian-faults-") as made:
        place = folder or Path(made)
        place.mkdir(parents=True, exist_ok=True)
        try:
            _run(script, place, result)
        except Exception as error:  # noqa: BLE001 - one script's trouble is a line of the table, the next are played
            result.trouble = f"{type(error).__name__}: {error}"
    result.seconds = time.monotonic() - began
    return result


def _run(script: Script, folder: Path, result: Result) -> None:
    lines = small_stream(script.seed, posts=script.posts, day_before=script.day_before)
    with cluster(folder, script.nodes) as brokers:
        scene = Scene(folder, brokers, lines, script.seed, {})
        try:
            _play(scene, script.faults, result)
        finally:
            result.ended = sum(worker.ended for worker in scene.workers)
            scene.close()


def _play(scene: Scene, faults: Sequence[Fault], result: Result) -> None:
    expected = scene.expected()
    scene.begin(workers=2)
    for number, fault in enumerate(faults):
        scene.allow((number + 1) / (len(faults) + 1))
        scene.wait_for_moves(scene.chance.randint(1, 60), BUSY_S if number else START_S)
        fault(scene)
    scene.settle()
    found = published_on(scene.cluster.direct, scores=False)
    result.posts, result.records = len(found.scored), len(found.counts)
    result.hotspots, result.alerts = len(found.hotspots), len(found.alerts)
    result.differences = found.differences(expected)
