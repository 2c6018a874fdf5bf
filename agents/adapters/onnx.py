"""Runs a verified model with ONNX Runtime, on the provider that was asked for or not at all."""

import asyncio
import re
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from ctypes import CDLL
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import onnxruntime as ort

from agents.adapters.model_folder import TOKENIZER, WEIGHTS, Manifest, ModelError, ModelFolder, TensorSpec, open_folder
from agents.adapters.model_probe import probe
from agents.adapters.onnx_file import NotOnnx, external_files, opset_of
from streams.contracts.posts import Model
from streams.scoring import Encoded, Explanation, Head, OutOfMemory, Score, Scorer, TokenIds, read_tokenizer
from streams.scoring.heads import Floats

__all__ = ["ModelError", "OnnxEncoder", "ScoringThread", "cuda_is_there", "load_scorer"]

T = TypeVar("T")

_CPU: Final = "CPUExecutionProvider"
_CUDA: Final = "CUDAExecutionProvider"
_TENSORRT: Final = "TensorrtExecutionProvider"
_BY_NAME: Final = {"cpu": _CPU, "cuda": _CUDA, "tensorrt": _TENSORRT}
_NEEDED: Final = {
    _CUDA: "NVIDIA's driver, CUDA 13 and cuDNN 9",
    _TENSORRT: "NVIDIA's driver, CUDA 13, cuDNN 9 and TensorRT 10",
}
_IDS, _MASK, _TYPES = "input_ids", "attention_mask", "token_type_ids"
_NO_MEMORY: Final = ("failed to allocate memory", "out of memory", "bad_alloc", "cudnn_status_alloc_failed")
"""What ONNX Runtime and CUDA say when memory runs out, in lower case: there is no exception of its own for that."""
_FLOATS: Final = ("tensor(float)", "tensor(float16)")


class OnnxEncoder:
    """An encoder that runs in ONNX Runtime. `provider` is the one in use: "cpu", "cuda" or "tensorrt".

    Args:
        embedding: name of that output, None of a model without one.
        bound: whether inputs and outputs are bound to their places, which spares a copy where they are not the CPU's.
    """

    def __init__(
        self,
        session: ort.InferenceSession,
        provider: str,
        heads: tuple[Head, ...],
        embedding: str | None,
        *,
        bound: bool,
    ) -> None:
        self.provider = provider
        self.heads = heads
        self._session = session
        self._inputs = tuple(value.name for value in session.get_inputs())
        self._embedding = embedding
        self._bound = bound
        self._outputs = [head.probabilities for head in heads] + ([embedding] if embedding else [])

    def encode(self, ids: TokenIds, mask: TokenIds) -> Encoded:
        """Encode a batch, see `streams.scoring.Encoder`."""
        values = self._run(self._outputs, ids, mask)
        heads = {head.name: head.probabilities_of(value) for head, value in zip(self.heads, values, strict=False)}
        return Encoded(values[-1] if self._embedding else None, heads)

    def contributions(self, ids: TokenIds, mask: TokenIds, head: Head) -> tuple[Floats, Floats]:
        """Return what tokens add, see `streams.scoring.Encoder`."""
        adds, values = self._run([head.contributions or "", head.probabilities], ids, mask)
        return adds, head.probabilities_of(values)

    def _run(self, outputs: list[str], ids: TokenIds, mask: TokenIds) -> list[Floats]:
        """Return outputs of the graph.

        Raises:
            OutOfMemory: a smaller batch may do.
        """
        fed = {_IDS: ids, _MASK: mask}
        if _TYPES in self._inputs:
            fed[_TYPES] = np.zeros_like(ids)
        try:
            found = self._run_bound(outputs, fed) if self._bound else self._session.run(outputs, fed)
        except Exception as error:
            if isinstance(error, MemoryError) or any(sign in str(error).lower() for sign in _NO_MEMORY):
                raise OutOfMemory(_line(error)) from error
            raise
        return [np.asarray(value, np.float32) for value in found]

    def _run_bound(self, outputs: list[str], fed: dict[str, TokenIds]) -> list[Floats]:
        binding = self._session.io_binding()
        for name, value in fed.items():
            binding.bind_cpu_input(name, value)
        for name in outputs:
            binding.bind_output(name)
        self._session.run_with_iobinding(binding)
        found: list[Floats] = binding.copy_outputs_to_cpu()
        return found


