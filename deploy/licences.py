"""`python -m deploy.licences LOCK...`: whether everything that the images hold may be given on with them.

Reads what the installed packages say of themselves, so it asks nobody. Ends with status 1 where a licence is not on the
list, and names whose it is.
"""

import re
import sys
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

ALLOWED: Final = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "MPL-2.0",
    "PSF-2.0", "Unlicense", "Zlib", "ZPL-2.1",
})  # fmt: skip
"""Permissive ones, and MPL-2.0, which asks for the source of its own files alone: they may stand beside Apache-2.0."""

_SPDX: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "Repoze Public License": "ZPL-2.1",
}
"""What packages of before SPDX (PEP 639) write. Repoze's is Zope's by another name; BSD's has two clauses or three."""

_ELSEWHERE: Final = {"colorama": "BSD-3-Clause", "fasttext-predict-v2": "MIT", "onnxruntime-gpu": "MIT"}
"""Packages of a lock that this environment does not install: other systems, other Pythons, GPUs."""

_PINNED: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.M)
_PREFIX: Final = "License :: "


def licence_of(name: str) -> str:
    """Return the licence of a package as an SPDX expression, or as it writes it; "" where it says nothing."""
    try:
        told = distribution(name).metadata
    except PackageNotFoundError:
        return _ELSEWHERE.get(name, "")
    if expression := _field(told, "License-Expression"):
        return expression
    classified = [one.split(" :: ")[-1] for one in told.get_all("Classifier") or () if one.startswith(_PREFIX)]
    # A field may hold the whole text of a licence: that names none.
    written = classified or [text for text in [_field(told, "License")] if "\n" not in text]
    return " AND ".join(_SPDX.get(one, one) for one in written)


def _field(told: PackageMetadata, name: str) -> str:
    return str(next(iter(told.get_all(name) or ()), ""))


def is_allowed(expression: str) -> bool:
    """Say whether an expression without parentheses can be met by licences of the list alone."""
    return any(ALLOWED.issuperset(choice.split(" AND ")) for choice in expression.split(" OR "))


def offenders(lock: str) -> list[str]:
    """Return a line for each package of a lock whose licence is not on the list."""
    found = ((name, version, licence_of(name)) for name, version in _PINNED.findall(lock))
    return [
        f"{name} {version}: {licence or 'no licence that it tells'} is not on the list of deploy/licences.py"
        for name, version, licence in found
        if not is_allowed(licence)
    ]


def main(paths: list[str]) -> int:
    """Print the offenders of every lock; return the exit status."""
    status = 0
    for path in map(Path, paths):
        lock = path.read_text("utf-8")
        found = offenders(lock)
        pinned = len(_PINNED.findall(lock))
        said = f"{path.stem}: licences of {pinned} pinned packages, {len(found)} not allowed"
        sys.stdout.write("\n".join([said, *found, ""]))
        status |= bool(found)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
