"""Runs at the start of a worker under test: what a test cannot do to it from outside, told by files in a folder.

`clock` holds seconds by which `time.time` is off; while `encoder-fails` exists the encoder's session raises; while
`silent-N` exists the client of worker N brings nothing, which that worker notices soon. New partitions are seen, and
subscribers that failed are tried again, within seconds, so that no script waits for minutes.
Told by a signal, the worker writes where each of its tasks waits, by another, where its threads are.
"""

import asyncio
import faulthandler
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType, FrameType

_FOLDER = Path(os.environ.get("FAULTS_FOLDER", "/nonexistent"))
_real_time = time.time

METADATA_MS = 3_000
ANSWER_S = 2.0
STILL_S = 150.0
SILENT_S = 30.0
RETRIES_S = (1,) * 60
_WAITING = (CoroutineType, AsyncGeneratorType)


def _read(name: str) -> str | None:
    try:
        return (_FOLDER / name).read_text("ascii")
    except OSError:
        return None


def _shifted() -> float:
    return _real_time() + float(_read("clock") or 0.0)


def _break_encoder() -> None:
    from agents.adapters.onnx import OnnxEncoder

    encode = OnnxEncoder.encode

    def breaking(self: OnnxEncoder, ids: object, mask: object) -> object:
        if _read("encoder-fails") is not None:
            raise RuntimeError("the session failed in the middle")
        return encode(self, ids, mask)  # type: ignore[arg-type]

    OnnxEncoder.encode = breaking  # type: ignore[method-assign, assignment]


def _notice_standing(after_s: float) -> None:
    from agents import standing, watching

    standing.STILL_S = watching.STILL_S = after_s  # type: ignore[misc]


def _silence_client() -> None:
    from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

    getmany = AIOKafkaConsumerThread.getmany
    silent = f"silent-{Path(os.environ['REDIAN_DATA_DIR']).name.removeprefix('worker-')}"

    async def nothing(self: AIOKafkaConsumerThread, active: object, timeout: float) -> object:
        if _read(silent) is None:
            return await getmany(self, active, timeout)
        _notice_standing(SILENT_S)
        await asyncio.sleep(timeout)
        return {}

    AIOKafkaConsumerThread.getmany = nothing


def _awaited(waiting: object) -> Iterator[str]:
    """Yield the places where a coroutine and what it waits for stand, the outermost first."""
    while waiting is not None:
        if isinstance(waiting, CoroutineType):
            frame, after = waiting.cr_frame, waiting.cr_await
        elif isinstance(waiting, AsyncGeneratorType):
            frame, after = waiting.ag_frame, waiting.ag_await
        else:  # what `__await__` or `__anext__` returned: only the collector knows what is behind it
            behind = (found for found in gc.get_referents(waiting) if isinstance(found, _WAITING))
            frame, after = None, next(behind, None)
        if frame is not None:
            yield f"{'/'.join(Path(frame.f_code.co_filename).parts[-2:])}:{frame.f_lineno} {frame.f_code.co_name}"
        waiting = after


def _tell_tasks(_signal: int, _frame: FrameType | None) -> None:
    # Faust's consumer has a thread and a loop of its own.
    loops = [found for found in gc.get_objects() if isinstance(found, asyncio.BaseEventLoop)]
    tasks = [" > ".join(_awaited(task.get_coro())) for loop in loops for task in asyncio.all_tasks(loop)]
    told = Path(os.environ["REDIAN_DATA_DIR"] + ".tasks")
    told.with_suffix(".part").write_text("\n".join(sorted(tasks)) + "\n", "utf-8")
    told.with_suffix(".part").rename(told)


def _hurry() -> None:
    from agents import runtime
    from agents.subscribers import http
    from streams.subscriptions import queue

    runtime.METADATA_MS = METADATA_MS  # type: ignore[misc]
    _notice_standing(STILL_S)
    http.TOTAL_S = ANSWER_S  # type: ignore[misc]
    queue.RETRIES_S = RETRIES_S  # type: ignore[misc]


if _FOLDER.is_dir() and "worker" in sys.argv:
    time.time = _shifted
    signal.signal(signal.SIGRTMIN, _tell_tasks)
    faulthandler.register(signal.SIGRTMIN + 1)
    _hurry()
    _silence_client()
    if os.environ.get("REDIAN_ENCODER", "off") != "off":
        _break_encoder()
