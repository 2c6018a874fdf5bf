"""Runs a graph over many texts: in batches of like length, under a budget of tokens."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from exported_models.recipes.tasks import HEADS

Floats = npt.NDArray[np.float32]
Found = dict[str, Floats]

OUTPUTS = ("embedding", *(head.name for head in HEADS))
_PAD = 1


def open_session(model: Path | bytes, threads: int = 1) -> ort.InferenceSession:
    """Return a session on the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    given = str(model) if isinstance(model, Path) else model
    return ort.InferenceSession(given, options, providers=["CPUExecutionProvider"])


def run_one(
    session: ort.InferenceSession, rows: list[list[int]], names: tuple[str, ...] = OUTPUTS, width: int = 0
) -> Found:
    """Run one batch, padded to the longest or to `width`."""
    width = max(width, *(len(row) for row in rows))
    ids = np.array([row + [_PAD] * (width - len(row)) for row in rows], np.int64)
    mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in rows], np.int64)
    found = session.run(list(names), {"input_ids": ids, "attention_mask": mask})
    return dict(zip(names, found, strict=True))


def run(session: ort.InferenceSession, encoded: list[list[int]], budget: int = 4096) -> Found:
    """Return the embedding and the probabilities of each text."""
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    batches: list[list[int]] = []
    for i in order:
        if not batches or (len(batches[-1]) + 1) * len(encoded[i]) > budget:
            batches.append([])
        batches[-1].append(i)
    parts = [run_one(session, [encoded[i] for i in batch]) for batch in batches]
    places = np.argsort(np.array(order))
    return {name: np.concatenate([part[name] for part in parts])[places] for name in OUTPUTS}
