"""`make recovery`: how soon a worker that was killed is ready, while 200 posts a second come in.

It is killed at any moment and started at once. It has rejoined when the group is stable and stays so; it is ready when
`/readyz` says so and the state of every partition of `terms` and `bursts` that it was given is there. What it reads
after that is the log since the snapshot, as always.
"""

import argparse
import os
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tests.faults.brokers import cluster
from tests.faults.scene import Scene
from tests.faults.small_stream import small_stream
from tests.faults.workers import Worker

BAR_S: Final = 15.0
LIMIT_S: Final = 300.0
POSTS_A_STEP: Final = 100
STEP_S: Final = 0.5
STEPS_A_KILL: Final = 120
SETTINGS: Final = {
    "SESSION_TIMEOUT_S": "10", "SNAPSHOT_S": "10", "SLICE_S": "1", "SLICE_POSTS": "4096", "POSTS_PER_MESSAGE": "64",
}  # fmt: skip
"""As a deployment has them, unlike those of the scripts."""
_PAGE: Final = re.compile(r"the live page are at (http://[^/]+/)")
_THERE: Final = re.compile(r"((?:terms|bursts)/\d+): (?:recovered|begins)")
_ASSIGNED: Final = re.compile(r'^redian_assigned_partitions\{topic="(?:terms|bursts)"\} (\d+)', re.MULTILINE)


class Found(NamedTuple):
    """Seconds from the kill until the group took the worker in, from there until it was ready, and its own of these."""

    rejoined: float
    ready: float
    processor: float


def main() -> None:
    """Kill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.recovery", description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    kills = parser.parse_args().kills
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends too
    with tempfile.TemporaryDirectory(prefix="redian-recovery-") as folder, cluster(Path(folder), 1) as brokers:
        steps = STEPS_A_KILL * kills
        scene = Scene(Path(folder), brokers, small_stream(1, posts=POSTS_A_STEP * steps), 1, SETTINGS)
        try:
            scene.begin(workers=2)
            threading.Thread(target=_pour, args=(scene, steps), daemon=True).start()
            found = [_measure(scene) for _ in range(kills)]
        finally:
            scene.close()
    rejoined, ready, processor = zip(*found, strict=True)
    print(
        f"{kills} kills: rejoined {statistics.median(rejoined):.1f} s after the kill in the median, ready "
        f"{statistics.median(ready):.1f} s after that in the median and {max(ready):.1f} s at worst, of which it "
        f"computed {statistics.median(processor):.1f} s and {max(processor):.1f} s; the bar is {BAR_S:.0f} s"
    )
    sys.exit(max(ready) > BAR_S)


def _pour(scene: Scene, steps: int) -> None:
    """Let posts come, so that every partition has something to bring: its state is read back when it does."""
    for step in range(steps):
        scene.allow((step + 1) / steps)
        time.sleep(STEP_S)


def _measure(scene: Scene) -> Found:
    """Kill a worker in the midst of work and wait until it is ready again."""
    scene.wait_for_moves(scene.chance.randint(1, 400), LIMIT_S)
    worker = scene.chance.choice(scene.workers)
    worker.kill()
    killed, before = time.monotonic(), len(worker.text())
    worker.start()
    joined: float | None = None
    computed = 0.0

    def is_ready() -> bool:
        nonlocal joined, computed
        if scene.members() < 0:
            joined = None  # it makes room, perhaps once more: for whom was started, without whom was killed
        elif joined is None:
            joined, computed = time.monotonic(), _processor_s(worker)
        return joined is not None and _is_ready(worker, before)

    assert scene.wait(is_ready, LIMIT_S), worker.tail()
    assert joined is not None
    found = Found(joined - killed, time.monotonic() - joined, _processor_s(worker) - computed)
    print(
        f"rejoined after {found.rejoined:5.1f} s, ready {found.ready:5.1f} s later ({found.processor:.1f} s of its own)"
    )
    sys.stdout.flush()
    return found


def _processor_s(worker: Worker) -> float:
    """Return the seconds of a processor that a worker has had."""
    after_name = Path(f"/proc/{worker.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _is_ready(worker: Worker, before: int) -> bool:
    assigned = sum(map(int, _ASSIGNED.findall(_got(worker, before, "metrics").decode())))
    there = set(_THERE.findall(worker.text()[before:]))
    if not assigned or len(there) < assigned:
        return False
    return bool(msgspec.json.decode(_got(worker, before, "readyz"))["ready"])


def _got(worker: Worker, before: int, path: str) -> bytes:
    pages = _PAGE.findall(worker.text()[before:])
    if not pages:
        return b""
    try:
        with urllib.request.urlopen(pages[-1] + path, timeout=5) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return error.read()
    except OSError:
        return b""


if __name__ == "__main__":
    main()
