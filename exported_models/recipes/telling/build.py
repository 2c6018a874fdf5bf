"""Exports a Hugging Face folder to one that onnxruntime-genai reads, by its own builder."""

import subprocess
import sys
from pathlib import Path
from typing import Final

PRECISIONS: Final = ("fp32", "int8", "int4")


def build(source: Path, folder: Path, precision: str) -> None:
    """Write `folder`; matrices of words that stand at both ends of a model are stored once.

    Raises:
        SystemExit: the builder does not know such models; what it said stands above.
    """
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(source), "-o", str(folder)]
    command += ["-p", precision, "-e", "cpu", "-c", str(folder.parent / "cache")]
    command += ["--extra_options", "hf_token=false", "shared_embeddings=true"]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit(f"the builder of onnxruntime-genai does not export {source}")


def megabytes(folder: Path) -> float:
    """Return the size of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
