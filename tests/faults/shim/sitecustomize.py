"""Runs at the start of a worker under test: what a test cannot do to it from outside, told by files in a folder.

`clock` holds seconds by which `time.time` is off; while `encoder-fails` exists the encoder's session raises. New
partitions are seen, and subscribers that failed are tried again, within seconds, so that no script waits for minutes.
"""

import os
import sys
import time
from pathlib import Path

_FOLDER = Path(os.environ.get("FAULTS_FOLDER", "/nonexistent"))
_real_time = time.time

METADATA_MS = 3_000
ANSWER_S = 2.0
RETRIES_S = (1,) * 60


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


def _hurry() -> None:
    from agents import runtime
    from agents.subscribers import http
    from streams.subscriptions import queue

    runtime.METADATA_MS = METADATA_MS  # type: ignore[misc]
    http.TOTAL_S = ANSWER_S  # type: ignore[misc]
    queue.RETRIES_S = RETRIES_S  # type: ignore[misc]


if _FOLDER.is_dir() and "worker" in sys.argv:
    time.time = _shifted
    _hurry()
    if os.environ.get("REDIAN_ENCODER", "off") != "off":
        _break_encoder()
