"""Asks a worker on this machine how it is, for containers: `python probe.py /livez`. Status 0: it says yes."""

import os
import sys
import urllib.request


def main(path: str) -> int:
    """Return 0 where the page is there and says yes."""
    port = os.environ.get("REDIAN_WEB_PORT", "8060")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as response:
            return 0 if response.status == 200 else 1
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a program of its own
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
