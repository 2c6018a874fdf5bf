"""A model of the operator's own: dropped in by its manifest, checked when it is loaded. Models made by code."""

import json
from pathlib import Path

import msgspec
import onnx
import pytest
from onnx import external_data_helper

from agents.adapters.model_folder import WEIGHTS
from agents.adapters.onnx import ModelError, load_scorer
from agents.adapters.onnx_file import NotOnnx, external_files, opset_of
from agents.posts import scored_post
from agents.settings import Settings
from agents.startup import model_folder, model_folders
from streams.contracts.posts import ReadPost
from streams.scoring import EMOTIONS, EMPTY, KNOWN, YES_OR_NO, Scorer
from tests.made_models import graph, head, write

TOPICS = {"topic": ("weather", "animals")}


def load(folder: Path) -> Scorer:
    return load_scorer(folder, provider="cpu", threads=1, token_budget=1024, cache_size=10)


def refused(folder: Path) -> str:
    """Return the one line that says why a folder is not used."""
    with pytest.raises(ModelError) as caught:
        load(folder)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 500
    return line


def edit(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_every_head_tells_its_own(tmp_path: Path) -> None:
    scorer = load(write(tmp_path / "whole"))
    glad, angry, sure, scum = scorer.score(["happy glad", "Angry", "sure right", "scum idiot"])
    assert max(glad.sentiment, key=glad.sentiment.get) == "positive"
    assert tuple(glad.emotion) == EMOTIONS
    assert max(glad.emotion, key=glad.emotion.get) == "joy"
    assert max(angry.emotion, key=angry.emotion.get) == "anger"
    assert sure.irony > 0.5 > max(sure.hate, sure.offensive)
    assert min(scum.offensive, scum.hate) > 0.5 > scum.irony
    assert scum.of("hate") == {"hate": scum.hate}
    assert glad.heads is None


def test_a_text_without_words_is_neutral_in_every_head(tmp_path: Path) -> None:
    (score,) = load(write(tmp_path / "whole")).score(["\u200f\u202e"])
    assert score.flags == (EMPTY,)
    assert score.sentiment == {"negative": 0.0, "neutral": 1.0, "positive": 0.0}
    assert score.emotion == {label: float(label == "neutral") for label in EMOTIONS}
    assert (score.irony, score.offensive, score.hate) == (0.0, 0.0, 0.0)


def test_a_head_of_ones_own_is_published_under_heads(tmp_path: Path) -> None:
    scorer = load(write(tmp_path / "topics", TOPICS))
    (score,) = scorer.score(["a cat"])
    assert score.sentiment is None
    assert not score.failed
    assert set(score.heads["topic"]) == {"weather", "animals"}
    post = ReadPost(
        id="1", platform="x", author=1, created_ms=0, arrived_ms=0, text="a cat", lang="en", terms=(), copy_key=0,
        partition=0, offset=0, index=0,
    )  # fmt: skip
    line = json.loads(msgspec.json.encode(scored_post(post, score, scorer.model)))
    assert line["heads"] == {"topic": score.heads["topic"]}
    assert "sentiment" not in line
    assert line["model"]["name"] == "topics"


def test_what_every_head_tells_is_on_the_wire(tmp_path: Path) -> None:
    scorer = load(write(tmp_path / "whole"))
    (score,) = scorer.score(["happy"])
    post = ReadPost(
        id="1", platform="x", author=1, created_ms=0, arrived_ms=0, text="happy", lang="en", terms=(), copy_key=0,
        partition=0, offset=0, index=0,
    )  # fmt: skip
    line = json.loads(msgspec.json.encode(scored_post(post, score, scorer.model)))
    assert set(line["emotion"]) == set(EMOTIONS)
    assert all(0 <= line[name] <= 1 for name in YES_OR_NO)


def test_a_model_without_embeddings_scores(tmp_path: Path) -> None:
    folder = write(tmp_path / "bare", model=graph(dict(KNOWN), embedding=False))
    (score,) = load(folder).score(["happy"])
    assert score.embedding is None
    assert score.sentiment["positive"] > 0.5


def test_an_embedder_without_heads_embeds(tmp_path: Path) -> None:
    (score,) = load(write(tmp_path / "embedder", {})).score(["happy"])
    assert score.sentiment is None
    assert score.embedding.shape == (32,)


def test_logits_become_probabilities(tmp_path: Path) -> None:
    given, raw = write(tmp_path / "given"), write(tmp_path / "raw")
    heads = [head(name, labels, probabilities=f"{name}_logits", logits=True) for name, labels in KNOWN.items()]
    edit(raw, heads=heads)
    for ours, theirs in zip(load(given).score(["happy", "scum"]), load(raw).score(["happy", "scum"]), strict=True):
        assert ours.sentiment == pytest.approx(theirs.sentiment, abs=2e-4)
        assert ours.hate == pytest.approx(theirs.hate, abs=2e-4)


def test_logits_that_pass_for_probabilities_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "raw")
    edit(folder, heads=[head("sentiment", KNOWN["sentiment"], probabilities="sentiment_logits")])
    assert '"logits": true' in refused(folder)


