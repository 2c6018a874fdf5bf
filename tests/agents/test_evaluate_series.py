"""`redian evaluate --series` over files: a table, JSON, and one clear line for what does not fit."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from agents.cli.main import app
from agents.errors import RedianError

HOUR = "2026-03-{day:02} {hour:02}:00:00,{count}"


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """A folder of one quiet series of 25 days, with a burst on the twentieth, and one of nothing."""
    folder = tmp_path / "counts"
    folder.mkdir()
    lines = [
        HOUR.format(day=day, hour=hour, count=5000 if (day, hour) == (20, 9) else 40 + hour)
        for day in range(1, 26)
        for hour in range(24)
    ]
    (folder / "quiet.csv").write_text("\n".join(["timestamp,value", *lines]))
    (folder / "nothing.csv").write_text("timestamp,value\n")
    return folder


@pytest.fixture
def windows(tmp_path: Path) -> Path:
    path = tmp_path / "windows.json"
    path.write_text(
        json.dumps({"some/quiet.csv": [["2026-03-20 08:00:00.000000", "2026-03-20T18:00:00Z"]], "nothing.csv": []})
    )
    return path


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_a_folder_of_series_is_judged_file_by_file_and_in_all(counts: Path, windows: Path) -> None:
    ran = evaluate("--series", counts, "--windows", windows, "--json")
    assert ran.exit_code == 0
    told = json.loads(ran.stdout)
    assert told["score"] > 95
    assert told["files"]["quiet.csv"] | {"score": 0, "days": 0} == {
        "score": 0,
        "found": 1,
        "windows": 1,
        "false": 0,
        "days": 0,
    }
    assert told["files"]["nothing.csv"]["score"] is None


def test_the_table_lists_alarms_on_demand(counts: Path, windows: Path) -> None:
    shown = evaluate("--series", counts / "quiet.csv", "--windows", windows, "--list").stdout
    assert "2026-03-20T09:00:00.000Z" in shown
    assert "1 of 1" in shown


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("windows.json", "{}", "does not name"),
        ("windows.json", "[1", "is not"),
        ("windows.json", '{"quiet.csv": [["soon", "later"]], "nothing.csv": []}', "is not"),
        ("windows.json", '{"quiet.csv": [["2026-03-02", "2026-03-01"]], "nothing.csv": []}', "ends before it begins"),
        (
            "windows.json",
            '{"quiet.csv": [["2026-03-08", "2026-03-10"], ["2026-03-09", "2026-03-11"]], "nothing.csv": []}',
            "overlap",
        ),
        ("counts/quiet.csv", "timestamp,value\n2026-03-01 00:00:00,x\n", "line 2"),
        ("counts/quiet.csv", "\x1f\x8b\x08", "quiet.csv"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(counts: Path, windows: Path, name: str, text: str, why: str) -> None:
    (windows.parent / name).write_bytes(text.encode("latin-1"))
    ran = evaluate("--series", counts, "--windows", windows)
    assert why in str(ran.exception)
    assert isinstance(ran.exception, RedianError)


def test_a_folder_without_series_says_so(tmp_path: Path, windows: Path) -> None:
    assert "no CSV files" in str(evaluate("--series", tmp_path, "--windows", windows).exception)


@pytest.mark.parametrize("arguments", [["--series", "x"], ["posts.jsonl"], [], ["x", "--truth", "y", "--series", "z"]])
def test_half_a_question_is_no_question(arguments: list[str]) -> None:
    assert "name a stream of posts with --truth" in str(evaluate(*arguments).exception)
