"""Runs a verified model with ONNX Runtime, on the provider that was asked for or not at all."""

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal, TypeVar

import numpy as np
import onnxruntime as ort

from agents.adapters.model_folder import TOKENIZER, WEIGHTS, Manifest, ModelError, ModelFolder, TensorSpec, open_folder
from agents.adapters.model_probe import probe
from agents.adapters.onnx_file import NotOnnx, external_files, opset_of
from streams.contracts.posts import Model
from streams.scoring import Encoded, Head, Score, Scorer, TokenIds, read_tokenizer
from streams.scoring.heads import Floats

__all__ = ["ModelError", "OnnxEncoder", "ScoringThread", "cuda_is_there", "load_scorer"]

Provider = Literal["auto", "cpu", "cuda"]
T = TypeVar("T")

_CPU: Final = "CPUExecutionProvider"
_CUDA: Final = "CUDAExecutionProvider"
_IDS, _MASK, _TYPES = "input_ids", "attention_mask", "token_type_ids"
_FLOATS: Final = ("tensor(float)", "tensor(float16)")


class OnnxEncoder:
    """An encoder that runs in ONNX Runtime. `provider` is the one in use: "cpu" or "cuda".

    Args:
        embedding: name of that output, None of a model without one.
    """

    def __init__(
        self, session: ort.InferenceSession, provider: str, heads: tuple[Head, ...], embedding: str | None
    ) -> None:
        self.provider = provider
        self.heads = heads
        self._session = session
        self._inputs = tuple(value.name for value in session.get_inputs())
        self._embedding = embedding
        self._outputs = [head.probabilities for head in heads] + ([embedding] if embedding else [])

    def encode(self, ids: TokenIds, mask: TokenIds) -> Encoded:
        """Encode a batch, see `streams.scoring.Encoder`."""
        found = self._session.run(self._outputs, self._fed(ids, mask))
        values = [np.asarray(value, np.float32) for value in found]
        heads = {head.name: head.probabilities_of(value) for head, value in zip(self.heads, values, strict=False)}
        return Encoded(values[-1] if self._embedding else None, heads)

    def contributions(self, ids: TokenIds, mask: TokenIds, head: Head) -> tuple[Floats, Floats]:
        """Return what tokens add, see `streams.scoring.Encoder`."""
        adds, values = self._session.run([head.contributions, head.probabilities], self._fed(ids, mask))
        return np.asarray(adds, np.float32), head.probabilities_of(np.asarray(values, np.float32))

    def _fed(self, ids: TokenIds, mask: TokenIds) -> dict[str, TokenIds]:
        fed = {_IDS: ids, _MASK: mask}
        if _TYPES in self._inputs:
            fed[_TYPES] = np.zeros_like(ids)
        return fed


