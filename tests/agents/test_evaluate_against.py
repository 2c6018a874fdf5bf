"""`redian evaluate --against` over a small stream: a table, JSON, a picture, and one line for what does not fit."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from agents.cli.main import app
from agents.errors import RedianError
from agents.settings import choose
from streams.ablations import ABLATIONS
from streams.contracts.times import format_time

BEGIN_MS = 1_772_409_600_000
DAY_MS = 86_400_000


@pytest.fixture(autouse=True)
def _without_a_model() -> None:
    choose({"encoder": "off"})


@pytest.fixture
def fire(tmp_path: Path) -> Path:
    """A day in which little is said, then a fire of forty people."""
    posts = [
        {
            "id": f"d{n}",
            "author": f"a{n % 50}",
            "created_at": BEGIN_MS + n * 600_000,
            "text": f"quiet evening number {n}",
        }
        for n in range(150)
    ]
    begin = BEGIN_MS + int(1.02 * DAY_MS)
    label = {}
    for n in range(40):
        text = f"smoke over the harbour, warehouse burning {n}"
        posts.append({"id": f"f{n}", "author": f"w{n}", "created_at": begin + n * 20_000, "text": text})
        label[f"f{n}"] = "fire"
    posts.sort(key=lambda post: int(str(post["created_at"])))
    lines = [
        json.dumps({**post, "platform": "x", "created_at": format_time(int(str(post["created_at"])))}) for post in posts
    ]
    stream = tmp_path / "fire.jsonl"
    stream.write_text("\n".join(lines))
    truth = {"must_find": [{"event": "fire", "start": format_time(begin)}], "must_ignore": [], "label": label}
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    return stream


def evaluate(fire: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["evaluate", str(fire), "--truth", str(fire.parent / "truth.json"), *arguments])


def test_methods_stand_beside_ours_and_curves_are_drawn_of_all(fire: Path) -> None:
    picture = fire.parent / "curves.svg"
    ran = evaluate(fire, "--against", "all", "--curve", str(picture), "--json")
    assert ran.exit_code == 0, ran.exception
    told = json.loads(ran.stdout)
    assert list(told) == ["redian", "raw-count", "mastodon", "signitrend", "esd"]
    assert all(one["found"] == one["events"] == 1 for one in told.values())
    assert all(name in picture.read_text() for name in told)


def test_the_table_says_that_the_others_know_the_truth(fire: Path) -> None:
    shown = evaluate(fire, "--against", "raw-count").stdout
    assert "chosen with the truth in hand" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--against", "luck"], "knows raw-count, mastodon, signitrend, esd and all, not luck"),
        (["--curve", "x.svg"], "add --against all"),
        (["--against", "raw-count", "--curve", "no/such/folder.svg"], "cannot be written"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(fire: Path, arguments: list[str], why: str) -> None:
    ran = evaluate(fire, *arguments)
    assert isinstance(ran.exception, RedianError)
    assert why in str(ran.exception)


def test_what_backtest_wrote_has_no_posts_to_compare_on(fire: Path, tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        app, ["evaluate", str(tmp_path), "--truth", str(fire.parent / "truth.json"), "--against", "all"]
    )
    assert "name the file" in str(ran.exception)


def test_parts_are_left_out_one_after_another(fire: Path) -> None:
    ran = evaluate(fire, "--ablate", "--json")
    assert ran.exit_code == 0, ran.exception
    figures = json.loads(ran.stdout)
    assert list(figures) == ["redian", *ABLATIONS]
    assert figures["redian"]["found"] == 1
    assert figures["words are told of on the first day"]["found"] == 1
    ran = evaluate(fire, "--ablate")
    assert "nothing (the engine)" in ran.stdout
