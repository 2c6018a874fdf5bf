"""Runs a verified model with ONNX Runtime, on the provider that was asked for or not at all."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal, TypeVar

import numpy as np
import onnxruntime as ort

from agents.adapters.model_folder import TOKENIZER, WEIGHTS, Manifest, ModelError, ModelFolder, TensorSpec, open_folder
from streams.contracts.posts import Model
from streams.scoring import LABELS, Encoded, Score, Scorer, TextTokenizer, TokenIds, read_tokenizer

__all__ = ["ModelError", "OnnxEncoder", "ScoringThread", "load_scorer"]

Provider = Literal["auto", "cpu", "cuda"]
T = TypeVar("T")

_CPU: Final = "CPUExecutionProvider"
_CUDA: Final = "CUDAExecutionProvider"
_INPUTS: Final = ("input_ids", "attention_mask")
_OUTPUTS: Final = ("embedding", "sentiment")
_PROBE_TOLERANCE: Final = 0.05
"""Largest difference from the manifest's probabilities: other arithmetic rounds otherwise, a wrong model is far off."""


class OnnxEncoder:
    """An encoder that runs in ONNX Runtime. `provider` is the one in use: "cpu" or "cuda"."""

    def __init__(self, session: ort.InferenceSession, provider: str) -> None:
        self._session = session
        self.provider = provider

    def encode(self, ids: TokenIds, mask: TokenIds) -> Encoded:
        """Encode a batch, see `streams.scoring.Encoder`."""
        embedding, sentiment = self._session.run(_OUTPUTS, dict(zip(_INPUTS, (ids, mask), strict=True)))
        return Encoded(embedding, sentiment)


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
    if manifest.labels != LABELS:
        raise ModelError(f"{folder} gives the labels {_listed(manifest.labels)}, wanted are {_listed(LABELS)}")
    try:
        tokenizer = read_tokenizer(opened.content[TOKENIZER], manifest.max_tokens)
    except ValueError as error:
        raise ModelError(f"{folder / TOKENIZER}: {error}") from None
    encoder = _encoder(opened, provider, threads)
    model = Model(manifest.name, manifest.files[WEIGHTS].lower())
    scorer = Scorer(encoder, tokenizer, model, token_budget=token_budget, cache_size=cache_size)
    _probe(opened, encoder, tokenizer)
    return scorer


def _encoder(opened: ModelFolder, provider: str, threads: int) -> OnnxEncoder:
    chosen = _choose(opened.manifest, provider)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Between batches the cores belong to the rest of the worker.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(opened.content[WEIGHTS], options, providers=[chosen])
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors have no nearer base
        raise ModelError(f"{opened.path / WEIGHTS} cannot be loaded: {_line(error)}") from None
    in_use = session.get_providers()[0]
    if in_use != chosen:
        raise ModelError(f"{chosen} was asked for but {in_use} is in use: check the CUDA and cuDNN libraries")
    # Without this a failure of CUDA during a run goes on on the CPU, with only a line on standard output.
    session.disable_fallback()
    for described, found, kind in (
        (opened.manifest.inputs, session.get_inputs(), "inputs"),
        (opened.manifest.outputs, session.get_outputs(), "outputs"),
    ):
        actual = tuple(TensorSpec(value.name, value.type, tuple(value.shape)) for value in found)
        if actual != described:
            raise ModelError(f"{opened.path}: the {kind} are {_specs(actual)}, the manifest says {_specs(described)}")
    _check_names(opened)
    return OnnxEncoder(session, "cuda" if chosen == _CUDA else "cpu")


def _choose(manifest: Manifest, provider: str) -> str:
    """Return the name of the provider to use."""
    installed = ort.get_available_providers()
    if provider == "auto":
        return _CUDA if _CUDA in installed and "cuda" in manifest.providers else _CPU
    if provider not in ("cpu", "cuda"):
        raise ModelError(f"there is no provider {provider!r}; choose auto, cpu or cuda")
    if provider == "cuda" and _CUDA not in installed:
        raise ModelError("CUDA was asked for but this installation of ONNX Runtime has none; choose cpu or auto")
    if provider not in manifest.providers:
        built_for = _listed(manifest.providers)
        raise ModelError(f"model {manifest.name} was built for {built_for}, not for {provider}")
    return _CUDA if provider == "cuda" else _CPU


def _check_names(opened: ModelFolder) -> None:
    for described, wanted in ((opened.manifest.inputs, _INPUTS), (opened.manifest.outputs, _OUTPUTS)):
        names = tuple(spec.name for spec in described)
        if names != wanted:
            raise ModelError(f"{opened.path} has {_listed(names)} where {_listed(wanted)} is wanted")
    labels = opened.manifest.outputs[1].shape[-1]
    if labels != len(opened.manifest.labels):
        raise ModelError(f"{opened.path} gives {labels} probabilities for {len(opened.manifest.labels)} labels")


def _probe(opened: ModelFolder, encoder: OnnxEncoder, tokenizer: TextTokenizer) -> None:
    """Run the manifest's probes in one batch and compare.

    Raises:
        ModelError: the model fails on them, or says something else than when it was made.
    """
    probes, name = opened.manifest.probes, opened.manifest.name
    if not probes:
        raise ModelError(f"{opened.path} has no probes in its manifest, so it cannot be tried out")
    tokens = [row.ids for row in tokenizer.tokens([probe.text for probe in probes])]
    width = max(map(len, tokens))
    ids = np.array([[*row, *[tokenizer.pad] * (width - len(row))] for row in tokens], np.int64)
    mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in tokens], np.int64)
    try:
        encoded = encoder.encode(ids, mask)
    except Exception as error:  # noqa: BLE001 - as above
        raise ModelError(f"model {name} fails on a probe: {_line(error)}") from None
    if not (np.isfinite(encoded.embedding).all() and np.isfinite(encoded.sentiment).all()):
        raise ModelError(f"model {name} gives numbers that are not finite")
    if np.abs(np.linalg.norm(encoded.embedding, axis=1) - 1).max() > 1e-3:
        raise ModelError(f"model {name} gives embeddings whose length is not 1")
    expected = np.array([probe.sentiment for probe in probes])
    furthest = float(np.abs(encoded.sentiment - expected).max())
    if furthest > _PROBE_TOLERANCE:
        raise ModelError(f"model {name} differs from its manifest's probes by {furthest:.3f} on this machine")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nothing"


def _specs(specs: Sequence[TensorSpec]) -> str:
    return _listed([f"{spec.name} {spec.type} {list(spec.shape)}" for spec in specs])


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
