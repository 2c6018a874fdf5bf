"""What every command that computes needs first: the intake with the author key, the scorer if the encoder is on."""

from pathlib import Path

from agents.settings import Settings
from streams.intake import Intake, IntakeSettings
from streams.scoring import Scorer

MODELS = Path(__file__).resolve().parent.parent / "exported_models"
"""Where models are kept: beside the code, verified by their manifests."""


def make_intake(settings: Settings) -> Intake:
    """Return the intake of this deployment."""
    return Intake(IntakeSettings(author_key=settings.author_key_bytes()))


def make_scorer(settings: Settings) -> Scorer | None:
    """Return the scorer that the settings name, None with the encoder off.

    Raises:
        ModelError: the model folder is missing, damaged or not what its manifest says, or the provider is not there.
    """
    if settings.encoder == "off":
        return None
    from agents.adapters.onnx import load_scorer

    return load_scorer(
        MODELS / settings.encoder,
        provider=settings.provider,
        threads=settings.threads,
        token_budget=settings.token_budget,
        cache_size=settings.score_cache,
    )
