"""A million posts wait for a slow encoder: the worker reads as fast as it scores, and its memory stays flat."""

import time
from pathlib import Path

import pytest
from kafka import KafkaProducer

from agents.adapters.admin import lag_of
from streams.contracts.topics import POSTS, SCORED
from tests.faults.brokers import cluster
from tests.faults.scene import Scene
from tests.shipped import FOLDER, NAME

BACKLOG, A_MESSAGE = 1_000_000, 64
WARM, SCORED_WHILE_WATCHED = 1_024, 2_048
GROWTH = 1.3
LIMIT_S = 900.0
POST = (
    b'{"id":"p%d","platform":"test","author":"a%d","created_at":"2026-03-01T%02d:%02d:%02d.%03dZ",'
    b'"text":"number %d of those who tell that the harbour of Turin was shaken tonight and the lights went out"}'
)


def message(number: int, total: int) -> bytes:
    """Return message `number` of a log that spans a day, in order of time."""
    posts = []
    for post in range(number * A_MESSAGE, (number + 1) * A_MESSAGE):
        second, ms = divmod(post * 86_400_000 // total, 1000)
        posts.append(POST % (post, post % 50_000, second // 3600, second // 60 % 60, second % 60, ms, post))
    return b"[" + b",".join(posts) + b"]"


def write(bootstrap: str, first: int, last: int) -> None:
    """Write the messages [first, last), one partition after the other."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=20, batch_size=512 * 1024)
    for number in range(first, last):
        producer.send(POSTS.name, message(number, BACKLOG + 2 * WARM), partition=number % 4)
    producer.flush()
    producer.close()


def resident_mib(pid: int) -> float:
    """Return how much memory a process holds."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def scored(scene: Scene) -> int:
    return sum(scene.ends(SCORED.name).values())


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_memory_stays_flat_before_a_million_posts(tmp_path: Path) -> None:
    if not (FOLDER / "model.onnx").is_file():
        pytest.skip(f"the model {NAME} is not here")
    settings = {
        "ENCODER": NAME,
        "THREADS": "1",
        "SCORE_CACHE": "0",
        "SLICE_POSTS": "4096",
        "SCORED_SLICE_POSTS": "512",
    }
    with cluster(tmp_path, 1) as brokers:
        scene = Scene(tmp_path, brokers, [], 0, settings)
        try:
            scene.begin(workers=1)
            (worker,) = scene.workers
            warm = WARM // A_MESSAGE
            write(brokers.direct, 0, warm)
            assert scene.wait(lambda: scored(scene) >= WARM // 8, LIMIT_S), worker.tail()
            assert worker.pid is not None
            before = resident_mib(worker.pid)
            write(brokers.direct, warm, warm + BACKLOG // A_MESSAGE)
            begun, most = scored(scene), 0.0
            deadline = time.monotonic() + LIMIT_S
            while scored(scene) < begun + SCORED_WHILE_WATCHED // 8:
                most = max(most, resident_mib(worker.pid))
                assert time.monotonic() < deadline, worker.tail()
                time.sleep(0.2)
            waiting = sum(lag.lag for lag in lag_of(scene.settings) if lag.topic == POSTS.name) * A_MESSAGE
        finally:
            scene.close()
    print(f"{before:.0f} MiB warm, at most {most:.0f} MiB with {waiting:,} posts waiting")
    assert waiting > 0.9 * BACKLOG
    assert most <= GROWTH * before