class ScoringThread:
    """A scorer in a thread of its own, so that the event loop goes on while the encoder computes.

    One thread only: the encoder uses several cores by itself, and the scorer's cache belongs to one thread.
    """

    def __init__(self, scorer: Scorer) -> None:
        self.model = scorer.model
        self.provider = scorer.provider
        self.counted = scorer.counted
        """What the scorer has done so far; it goes on counting here."""
        self._scorer = scorer
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scoring")

    async def score(self, texts: Sequence[str]) -> list[Score]:
        """Score texts; the order of calls is the order of work."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._scorer.score, texts)

    async def explain(self, text: str, head: str | None) -> Explanation:
        """Explain the score of a text, see `Scorer.explain`."""
        return await self.run(lambda scorer: scorer.explain(text, head))

    async def run(self, work: Callable[[Scorer], T]) -> T:
        """Do other work that needs the scorer, in the same thread; it should be short, posts wait behind it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._scorer)

    def close(self) -> None:
        """Drop what waits and let the thread end after the call that runs."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def cuda_is_there() -> bool:
    """Return whether this installation of ONNX Runtime can run on CUDA."""
    return _CUDA in ort.get_available_providers()


def load_scorer(  # noqa: PLR0917 - all but the folder are settings
    folder: Path,
    provider: str,
    threads: int,
    token_budget: int,
    cache_size: int,
    windows: int = 8,
    engine_cache: Path | None = None,
) -> Scorer:
    """Verify a model folder, load it and try it out.

    Args:
        folder: holds the manifest, `model.onnx` and `tokenizer.json`.
        provider: "cpu", "cuda", "tensorrt", or "auto" for CUDA where the model was built for it and it is installed.
        threads: threads of the encoder, 0 for one per core.
        token_budget: tokens in a batch, see `Scorer`.
        cache_size: texts remembered, see `Scorer`.
        windows: how many of `max_tokens` are read of a long text.
        engine_cache: where TensorRT keeps what it builds, which takes minutes; none are kept if absent.

    Raises:
        ModelError: in one line, why the model cannot be used as asked.
    """
    opened = open_folder(folder)
    manifest = opened.manifest
    try:
        tokenizer = read_tokenizer(opened.content[TOKENIZER], manifest.max_tokens, windows)
    except ValueError as error:
        raise ModelError(f"{folder / TOKENIZER}: {error}") from None
    encoder = _encoder(opened, provider, threads, engine_cache)
    probe(manifest, encoder, tokenizer)
    model = Model(manifest.name, manifest.files[WEIGHTS].lower())
    return Scorer(encoder, tokenizer, model, token_budget=token_budget, cache_size=cache_size)


def _encoder(opened: ModelFolder, provider: str, threads: int, engine_cache: Path | None) -> OnnxEncoder:
    chosen = _choose(opened.manifest, provider)
    _look_into(opened)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Between batches the cores belong to the rest of the worker.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = _providers(chosen, engine_cache)
    if chosen != _CPU:
        with redirect_stdout(sys.stderr):  # what it does not find it prints, which is no output of a command
            ort.preload_dlls()  # NVIDIA's packages are where no loader looks by itself
    try:
        # With a fallback a failure of CUDA goes on on the CPU, with only a line on standard output.
        session = ort.InferenceSession(opened.content[WEIGHTS], options, providers=providers, enable_fallback=0)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors have no nearer base
        raise ModelError(_what_lacks(chosen) or _why_not_loaded(opened, error)) from None
    in_use = session.get_providers()[0]
    if in_use != chosen:
        instead = f"{chosen} was asked for but {in_use} is in use: check {_NEEDED[chosen]}"
        raise ModelError(_what_lacks(chosen) or instead)
    # It keeps the bytes of the file for that fallback: 33 MB of `small`.
    session._model_bytes = None
    embedding = _check_names(opened, session)
    name = next(name for name, its in _BY_NAME.items() if its == chosen)
    return OnnxEncoder(session, name, opened.manifest.heads, embedding, bound=chosen != _CPU)


def _providers(chosen: str, engine_cache: Path | None) -> list[str | tuple[str, dict[str, Any]]]:
    if chosen != _TENSORRT:
        return [chosen]
    options: dict[str, Any] = {"trt_fp16_enable": True}
    if engine_cache is not None:
        engine_cache.mkdir(parents=True, exist_ok=True)
        options |= {"trt_engine_cache_enable": True, "trt_engine_cache_path": str(engine_cache)}
        options |= {"trt_timing_cache_enable": True, "trt_timing_cache_path": str(engine_cache)}
    # What TensorRT has no kernel for runs on CUDA.
    return [(_TENSORRT, options), _CUDA]


def _choose(manifest: Manifest, provider: str) -> str:
    """Return the name of the provider to use."""
    installed = ort.get_available_providers()
    if provider == "auto":
        provider = "cuda" if _CUDA in installed and "cuda" in manifest.providers else "cpu"
    if provider not in _BY_NAME:
        raise ModelError(f"there is no provider {provider!r}; choose auto, cpu, cuda or tensorrt")
    if _BY_NAME[provider] not in installed:
        asked = "TensorRT" if provider == "tensorrt" else "CUDA"
        raise ModelError(f"{asked} was asked for but this installation of ONNX Runtime has none; choose cpu or auto")
    needed = "cuda" if provider == "tensorrt" else provider
    if needed not in manifest.providers:
        built_for = _listed(manifest.providers)
        raise ModelError(f"model {manifest.name} was built for {built_for}, not for {needed}")
    return _BY_NAME[provider]


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


def _what_lacks(chosen: str) -> str:
    """Return that a provider which could not be used lacks a library, and which; "" if that was not it."""
    name = next(name for name, its in _BY_NAME.items() if its == chosen)
    library = Path(ort.__file__).parent / "capi" / f"libonnxruntime_providers_{name}.so"
    if not library.exists():
        return ""
    try:
        CDLL(str(library))
    except OSError as error:
        missing, _, why = str(error).partition(": ")
        if why.startswith("cannot open shared object file"):
            return f"{chosen} was asked for but {missing} is not found; it needs {_NEEDED[chosen]}"
    return ""


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


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
