"""What every command that computes needs first: the intake with the author key, the scorer if the encoder is on."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from agents.settings import Settings
from streams.intake import Intake, IntakeSettings
from streams.privacy.rotations import Rotations
from streams.scoring import Scorer

MODELS = Path(__file__).resolve().parent.parent / "exported_models"
"""Where shipped models are kept: beside the code, verified by their manifests."""

AUTO: Final = "auto"
_SHIPPED: Final = {"cpu": "small", "cuda": "standard-fp16"}
"""What `auto` takes, by where it will run."""


def make_intake(settings: Settings) -> Intake:
    """Return the intake of this deployment."""
    keys = settings.author_keys()
    return Intake(IntakeSettings(author_key=keys.first, rotations=Rotations(keys.later)))


def make_scorer(settings: Settings) -> Scorer | None:
    """Return the scorer that the settings name, None with the encoder off.

    Raises:
        ModelError: the model folder is missing, damaged or not what its manifest says, or the provider is not there.
    """
    if settings.encoder == "off":
        return None
    from agents.adapters.onnx import load_scorer

    return load_scorer(
        model_folder(settings),
        provider=settings.provider,
        threads=settings.threads,
        token_budget=settings.token_budget,
        cache_size=settings.score_cache,
        windows=settings.score_windows,
        engine_cache=settings.data_dir / "tensorrt",
    )


def begin_to_load(settings: Settings) -> "Future[Scorer | None]":
    """Load and warm up the scorer in a thread of its own, while the caller imports the rest of the program.

    Reading a model and computing with it leave the interpreter to others, so neither waits for the other. The result
    raises what `make_scorer` raises.
    """
    if settings.encoder != "off":
        import agents.adapters.onnx  # noqa: F401 - here: two threads that import may find each other's modules half made
    return ThreadPoolExecutor(1, thread_name_prefix="loading").submit(_warm_scorer, settings)


def _warm_scorer(settings: Settings) -> Scorer | None:
    scorer = make_scorer(settings)
    if scorer is not None:
        scorer.warm_up()
    return scorer


def model_folder(settings: Settings, name: str | None = None) -> Path:
    """Return the folder of a model, or of the one that the settings choose: the operator's before those shipped."""
    name = settings.encoder if name is None else name
    if name != AUTO:
        places = [place / name for place in _places(settings)]
        return next((place for place in places if place.is_dir()), places[-1])
    return MODELS / _SHIPPED["cuda" if runs_on_cuda(settings) else "cpu"]


def runs_on_cuda(settings: Settings) -> bool:
    """Return whether a model will run on a GPU."""
    from agents.adapters.onnx import cuda_is_there

    return settings.provider in ("cuda", "tensorrt") or (settings.provider == "auto" and cuda_is_there())


def model_folders(settings: Settings) -> list[Path]:
    """Return the folders of all models there are, the operator's first; a name that is there twice counts once."""
    found: dict[str, Path] = {}
    for place in _places(settings):
        for manifest in sorted(place.glob("*/manifest.json")):
            found.setdefault(manifest.parent.name, manifest.parent)
    return list(found.values())


def _places(settings: Settings) -> Iterator[Path]:
    if settings.models_dir is not None:
        yield settings.models_dir
    yield MODELS
