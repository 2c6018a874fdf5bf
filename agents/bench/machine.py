"""On what a figure was measured: without it a figure means nothing."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("numpy", "onnxruntime", "faust-streaming", "aiokafka")


def machine() -> dict[str, str]:
    """Return processor, cores, Python and the packages that matter, by name."""
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES if _installed(package)},
    }


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _installed(package: str) -> bool:
    try:
        version(package)
    except ModuleNotFoundError:
        return False
    return True
