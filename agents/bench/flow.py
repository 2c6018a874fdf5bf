"""A worker on a broker of its own beside bare readers of the same topic, and how long a post takes at a given load."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from agents.adapters.connection import blocking
from agents.bench.paired import Measured
from agents.bench.references import KINDS
from agents.bench.report import Figure, Report
from agents.bench.stages import SESSION
from agents.bench.standing import Stand, cpu_s, resident_mib, stand
from agents.errors import RedianError
from agents.replaying import replay_lines
from agents.settings import Settings
from streams.contracts.posts import Post, ScoredPost
from streams.contracts.times import format_time, to_ms
from streams.contracts.topics import POSTS, SCORED

WORKER: Final = "worker"
FAUST: Final = KINDS["faust"]
_REFERENCE_S: Final = 300
_SETTLE_S: Final = 5.0
_DRAIN_S: Final = 15.0
"""How long the last posts may take."""
_BESIDE_SESSION: Final = "≥ 0.85 where no text repeats, ≥ 1.2 on cascades-zh"
Floats = npt.NDArray[np.float64]
_SCORED: Final = msgspec.json.Decoder(list[ScoredPost])


class Round(msgspec.Struct, frozen=True):
    """One round: processor seconds by case, memory of the worker at its end, its waiting costs, name of the broker."""

    seconds: dict[str, float]
    resident_mib: float
    idle_share: float
    broker: str


def run_round(
    lines: Sequence[bytes], chosen: Mapping[str, str], latest_ms: int, session: Callable[[], float] | None = None
) -> Round:
    """Let a fresh worker on a fresh broker work off the lines, then each bare reader read what it read.

    `session` runs a bare session on the same texts and returns its processor seconds.

    The worker's seconds are those from the first post written until all is read, counted, snapshotted and committed,
    less what it uses while nothing comes.

    Raises:
        RedianError: so few posts that what they cost cannot be told from what waiting costs.
    """
    with tempfile.TemporaryDirectory(prefix="redian-bench-") as folder, stand(Path(folder), chosen) as place:
        with place.worker() as pid:
            before, began = cpu_s(pid), time.monotonic()
            time.sleep(_SETTLE_S)
            idle = (cpu_s(pid) - before) / (time.monotonic() - began)
            before, began = cpu_s(pid), time.monotonic()
            replay_lines(place.settings, lines, speed=0, latest_ms=latest_ms)
            place.wait_until_done()
            used, waited = cpu_s(pid) - before, idle * (time.monotonic() - began)
            memory = resident_mib(pid)
        if used < 1.2 * waited:
            raise RedianError(f"{len(lines)} posts cost a worker no more than waiting does: measure with more of them")
        seconds = {WORKER: used - waited}
        for kind, name in KINDS.items():
            seconds[name] = _reference(kind, place.settings)
        if session is not None:
            seconds[SESSION] = session()
        return Round(seconds, memory, idle, place.broker.name)


def _reference(kind: str, settings: Settings) -> float:
    command = [sys.executable, "-m", "agents.bench.references", kind, settings.bootstrap]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_REFERENCE_S, check=True)
        return float(ran.stdout.split()[-1])
    except subprocess.CalledProcessError as error:
        raise RedianError(f"the reference {KINDS[kind]} failed: {error.stderr.strip()[-300:]}") from None
    except (subprocess.TimeoutExpired, ValueError, IndexError) as error:
        raise RedianError(f"the reference {KINDS[kind]} told nothing: {error}") from None


def pipeline(
    lines: Sequence[bytes],
    chosen: Mapping[str, str],
    *,
    repeats: int,
    latest_ms: int,
    session: Callable[[], float] | None = None,
    on_round: Callable[[], None] = lambda: None,
) -> Report:
    """Measure a worker against a bare Faust agent and a bare `getmany` loop over the same topic.

    A worker with a model is measured against a bare session too.

    Args:
        lines: posts in order of time.
        chosen: settings of the worker by field name, as they would stand in the environment.
        repeats: rounds; each has a broker of its own.
        latest_ms: a post dated after this has a wrong date.
        session: runs one on the same texts and returns its processor seconds.
        on_round: told after each round.
    """
    rounds = []
    for _ in range(repeats):
        rounds.append(run_round(lines, chosen, latest_ms, session))
        on_round()
    posts = len(lines)
    of_worker = (
        Figure(name="memory of the worker", unit="MiB", values=tuple(done.resident_mib for done in rounds)),
        Figure(name="a core that waits", unit="share", values=tuple(done.idle_share for done in rounds)),
    )
    ratios = tuple(done.seconds[SESSION] / done.seconds[WORKER] for done in rounds if session is not None)
    beside = [Figure(name=f"worker ÷ {SESSION}", unit="", values=ratios, bar=_BESIDE_SESSION)] if ratios else []
    return Report(
        bench="pipeline",
        posts=posts,
        reference=FAUST,
        measured=tuple(
            Measured(
                name=name,
                posts_per_second=tuple(posts / done.seconds[name] for done in rounds),
                ratios=tuple(done.seconds[FAUST] / done.seconds[name] for done in rounds),
            )
            for name in (FAUST, KINDS["getmany"], WORKER, SESSION)
            if name in rounds[0].seconds
        ),
        figures=(*beside, *of_worker),
        on={"broker": rounds[0].broker, **chosen},
    )


def latency(texts: Sequence[str], chosen: Mapping[str, str], *, posts_per_second: float, seconds: float) -> Report:
    """Measure how long it takes from a post that is written to its line on `posts.scored` that can be read.

    Args:
        texts: of the posts, taken in turns.
        chosen: settings of the worker.
        posts_per_second: the load.
        seconds: how long it lasts; the first fifth is not measured.
    """
    with tempfile.TemporaryDirectory(prefix="redian-bench-") as folder, stand(Path(folder), chosen) as place:
        with place.worker() as pid:
            waits = _waits(place, texts, posts_per_second, seconds)
            memory = resident_mib(pid)
        name = place.broker.name
    kept = waits[len(waits) // 5 :]
    if not len(kept):
        raise RedianError("no scored post came: the worker does not keep up with this load; choose a lower one")
    return Report(
        bench="latency",
        posts=len(kept),
        figures=(
            Figure(name="load", unit="posts/s", values=(posts_per_second,)),
            Figure(name="written to scored, median", unit="s", values=(float(np.quantile(kept, 0.5)),)),
            Figure(name="written to scored, p99", unit="s", values=(float(np.quantile(kept, 0.99)),), bar="≤ 1"),
            Figure(name="memory of the worker", unit="MiB", values=(memory,)),
        ),
        on={"broker": name, **chosen},
    )


def _post(number: int, text: str, written: str) -> Post:
    return Post(id=f"b{number}", platform="bench", author=f"a{number % 9973}", created_at=written, text=text)


def _waits(place: Stand, texts: Sequence[str], posts_per_second: float, seconds: float) -> Floats:
    """Write posts at a steady rate and return the seconds that each took, in order of arrival."""
    settings = place.settings
    size = settings.posts_per_message
    consumer = KafkaConsumer(**blocking(settings), enable_auto_commit=False)
    consumer.assign([TopicPartition(SCORED.name, number) for number in range(settings.posts_partitions)])
    consumer.seek_to_beginning()
    producer = KafkaProducer(**blocking(settings), acks="all", linger_ms=1)
    waits: list[float] = []
    sent = messages = 0
    total = int(posts_per_second * seconds)
    began = time.time()
    deadline = began + seconds + _DRAIN_S
    while len(waits) < total and time.time() < deadline:
        while sent < total and sent / posts_per_second <= time.time() - began:
            written = format_time(time.time_ns() // 1_000_000)
            posts = [_post(number, texts[number % len(texts)], written) for number in range(sent, sent + size)]
            producer.send(POSTS.name, msgspec.json.encode(posts), partition=messages % settings.posts_partitions)
            sent, messages = sent + size, messages + 1
        for records in consumer.poll(timeout_ms=5).values():
            now_ms = time.time_ns() // 1_000_000
            for record in records:
                scored = _SCORED.decode(record.value)
                waits += [(now_ms - to_ms(datetime.fromisoformat(post.created_at))) / 1000 for post in scored]
    producer.close()
    consumer.close()
    return np.array(waits)