class ScoringThread:
    """A scorer in a thread of its own, so that the event loop goes on while the encoder computes.

    One thread only: the encoder uses several cores by itself, and the scorer's cache belongs to one thread.
    """

    def __init__(self, scorer: Scorer) -> None:
        self.model = scorer.model
        self.provider = scorer.provider
        self._scorer = scorer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scoring")

    async def score(self, texts: Sequence[str]) -> list[Score]:
        """Score texts; the order of calls is the order of work."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._scorer.score, texts)

    async def run(self, work: Callable[[Scorer], T]) -> T:
        """Do other work that needs the scorer, in the same thread; it should be short, posts wait behind it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._scorer)

    def close(self) -> None:
        """Drop what waits and let the thread end after the call that runs."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def cuda_is_there() -> bool:
    """Return whether this installation of ONNX Runtime can run on CUDA."""
    return _CUDA in ort.get_available_providers()


def load_scorer(folder: Path, provider: str, threads: int, token_budget: int, cache_size: int) -> Scorer:
    """Verify a model folder, load it and try it out.

    Args:
        folder: holds the manifest, `model.onnx` and `tokenizer.json`.
        provider: "cpu", "cuda", or "auto" for the best that the model was built for and that is installed.
        threads: threads of the encoder, 0 for one per core.
        token_budget: tokens in a batch, see `Scorer`.
        cache_size: texts remembered, see `Scorer`.

    Raises:
        ModelError: in one line, why the model cannot be used as asked.
    """
    opened = open_folder(folder)
    manifest = opened.manifest
    try:
        tokenizer = read_tokenizer(opened.content[TOKENIZER], manifest.max_tokens)
    except ValueError as error:
        raise ModelError(f"{folder / TOKENIZER}: {error}") from None
    encoder = _encoder(opened, provider, threads)
    probe(manifest, encoder, tokenizer)
    model = Model(manifest.name, manifest.files[WEIGHTS].lower())
    return Scorer(encoder, tokenizer, model, token_budget=token_budget, cache_size=cache_size)


def _encoder(opened: ModelFolder, provider: str, threads: int) -> OnnxEncoder:
    chosen = _choose(opened.manifest, provider)
    _look_into(opened)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Between batches the cores belong to the rest of the worker.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(opened.content[WEIGHTS], options, providers=[chosen])
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors have no nearer base
        raise ModelError(_why_not_loaded(opened, error)) from None
    in_use = session.get_providers()[0]
    if in_use != chosen:
        raise ModelError(f"{chosen} was asked for but {in_use} is in use: check the CUDA and cuDNN libraries")
    # Without this a failure of CUDA during a run goes on on the CPU, with only a line on standard output.
    session.disable_fallback()
    embedding = _check_names(opened, session)
    return OnnxEncoder(session, "cuda" if chosen == _CUDA else "cpu", opened.manifest.heads, embedding)


def _choose(manifest: Manifest, provider: str) -> str:
    """Return the name of the provider to use."""
    installed = ort.get_available_providers()
    if provider == "auto":
        provider = "cuda" if _CUDA in installed and "cuda" in manifest.providers else "cpu"
    if provider not in ("cpu", "cuda"):
        raise ModelError(f"there is no provider {provider!r}; choose auto, cpu or cuda")
    if provider == "cuda" and _CUDA not in installed:
        raise ModelError("CUDA was asked for but this installation of ONNX Runtime has none; choose cpu or auto")
    if provider not in manifest.providers:
        built_for = _listed(manifest.providers)
        raise ModelError(f"model {manifest.name} was built for {built_for}, not for {provider}")
    return _CUDA if provider == "cuda" else _CPU


def _look_into(opened: ModelFolder) -> None:
    """Refuse a file that is no ONNX, or that has weights elsewhere, before anything follows where it points."""
    path = opened.path / WEIGHTS
    try:
        elsewhere = external_files(opened.content[WEIGHTS])
    except NotOnnx as error:
        raise ModelError(f"{path} cannot be loaded: it is no ONNX file ({error})") from None
    if elsewhere:
        raise ModelError(f"{path} keeps weights in {_listed(elsewhere)}; save it as one file, without external data")


def _why_not_loaded(opened: ModelFolder, error: Exception) -> str:
    path, told = opened.path / WEIGHTS, " ".join(str(error).split())
    known = re.search(r"till opset (\d+)", told)
    if known is not None:
        return (
            f"{path} needs operator set {opset_of(opened.content[WEIGHTS])}, ONNX Runtime {ort.__version__} knows "
            f"those up to {known[1]}; export it for an older one"
        )
    return f"{path} cannot be loaded: {told[:300]}"


def _check_names(opened: ModelFolder, session: ort.InferenceSession) -> str | None:
    """Check inputs and outputs against the manifest; return the name of the embedding if there is one."""
    manifest, path = opened.manifest, opened.path
    inputs, outputs = (
        tuple(TensorSpec(value.name, value.type, tuple(value.shape)) for value in found)
        for found in (session.get_inputs(), session.get_outputs())
    )
    for described, actual, kind in ((manifest.inputs, inputs, "inputs"), (manifest.outputs, outputs, "outputs")):
        if described and set(actual) != set(described):
            raise ModelError(f"{path}: the {kind} are {_specs(actual)}, the manifest says {_specs(described)}")
    names = {spec.name for spec in inputs}
    if not {_IDS, _MASK} <= names <= {_IDS, _MASK, _TYPES}:
        raise ModelError(f"{path} has the inputs {_listed(sorted(names))} where {_IDS}, {_MASK} are wanted")
    by_name = {spec.name: spec for spec in outputs}
    for head in manifest.heads:
        for name, rank in ((head.probabilities, 2), (head.contributions, 3)):
            if name is not None:
                _check_output(path, by_name.get(name), name, rank, head)
    embedding = by_name.get(manifest.embedding)
    if embedding is None and not manifest.heads:
        raise ModelError(f"{path} has neither heads nor an output {manifest.embedding}, so it tells nothing")
    return None if embedding is None else embedding.name


def _check_output(path: Path, found: TensorSpec | None, name: str, rank: int, head: Head) -> None:
    if found is None:
        raise ModelError(f"{path} has no output {name}, which head {head.name} names")
    if found.type not in _FLOATS or len(found.shape) != rank:
        raise ModelError(f"{path}: output {_specs([found])} of head {head.name} should be {rank} floats deep")
    if found.shape[-1] != len(head.labels) and isinstance(found.shape[-1], int):
        raise ModelError(f"{path} gives {found.shape[-1]} numbers in {name} for {len(head.labels)} labels")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"


def _specs(specs: Sequence[TensorSpec]) -> str:
    return _listed([f"{spec.name} {spec.type} {list(spec.shape)}" for spec in specs])
