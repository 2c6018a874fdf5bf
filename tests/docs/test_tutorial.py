"""The tutorial, run as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.timeout(240)

BLOCKS = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / "tutorial.md").read_text("utf-8"), re.M | re.S)


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/bash", "-e", "-o", "pipefail", "-c", "\n".join(BLOCKS)],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1980 posts.jsonl" in done.stdout
    assert re.search(r"^2026-03-0\dT\S+ \w+ .*earthquake", done.stdout, re.M)
    assert re.search(r"^\d+ people within \d+ minutes", done.stdout, re.M)
    assert '"lines": 1980' in done.stdout
    assert (tmp_path / "twice" / "summary.json").is_file()