def test_token_types_are_given_where_a_graph_wants_them(tmp_path: Path) -> None:
    model = graph(dict(KNOWN))
    model.graph.input.append(
        onnx.helper.make_tensor_value_info("token_type_ids", onnx.TensorProto.INT64, ["batch", "length"])
    )
    (score,) = load(write(tmp_path / "types", model=model)).score(["happy"])
    assert score.sentiment["positive"] > 0.5


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (head("sentiment", ("positive", "neutral", "negative")), "call a head of your own otherwise"),
        (head("emotion", ("joy", "anger")), "head emotion has the labels joy, anger"),
        (head("irony", ("irony",), kind="softmax"), "of kind softmax"),
        (head("sentiment", KNOWN["sentiment"], bias=[]), "0 biases for 3 labels"),
        (head("sentiment", KNOWN["sentiment"], probabilities="mood"), "has no output mood"),
        (head("sentiment", KNOWN["sentiment"], contributions="mood"), "has no output mood"),
        (head("sentiment", KNOWN["sentiment"], probabilities="sentiment_tokens"), "should be 2 floats deep"),
        (head("topic", ("a", "b"), probabilities="sentiment", contributions=None), "3 numbers in sentiment for 2"),
        (head("topic", ("a", "a", "b"), probabilities="sentiment"), "labels that differ"),
        (head("sentiment", KNOWN["sentiment"], kind="maximum"), "is not a manifest"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_heads_that_are_not_what_they_say_are_refused(tmp_path: Path, changed: dict[str, object], line: str) -> None:
    folder = write(tmp_path / "changed")
    edit(folder, heads=[changed])
    assert line in refused(folder)


def test_two_heads_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "twice")
    edit(folder, heads=[head("irony", ("irony",))] * 2)
    assert "two heads have one name" in refused(folder)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    assert "not finite" in refused(write(tmp_path / "nan", model=graph(dict(KNOWN), nan="<unk>")))


def test_a_probe_of_a_head_that_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "probes", probes=[{"text": "happy", "probabilities": {"mood": [1.0]}}])
    assert "has no head mood" in refused(folder)


def test_a_probe_that_is_answered_otherwise_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "probes", probes=[{"text": "happy", "probabilities": {"irony": [1.0]}}])
    assert "differs from its manifest's probes" in refused(folder)


def test_a_newer_operator_set_than_the_runtime_knows_is_named(tmp_path: Path) -> None:
    model = graph(dict(KNOWN), opset=99)
    assert opset_of(model.SerializeToString()) == 99
    line = refused(write(tmp_path / "newer", model=model))
    assert "needs operator set 99" in line
    assert "export it for an older one" in line


@pytest.mark.parametrize("location", ["/etc/hostname", "../weights.bin", "weights.bin"])
def test_weights_in_another_file_are_refused_before_anyone_follows(tmp_path: Path, location: str) -> None:
    model = graph(dict(KNOWN))
    (table,) = (tensor for tensor in model.graph.initializer if tensor.name == "words")
    external_data_helper.set_external_data(table, location)
    table.ClearField("raw_data")
    folder = write(tmp_path / "elsewhere", model=model)
    (folder / "weights.bin").write_bytes(b"\0" * 4096)
    assert f"keeps weights in {location}" in refused(folder)


def test_weights_in_another_file_are_found_wherever_a_graph_can_have_them() -> None:
    tensor = onnx.helper.make_tensor("value", onnx.TensorProto.FLOAT, [1], b"\0" * 4, raw=True)
    external_data_helper.set_external_data(tensor, "deep.bin")
    inner = onnx.helper.make_graph([onnx.helper.make_node("Constant", [], ["c"], value=tensor)], "inner", [], [])
    node = onnx.helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner)
    model = onnx.helper.make_model(onnx.helper.make_graph([node], "outer", [], []))
    assert external_files(model.SerializeToString()) == ["deep.bin"]
    assert external_files(graph(dict(KNOWN)).SerializeToString()) == []


@pytest.mark.parametrize("data", [b"\xff" * 20, b"\x3a\x7f", b"\x0f"], ids=["endless", "cut", "wire"])
def test_bytes_that_are_no_graph_are_refused_with_a_line(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotOnnx):
        external_files(data)
    assert "it is no ONNX file" in refused(write(tmp_path / "none", model=data))


def test_a_model_with_other_inputs_is_refused(tmp_path: Path) -> None:
    model = graph(dict(KNOWN))
    model.graph.input.append(onnx.helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, ["batch"]))
    assert "pixels" in refused(write(tmp_path / "pixels", model=model))


def test_a_model_that_tells_nothing_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "silent", {}, embedding="vectors")
    assert "it tells nothing" in refused(folder)


def test_weights_that_are_missing_or_half_there_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "half")
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data[: len(data) // 2])
    assert "copy it again" in refused(folder)
    (folder / WEIGHTS).unlink()
    assert WEIGHTS in refused(folder)


def test_a_folder_of_ones_own_comes_before_the_shipped(tmp_path: Path) -> None:
    own = write(tmp_path / "models" / "small")
    settings = Settings(models_dir=tmp_path / "models", encoder="small")
    assert model_folder(settings) == own
    assert model_folder(settings, "nowhere").name == "nowhere"
    assert [folder for folder in model_folders(settings) if folder.name == "small"] == [own]


def test_the_default_on_a_cpu_is_a_shipped_model(tmp_path: Path) -> None:
    write(tmp_path / "models" / "small")
    chosen = model_folder(Settings(models_dir=tmp_path / "models", encoder="auto", provider="cpu"))
    assert chosen.parent.name == "exported_models"
    assert chosen.is_dir()
