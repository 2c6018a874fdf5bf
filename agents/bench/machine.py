"""On what a figure was measured: without it a figure means nothing."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("numpy", "onnxruntime", "onnxruntime-gpu", "faust-streaming", "aiokafka")


def machine() -> dict[str, str]:
    """Return processor, GPU where there is one of NVIDIA's, cores, Python and the packages that matter, by name."""
    gpus = [_value_of("Model", path) for path in Path("/proc/driver/nvidia/gpus").glob("*/information")]
    return {
        "processor": _processor(),
        **({"gpu": ", ".join(gpus)} if gpus else {}),
        "cores": str(cores()),
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES if _installed(package)},
    }


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    told = _value_of("model name", info) if info.is_file() else ""
    return told or platform.processor() or platform.machine()


def _value_of(wanted: str, info: Path) -> str:
    """Return the first value of a name in a file of `name: value`, "" without one."""
    for line in info.read_text("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == wanted:
            return value.strip()
    return ""


def _installed(package: str) -> bool:
    try:
        version(package)
    except ModuleNotFoundError:
        return False
    return True
