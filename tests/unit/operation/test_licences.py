"""Licences: what the images hold may be given on, and a package that may not is named in one line."""

import re
from pathlib import Path

import pytest

from deploy.licences import is_allowed, licence_of, main

REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("[cg]pu.txt"))


def test_all_of_the_images_may_be_given_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path) for path in LOCKS]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in said] == ["cpu", "gpu"]


def test_libraries_under_nvidias_licences_stand_in_a_lock_of_their_own_that_no_image_installs() -> None:
    proprietary = re.findall(r"^([^\s=]+)==", (REQUIREMENTS / "cuda.txt").read_text("utf-8"), re.M)
    assert {name.partition("-")[0] for name in proprietary} == {"nvidia"}
    assert "cuda.txt" not in (REQUIREMENTS.parent / "Dockerfile").read_text("utf-8")


def test_a_package_with_no_licence_of_the_list_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "cpu.txt"
    lock.write_text("certifi==2026.1.1 \\\n    --hash=sha256:00\nof-nobody==1.0 ; sys_platform == 'win32'\n", "utf-8")
    assert main([str(lock)]) == 1
    assert capsys.readouterr().out.splitlines()[1:] == [
        "of-nobody 1.0: no licence that it tells is not on the list of deploy/licences.py"
    ]


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT AND Apache-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT OR GPL-3.0-only AND MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("(MIT)", False),
        ("", False),
    ],
)
def test_an_expression_is_met_by_the_list_alone(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


def test_a_licence_is_read_in_each_form_in_which_packages_write_it() -> None:
    assert [licence_of(name) for name in ("msgspec", "certifi", "protobuf", "onnxruntime-gpu", "of-nobody")] == [
        "BSD-3-Clause", "MPL-2.0", "BSD-3-Clause", "MIT", "",
    ]  # fmt: skip
