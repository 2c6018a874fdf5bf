"""`redian score` and `redian models` as a person runs them, with the real model."""

import gzip
import io
import json
import shutil
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from agents.adapters.onnx import load_scorer
from agents.cli import models, score
from agents.cli.explained import coloured
from agents.errors import RedianError
from tests.made_models import write
from tests.shipped import FOLDER, NAME


def program() -> typer.Typer:
    app = typer.Typer()
    score.register(app)
    models.register(app)
    return app


def post(post_id: str, text: str) -> bytes:
    wire = {"id": post_id, "platform": "x", "author": "a", "created_at": "2026-03-01T00:00:00Z", "text": text}
    return json.dumps(wire, ensure_ascii=False).encode()


GOOD = [
    post("1", "What a wonderful evening in #Turin, thank you all so much!"),
    post("2", "太难过了，怎么会这样，心都碎了"),
]
BAD = [b'{"id":', b"\xff\xfe", b"[" * 100_000, b'{"id":"9"}']


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command may write the key of author hashes where it runs."""
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, stdin: bytes | None = None):
    return CliRunner().invoke(program(), list(arguments), input=stdin)


def test_a_line_has_id_language_sentiment_terms_and_model(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_bytes(b"\n".join(GOOD))
    result = run("score", "posts.jsonl")
    assert result.exit_code == 0, result.output
    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["id"], first["lang"]) == ("1", "en")
    assert set(first["sentiment"]) == {"negative", "neutral", "positive"}
    assert max(first["sentiment"], key=first["sentiment"].get) == "positive"
    assert "tag:turin" in first["terms"]
    assert first["model"]["name"] == NAME
    assert len(first["model"]["sha256"]) == 64
    assert (second["id"], second["lang"]) == ("2", "zh")
    assert max(second["sentiment"], key=second["sentiment"].get) == "negative"


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_standard_input_is_read_plain_or_gzip(packed: bool) -> None:
    data = b"\n".join(GOOD)
    result = run("score", "-", stdin=gzip.compress(data) if packed else data)
    assert result.exit_code == 0, result.output
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["1", "2"]


def test_lines_that_cannot_be_scored_are_told_and_the_others_come_through(tmp_path: Path) -> None:
    lines = [GOOD[0], *BAD, GOOD[1]]
    with gzip.open(tmp_path / "posts.jsonl.gz", "wb") as file:
        file.write(b"\n".join(lines))
    result = run("score", "posts.jsonl.gz")
    assert result.exit_code == 1
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["1", "2"]
    told = result.stderr.splitlines()
    assert [line.split(":")[0] for line in told[:-1]] == ["line 2", "line 3", "line 4", "line 5"]
    assert "4 posts could not be scored" in told[-1]


def test_a_text_without_words_comes_through_with_a_flag() -> None:
    result = run("score", "-", stdin=post("3", "\u200f\u202e"))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["flags"] == ["empty_text"]


def test_a_missing_file_is_one_clear_fault() -> None:
    result = run("score", "nowhere.jsonl")
    assert isinstance(result.exception, RedianError)
    assert "there is no file nowhere.jsonl" in str(result.exception)


def test_models_list_shows_the_model() -> None:
    result = run("models", "list")
    assert result.exit_code == 0, result.output
    assert NAME in result.stdout


def test_models_verify_finds_the_shipped_model_sound() -> None:
    result = run("models", "verify")
    assert result.exit_code == 0, result.output
    assert "sound" in result.stdout


def test_models_verify_tells_a_changed_file_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FOLDER, tmp_path / "models" / "spoiled")
    with (tmp_path / "models" / "spoiled" / "model.onnx").open("r+b") as file:
        file.write(b"\0")
    monkeypatch.setattr("agents.startup.MODELS", tmp_path / "models")
    result = run("models", "verify")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "is not the file of the manifest" in result.stderr


def test_an_explanation_adds_up_and_its_words_are_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "models" / "made")
    monkeypatch.setenv("REDIAN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("REDIAN_ENCODER", "made")
    result = run("score", "-", "--explain", "--head", "emotion", stdin=post("1", "The cat is happy, glad"))
    assert result.exit_code == 0, result.output
    line = json.loads(result.stdout)
    assert "".join(text for text, _ in line["words"]) == "The cat is happy, glad"
    for label, logit in enumerate(line["logits"]):
        words = sum(adds[label] for _, adds in line["words"])
        assert words + line["frame"][label] + line["bias"][label] == pytest.approx(logit, abs=1e-4)
    refused = run("score", "-", "--explain", "--head", "topic", stdin=post("1", "happy"))
    assert "those that can: sentiment" in str(refused.exception)
    assert "add --explain" in str(run("score", "-", "--head", "irony", stdin=post("1", "happy")).exception)


def test_an_explanation_in_colour_shows_the_text_whatever_it_holds(tmp_path: Path) -> None:
    scorer = load_scorer(write(tmp_path / "made"), "cpu", threads=1, token_budget=1024, cache_size=0)
    for text in ("happy [bold]not markup[/] glad", "😂 sad", "a" * 5000):
        console = Console(record=True, width=100, file=io.StringIO(), force_terminal=True)
        console.print(coloured("p1", scorer.explain(text)))
        assert text[:10] in console.export_text()
