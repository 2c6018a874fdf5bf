"""The model that tests of the whole run: the default on a CPU."""

from pathlib import Path

from agents.settings import Settings
from agents.startup import model_folder

FOLDER: Path = model_folder(Settings(provider="cpu", encoder="auto", models_dir=None))
NAME: str = FOLDER.name
