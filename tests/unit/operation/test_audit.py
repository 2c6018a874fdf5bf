"""What an audit says: a known vulnerability fails it, a package that nothing is known of is counted."""

import json
from pathlib import Path

import pytest

from deploy.audit import main

SOUND = {"name": "sound", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}
BROKEN = {
    "name": "broken",
    "version": "0.9",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["0.9.1"], "aliases": [], "description": "x"}],
}


def written(folder: Path, *dependencies: object) -> str:
    path = folder / "audit-cpu.json"
    path.write_text(json.dumps({"dependencies": dependencies, "fixes": []}))
    return str(path)


def test_sound_packages_pass_and_those_that_nothing_is_known_of_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([written(tmp_path, SOUND, UNKNOWN)]) == 0
    assert "1 packages looked up, 1 could not be; 0 known" in capsys.readouterr().out


def test_a_known_vulnerability_fails_and_is_told_with_what_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([written(tmp_path, SOUND, BROKEN)]) == 1
    assert "broken 0.9: PYSEC-2026-1, mended in 0.9.1" in capsys.readouterr().out


def test_no_report_is_no_assurance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "audit-gpu.json")]) == 0
    assert "nothing could be looked up" in capsys.readouterr().out
