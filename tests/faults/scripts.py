"""Fault scripts from a seed: which faults, when, on how large a cluster; and what became of one that was played."""

import itertools
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from agents.adapters.onnx import load_scorer
from tests.faults import kinds
from tests.faults.brokers import cluster
from tests.faults.comparison import Published, published_on
from tests.faults.kinds import Fault
from tests.faults.scene import Scene
from tests.faults.small_stream import small_stream
from tests.faults.told import HANGS, PROMPT, Told
from tests.shipped import FOLDER


@dataclass(frozen=True)
class Set:
    """Faults that are mixed in one script.

    Args:
        possible: what may happen.
        nodes: of the cluster.
        settings: of the workers, beside those that all scripts share.
        encoder: whether posts are scored.
        told: whether subscribers are told; there is a day before the posts then, so that there are alerts.
    """

    possible: tuple[Fault, ...]
    nodes: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    encoder: bool = False
    told: bool = False


SETS: Final[dict[str, Set]] = {
    "workers": Set(kinds.WORKERS),
    "state": Set(kinds.STATE),
    "broker": Set(kinds.BROKER),
    "expiry": Set(kinds.EXPIRY),
    "partitions": Set(kinds.PARTITIONS, settings={"IDLE_S": "8"}),
    "cluster": Set((*kinds.BROKER, kinds.move_leaders), nodes=3),
    "mixed": Set((*kinds.WORKERS, *kinds.STATE, *kinds.BROKER)),
    "encoder": Set(kinds.ENCODER, settings={"SCORED_SLICE_POSTS": "50", "THREADS": "1"}, encoder=True),
    "telling": Set(kinds.TELLING, settings={"OUTBOUND_ALLOW": "127.0.0.0/8"}, told=True),
}

LARGE: Final = 10_000
"""Posts from which a script runs with messages and slices as large as a deployment's: the small ones cut finely."""
LARGE_SETTINGS: Final = {"POSTS_PER_MESSAGE": "64", "SLICE_POSTS": "1024", "SNAPSHOT_S": "5"}

START_S: Final = 240.0
BUSY_S: Final = 20.0
"""How long to wait for the work to be under way before a fault; on a quiet machine that takes a second."""
TOLD_S: Final = 60.0


@dataclass(frozen=True)
class Script:
    """What happens in one run."""

    seed: int
    name: str
    faults: tuple[Fault, ...]
    posts: int
    day_before: bool


@dataclass
class Result:
    """What became of a script; `ended` counts workers that ended by themselves and were started again.

    `fault_seconds` tells how long each fault took, what it waited for included.
    """

    script: Script
    posts: int = 0
    records: int = 0
    hotspots: int = 0
    alerts: int = 0
    ended: int = 0
    seconds: float = 0.0
    fault_seconds: list[float] = field(default_factory=list)
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
    order = list(SETS[name].possible)
    chance.shuffle(order)
    faults = tuple(itertools.islice(itertools.cycle(order), chance.randint(5, 9)))
    few = chance.randint(1200, 2000)
    return Script(seed, name, faults, posts=posts or few, day_before=seed % 4 == 0 or SETS[name].told)


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
    wanted = SETS[script.name]
    settings = {**(LARGE_SETTINGS if script.posts >= LARGE else {}), **wanted.settings}
    scorer = None
    if wanted.encoder:
        shutil.copytree(FOLDER, folder / "model")
        settings["ENCODER"] = str(folder / "model")
        scorer = load_scorer(folder / "model", provider="cpu", threads=0, token_budget=4096, cache_size=1000)
    told = Told() if wanted.told else None
    with cluster(folder, wanted.nodes) as brokers:
        scene = Scene(folder, brokers, lines, script.seed, settings, told=told)
        try:
            _play(scene, script.faults, scene.expected(scorer), result)
        finally:
            result.ended = sum(worker.ended for worker in scene.workers)
            scene.close()


def _play(scene: Scene, faults: Sequence[Fault], expected: Published, result: Result) -> None:
    scene.begin(workers=2)
    for number, fault in enumerate(faults):
        scene.allow((number + 1) / (len(faults) + 1))
        scene.wait_for_moves(scene.chance.randint(1, 60), BUSY_S if number else START_S)
        began = time.monotonic()
        fault(scene)
        result.fault_seconds.append(time.monotonic() - began)
    found = _settled(scene, expected)
    result.posts, result.records = len(found.scored), len(found.counts)
    result.hotspots, result.alerts = len(found.hotspots), len(found.alerts)
    result.differences = found.differences(expected)
    if scene.told is not None:
        alerts = set(expected.alerts)
        scene.wait(lambda: scene.told.alerts(PROMPT) >= alerts, TOLD_S)  # type: ignore[union-attr]
        scene.told.answer()
        scene.wait(lambda: scene.told.alerts(HANGS) >= alerts, TOLD_S)  # type: ignore[union-attr]
        result.differences |= scene.told.differences(alerts)


def _settled(scene: Scene, expected: Published) -> Published:
    """Return what was published once nothing more comes, or what is expected is there."""
    deadline: float | None = None
    while True:
        scene.settle()
        found = published_on(scene.cluster.direct, scores=False)
        deadline = deadline or time.monotonic() + scene.patience_s
        if not found.differences(expected) or time.monotonic() >= deadline:
            return found
