"""Measures how many posts a second workers' encoders score together, each in a process of its own as workers are.

A process is this module run as a program: it loads the model, scores once to be warm, says so, and begins when told.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError, Timer
from typing import Final

import msgspec

from agents.errors import RedianError
from agents.settings import PREFIX, Settings, current_settings
from agents.startup import make_scorer
from streams.capacity.tuning import Arrangement, Measured

MOST_TEXTS: Final = 20_000
_READY_S: Final = 120.0
_READY: Final = b"ready"


class _Task(msgspec.Struct):
    texts: list[str]
    seconds: float


class _Done(msgspec.Struct):
    posts: int
    seconds: float


def measure(  # noqa: PLR0917 - what, on what, with what, how long
    arrangements: Sequence[Arrangement],
    texts: Sequence[str],
    settings: Settings,
    rounds: int,
    seconds: float,
    on_run: Callable[[], None],
) -> list[Measured]:
    """Run each arrangement for `seconds`, one after another, and all of them again in each round.

    Args:
        arrangements: what to measure.
        texts: of posts, as many as workers at least; MOST_TEXTS of them are used.
        settings: whose model and provider are used.
        rounds: so that a busy moment of the machine strikes none alone.
        seconds: that each scores in each round.
        on_run: called after each.

    Raises:
        RedianError: a process ended, or was not ready within two minutes.
    """
    rates: dict[Arrangement, list[float]] = {arrangement: [] for arrangement in arrangements}
    for _ in range(rounds):
        for arrangement, found in rates.items():
            found.append(_together(arrangement, texts[:MOST_TEXTS], settings, seconds))
            on_run()
    return [Measured(arrangement, tuple(found)) for arrangement, found in rates.items()]


def _together(arrangement: Arrangement, texts: Sequence[str], settings: Settings, seconds: float) -> float:
    """Return the posts a second of all workers of an arrangement, which begin at the same moment."""
    given = {
        "encoder": settings.encoder, "provider": settings.provider, "threads": arrangement.threads,
        "token_budget": arrangement.token_budget, "score_cache": 0,
    }  # fmt: skip
    if settings.models_dir is not None:
        given["models_dir"] = settings.models_dir
    environment = {**os.environ, **{PREFIX + name.upper(): str(value) for name, value in given.items()}}
    begin = Barrier(arrangement.workers)
    tasks = [_Task(list(texts[number :: arrangement.workers]), seconds) for number in range(arrangement.workers)]
    with ThreadPoolExecutor(arrangement.workers) as workers:
        running = [workers.submit(_worker, environment, task, begin) for task in tasks]
        return sum(one.result() for one in running)


def _worker(environment: dict[str, str], task: _Task, begin: Barrier) -> float:
    """Run one process and return its posts a second."""
    command = [sys.executable, "-m", "agents.tuning"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        patience = Timer(_READY_S + 2 * task.seconds, process.kill)
        patience.start()
        said = b""
        try:
            process.stdin.write(msgspec.json.encode(task) + b"\n")
            process.stdin.flush()
            said = process.stdout.readline().strip()
            if said != _READY:
                begin.abort()
            begin.wait()
            done = msgspec.json.decode(process.communicate(b"\n")[0], type=_Done)
        except (BrokenBarrierError, BrokenPipeError, msgspec.DecodeError):
            raise RedianError(f"measuring failed: {said.decode('utf-8', 'replace') or 'a process ended'}") from None
        finally:
            patience.cancel()
            process.kill()
    return done.posts / done.seconds


def _score_until_done() -> None:
    """Be one worker: read a task, say when it may begin, and write what came of it."""
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=_Task)
    settings = current_settings()
    try:
        scorer = make_scorer(settings)
    except RedianError as error:
        _say(str(error).encode())
        return
    if scorer is None:
        _say(b"the encoder is off")
        return
    size = settings.scored_slice_posts
    slices = [task.texts[begin : begin + size] for begin in range(0, len(task.texts), size)]
    scorer.score(slices[0])
    _say(_READY)
    sys.stdin.buffer.readline()
    began, posts, passed = time.perf_counter(), 0, 0.0
    while passed < task.seconds:
        for texts in slices:
            scorer.score(texts)
            posts += len(texts)
            passed = time.perf_counter() - began
            if passed >= task.seconds:
                break
    _say(msgspec.json.encode(_Done(posts, passed)))


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _score_until_done()
