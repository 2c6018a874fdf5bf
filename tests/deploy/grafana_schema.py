"""Reads dashboards by Grafana's own schema and prints what it does not know: run with the Python of .tools.

The dashboards are written by the schema of Grafana 10.1 (the SDK in .venv), so that 9 and 10 can show them; here they
are read by the newest that there is an SDK for. What a model has no field for is lost on the way, and so found.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def unknown(written: Any, read: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of what was written and not read."""
    if isinstance(written, dict) and isinstance(read, dict):
        for name, value in written.items():
            yield from unknown(value, read[name], f"{path}.{name}") if name in read else (f"{path}.{name}",)
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        for one, other in zip(written, read, strict=True):
            yield from unknown(one, other, f"{path}[]")
    elif written != read:
        yield path


def main() -> None:
    """Print the paths of each file, as JSON."""
    register_default_plugins()
    found = {}
    for file in map(Path, sys.argv[1:]):
        written = json.loads(file.read_text("utf-8"))
        read = json.loads(JSONEncoder().encode(Dashboard.from_json(written)))
        found[file.stem] = sorted(set(unknown(written, read)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
