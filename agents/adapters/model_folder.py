"""A model's folder: its manifest, and the promise that every file in use is the one that the manifest describes.

Leaves running the model to `onnx.py`.
"""

from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from agents.errors import RedianError
from streams.scoring import Head
from streams.scoring.heads import SENTIMENT, fault_of

MANIFEST: Final = "manifest.json"
WEIGHTS: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"
SCHEMA: Final = 2
SENTIMENT_ONLY: Final = 1
"""The schema of before: one head, and a probe is a text and its sentiment."""
_LARGEST_BYTES: Final = 1 << 30
_LARGEST_MANIFEST_BYTES: Final = 1 << 20


class ModelError(RedianError):
    """A model cannot be used: missing, damaged, not what its manifest says, or its provider is not there."""


class TensorSpec(msgspec.Struct, frozen=True):
    """An input or output: name, ONNX type such as "tensor(int64)", and shape, free sizes by name."""

    name: str
    type: str
    shape: tuple[str | int, ...]


class Probe(msgspec.Struct, frozen=True):
    """A text and the probabilities that the model gave it when it was made, by head."""

    text: str
    probabilities: dict[str, tuple[float, ...]] = {}


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is. `files` maps each file's path in the folder to its sha256, in hex.

    `inputs` and `outputs` are those of the graph, compared where they are given. `embedding` names the output of that
    kind; a model need not have it. `providers` are those on which it was built to run; `figures` were measured on texts
    it never saw, that of a task under the task's name.
    """

    schema: int
    name: str
    version: str = "1"
    files: dict[str, str]
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()
    heads: tuple[Head, ...] = ()
    embedding: str = "embedding"
    max_tokens: int
    providers: tuple[str, ...] = ("cpu",)
    licence: str = "unknown"
    provenance: dict[str, str] = {}
    figures: dict[str, float] = {}
    probes: tuple[Probe, ...] = ()


class _Schema(msgspec.Struct):
    schema: int


class _OldProbe(msgspec.Struct):
    text: str
    sentiment: tuple[float, ...]


class _OldManifest(msgspec.Struct):
    labels: tuple[str, ...]
    probes: tuple[_OldProbe, ...]


class ModelFolder(msgspec.Struct, frozen=True):
    """A verified folder. `content` holds the files as they were hashed, so nothing can change between check and use."""

    path: Path
    manifest: Manifest
    content: dict[str, bytes]


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest without looking at the other files.

    Raises:
        ModelError: there is no folder or no manifest, or it cannot be understood.
    """
    if not folder.is_dir():
        raise ModelError(f"there is no model folder {folder}; `redian models list` shows those there are")
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_MANIFEST_BYTES + 1)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST_MANIFEST_BYTES:
        raise ModelError(f"{path} is larger than {_LARGEST_MANIFEST_BYTES} bytes: not a manifest")
    try:
        schema = msgspec.json.decode(data, type=_Schema).schema
        if schema not in (SENTIMENT_ONLY, SCHEMA):
            raise ModelError(f"{path} is of schema {schema}, this version reads {SENTIMENT_ONLY} and {SCHEMA}")
        manifest = msgspec.json.decode(data, type=Manifest)
        if schema == SENTIMENT_ONLY:
            manifest = _as_present(manifest, msgspec.json.decode(data, type=_OldManifest))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not a manifest: {error}") from None
    fault = fault_of(manifest.heads)
    if fault is not None:
        raise ModelError(f"{path}: {fault}")
    return manifest


def _as_present(manifest: Manifest, old: _OldManifest) -> Manifest:
    return msgspec.structs.replace(
        manifest,
        heads=(msgspec.structs.replace(SENTIMENT, labels=old.labels),),
        probes=tuple(Probe(probe.text, {SENTIMENT.name: probe.sentiment}) for probe in old.probes),
    )


def open_folder(folder: Path) -> ModelFolder:
    """Read and verify every file that the manifest names.

    Raises:
        ModelError: a file is missing, too large, outside the folder, or not the one that was described.
    """
    manifest = read_manifest(folder)
    for name in (WEIGHTS, TOKENIZER):
        if name not in manifest.files:
            raise ModelError(f"{folder / MANIFEST} does not name {name}")
    content = {name: _read(folder, name, digest) for name, digest in manifest.files.items()}
    return ModelFolder(folder, manifest, content)


def _read(folder: Path, name: str, digest: str) -> bytes:
    """Return a file's bytes if they have the hash that was promised."""
    pure = PurePosixPath(name)
    path = folder / name
    # A link may not lead out either: what counts is where the path ends.
    if pure.is_absolute() or ".." in pure.parts or not path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(f"{folder / MANIFEST} names {name}, which is outside the folder")
    try:
        size = path.stat().st_size
        if size > _LARGEST_BYTES:
            raise ModelError(f"{path} has {size} bytes, at most {_LARGEST_BYTES} are accepted")
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from None
    found = sha256(data).hexdigest()
    if found != digest.lower():
        raise ModelError(
            f"{path} is not the file of the manifest: sha256 {found[:12]}…, expected {digest[:12]}…; copy it again"
        )
    return data
