"""A model's folder: its manifest, and the promise that every file in use is the one that the manifest describes.

Leaves running the model to `onnx.py`.
"""

from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from agents.errors import RedianError

MANIFEST: Final = "manifest.json"
WEIGHTS: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"
SCHEMA: Final = 1
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
    """A text and the probabilities that the model gave it when it was made."""

    text: str
    sentiment: tuple[float, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a model is. `files` maps each file's path in the folder to its sha256, in hex.

    `providers` are those on which it was built to run; `figures` were measured on texts it never saw.
    """

    schema: int
    name: str
    version: str
    files: dict[str, str]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    labels: tuple[str, ...]
    max_tokens: int
    providers: tuple[str, ...]
    licence: str
    provenance: dict[str, str]
    figures: dict[str, float]
    probes: tuple[Probe, ...]


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
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not a manifest: {error}") from None
    if manifest.schema != SCHEMA:
        raise ModelError(f"{path} is of schema {manifest.schema}, this version reads {SCHEMA}")
    return manifest


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
