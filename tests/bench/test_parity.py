"""`redian models gpu-check`: scores that differ are told apart from rounding, and what cannot run is no pass."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from typer.testing import CliRunner

from agents.bench import parity as module
from agents.bench.parity import parity
from agents.cli.main import app
from agents.errors import RedianError
from agents.settings import Settings
from agents.startup import make_scorer
from streams.scoring import KNOWN, LABELS, Head, Score, Scorer
from streams.scoring.score import FAILURE
from tests.made_models import graph, write

HEAD = Head(name="sentiment", kind="softmax", labels=LABELS, probabilities="sentiment")
EAST, NORTH = np.array([1, 0], np.float16), np.array([0, 1], np.float16)

needs_no_cuda = pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(), reason="this ONNX Runtime has CUDA"
)


def score(positive: float, embedding: np.ndarray = EAST) -> Score:
    told = dict(zip(HEAD.labels, (0.0, round(1 - positive, 4), positive), strict=True))
    return Score(sentiment=told, embedding=embedding)


def test_the_same_scores_agree() -> None:
    found = parity([HEAD], [score(0.9)] * 3, [score(0.9)] * 3)
    assert found == module.Parity(difference=0.0, same_labels=1.0, cosine=1.0)
    assert found.agrees


def test_rounding_is_no_difference() -> None:
    assert parity([HEAD], [score(0.9)], [score(0.91)]).agrees


def test_one_probability_far_off_is_one() -> None:
    found = parity([HEAD], [score(0.9)] * 999 + [score(0.8)], [score(0.9)] * 1000)
    assert found.difference == pytest.approx(0.1)
    assert not found.agrees


def test_other_labels_are_one_however_near_the_probabilities_are() -> None:
    found = parity([HEAD], [score(0.52)] * 2 + [score(0.9)] * 98, [score(0.48)] * 2 + [score(0.9)] * 98)
    assert found.same_labels == 0.98
    assert found.difference < 0.05
    assert not found.agrees


def test_an_embedding_that_points_elsewhere_is_one() -> None:
    found = parity([HEAD], [score(0.9)] * 2, [score(0.9), score(0.9, NORTH)])
    assert found.cosine == 0.0
    assert not found.agrees


def test_a_text_that_fails_on_one_side_alone_is_one() -> None:
    found = parity([HEAD], [score(0.9)] * 200, [score(0.9)] * 199 + [FAILURE])
    assert found.difference == 1.0
    assert not found.agrees
    assert parity([HEAD], [score(0.9), FAILURE], [score(0.9), FAILURE]).agrees


def test_nothing_compared_is_no_agreement() -> None:
    assert not parity([HEAD], [FAILURE], [FAILURE]).agrees


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return write(tmp_path / "models" / "made")


def run(tmp_path: Path, *arguments: str):
    given = ("--set", f"data_dir={tmp_path}", "--set", f"models_dir={tmp_path / 'models'}")
    command = ("models", "gpu-check", "--model", "made", "--posts", "60", "--seconds", "0")
    return CliRunner().invoke(app, [*given, *command, *arguments], env={"COLUMNS": "120"})


@needs_no_cuda
def test_what_cannot_run_is_not_measured_with_the_reason_and_is_no_pass(made: Path, tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert isinstance(ran.exception, RedianError)
    assert "nothing ran on a GPU" in str(ran.exception)
    rows = [line.split() for line in ran.stdout.splitlines()]
    assert ["made", "cpu"] in [row[:2] for row in rows if row[-1:] == ["reference"]]
    assert ["made", "cuda", "not", "measured"] in rows
    assert "not measured: made on cuda: CUDA was asked for but this installation of ONNX Runtime has none" in ran.stdout
    assert "not measured: made on tensorrt: TensorRT was asked for but" in ran.stdout


def gloomy() -> onnx.ModelProto:
    """Return a model to which everything is a little more negative."""
    found = graph(dict(KNOWN))
    bias = next(value for value in found.graph.initializer if value.name == "sentiment.bias")
    bias.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(bias) + np.float32([0.5, 0, 0]), bias.name))
    return found


def as_if_on_a_gpu(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    """Let what is asked for on CUDA be a model on the CPU."""

    def loaded(settings: Settings) -> Scorer | None:
        if settings.provider == "cuda":
            settings = settings.model_copy(update={"provider": "cpu", "encoder": model})
        return make_scorer(settings)

    monkeypatch.setattr(module, "make_scorer", loaded)


@needs_no_cuda
@pytest.mark.parametrize(("model", "status"), [("made", 0), ("other", 1)])
def test_the_status_says_whether_what_ran_agrees(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, status: int
) -> None:
    write(tmp_path / "models" / "other", model=gloomy())
    as_if_on_a_gpu(monkeypatch, model)
    ran = run(tmp_path, "--json")
    assert ran.exit_code == status
    cpu, cuda, tensorrt = json.loads(ran.stdout)["checked"]
    assert cpu["parity"] is None
    assert cuda["posts_per_second"] > 0
    assert (cuda["parity"]["difference"] < 0.05) is (status == 0)
    assert tensorrt["not_measured"]


def test_a_model_that_says_something_else_than_when_it_was_made_fails(tmp_path: Path) -> None:
    probe = {"text": "happy", "probabilities": {"sentiment": [1.0, 0.0, 0.0]}}
    write(tmp_path / "models" / "made", probes=[probe])
    ran = run(tmp_path)
    assert ran.exit_code == 1
    assert "fails: made on cpu: model made differs from its manifest's probes" in ran.stdout
