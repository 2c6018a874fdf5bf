"""`redian models evaluate`, `compare` and `use` as a person runs them, with models made by code."""

import gzip
import json
from pathlib import Path

import pytest
import typer
from dotenv import dotenv_values
from typer.testing import CliRunner

from agents.cli import models
from agents.errors import RedianError
from agents.labelled import read_all, read_labelled
from agents.settings import Settings, current_settings
from agents.startup import model_folder
from streams.scoring.held_out import is_held_out
from tests.made_models import write

MOODS = [("happy glad", "positive"), ("sad", "negative"), ("the council meets", "neutral"), ("angry", "negative")]


def lines(pairs: list[tuple[str, str]]) -> bytes:
    return b"".join(json.dumps({"text": text, "label": label}).encode() + b"\n" for text, label in pairs)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with two models of one's own and a folder of labelled texts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REDIAN_MODELS_DIR", str(tmp_path / "models"))
    for name in ("ours", "theirs"):
        write(tmp_path / "models" / name)
    labels = tmp_path / "labels"
    labels.mkdir()
    moods = [(f"{text} {number}", label) for number in range(40) for text, label in MOODS]
    (labels / "sentiment-en.train.jsonl.gz").write_bytes(gzip.compress(lines(moods)))
    (labels / "irony-en.train.jsonl").write_bytes(lines([("a cat", "not")] * 5))
    (labels / "irony-en.val.jsonl").write_bytes(
        lines([("sure right", "irony"), ("a cat", "not"), ("@x http://x.y", "not")])
    )
    return tmp_path


def run(*arguments: str):
    app = typer.Typer()
    models.register(app)
    return CliRunner().invoke(app, ["models", *arguments])


def fault(*arguments: str) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, RedianError), result.output
    return str(result.exception)


def test_a_file_is_judged_by_the_task_in_its_name(place: Path) -> None:
    (place / "sentiment-en.mine.jsonl").write_bytes(lines([*MOODS, ("happy", "negative")]))
    result = run("evaluate", "ours", "sentiment-en.mine.jsonl", "--out", "figures.json", "--picture", "figures.svg")
    assert result.exit_code == 0, result.output
    assert "macro recall" in result.stdout
    assert "label given" in result.stdout
    (task,) = json.loads((place / "figures.json").read_text("utf-8"))["tasks"]
    assert task["value"] == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert task["confusion"] == [[2, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert (place / "figures.svg").read_text("utf-8").startswith("<svg")


def test_all_takes_what_is_held_out(place: Path) -> None:
    result = run("evaluate", "ours", "--all", "--data", "labels", "--out", "figures.json")
    assert result.exit_code == 0, result.output
    found = {task["task"]: task for task in json.loads((place / "figures.json").read_text("utf-8"))["tasks"]}
    assert list(found) == ["sentiment-en", "irony-en"]
    assert 0 < found["sentiment-en"]["texts"] < 60
    assert (found["irony-en"]["texts"], found["irony-en"]["figure"]) == (3, "F1 of irony")
    sets = read_all(Path("labels"), ["sentiment"])
    assert all(is_held_out(text) for text in sets[0].texts)


def test_texts_are_cleaned_as_intake_cleans_them(place: Path) -> None:
    (place / "sentiment-zh.jsonl").write_bytes(
        lines([("太好了[哈哈] https://t.cn/x", "positive"), ("[哈哈]", "positive")])
    )
    found = read_labelled(place / "sentiment-zh.jsonl")
    assert found.texts == ["太好了"]
    assert (found.head, found.left_out) == ("sentiment", 1)


def test_a_task_can_be_named(place: Path) -> None:
    (place / "mine.jsonl").write_bytes(lines(MOODS))
    assert "no head mine" in fault("evaluate", "ours", "mine.jsonl")
    assert run("evaluate", "ours", "mine.jsonl", "--task", "sentiment-en").exit_code == 0


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "has no labelled texts"),
        (b'{"text": "happy"}\n', "line 1: not"),
        (b"\n[1]\n", "line 2: not"),
        (b"\xff\xfe\n", "line 1: not"),
        (lines([("happy", "mixed")]), "not mixed"),
    ],
    ids=["empty", "bare", "list", "bytes", "label"],
)
def test_a_file_that_is_no_data_set_is_one_line(place: Path, data: bytes, told: str) -> None:
    (place / "sentiment-en.jsonl").write_bytes(data)
    assert told in fault("evaluate", "ours", "sentiment-en.jsonl")


def test_what_is_missing_is_one_line(place: Path) -> None:
    assert "--all" in fault("evaluate", "ours")
    assert "one model at a time" in fault("evaluate", "ours", "nowhere.jsonl", "--all")
    assert "no labelled texts for the heads" in fault("evaluate", "ours", "--all", "--data", "nowhere")
    assert "there is no model folder" in fault("evaluate", "nowhere", "--all", "--data", "labels")


def test_a_model_agrees_with_its_copy(place: Path) -> None:
    result = run("compare", "ours", "theirs", "--data", "labels", "--out", "figures.json")
    assert result.exit_code == 0, result.output
    found = json.loads((place / "figures.json").read_text("utf-8"))
    assert set(found["likeness"]["agreement"].values()) == {1.0}
    assert set(found["likeness"]["agreement"]) == {"sentiment", "emotion", "irony", "offensive", "hate"}
    assert [case["name"] for case in found["speed"]] == ["ours", "theirs"]
    assert found["tasks"]["ours"] == found["tasks"]["theirs"]
    assert "posts/s" in result.stdout


def test_use_writes_the_choice_where_settings_are_read(place: Path) -> None:
    Path(".env").write_text("REDIAN_BUDGET=2\nREDIAN_ENCODER=theirs\n# kept\n", "utf-8")
    result = run("use", "ours")
    assert result.exit_code == 0, result.output
    assert "REDIAN_ENCODER=ours" in result.stdout
    assert dict(dotenv_values(".env")) == {"REDIAN_BUDGET": "2", "REDIAN_ENCODER": "ours"}
    assert "# kept" in Path(".env").read_text("utf-8")
    assert current_settings().encoder == "ours"
    assert model_folder(Settings()).name == "ours"


def test_use_refuses_what_can_not_be_used(place: Path) -> None:
    assert "there is no model folder" in fault("use", "nowhere")
    assert not Path(".env").exists()
