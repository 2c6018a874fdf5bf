"""A language model in this process, by onnxruntime-genai itself: one layer, weights of chance, so words of chance."""

import json
import shutil
from pathlib import Path

import pytest

from agents.adapters.generators import onnx
from agents.adapters.generators.asking import Asking
from agents.adapters.generators.onnx import CONFIG, OnnxGenerator
from agents.adapters.generators.openai import GeneratorError
from agents.errors import SettingsError
from streams.briefs import write_brief
from streams.content.composing import accepted, composed, prompt_of
from tests.agents.tiny_language_model import END, make_folder
from tests.unit.briefs.conftest import hotspot_about, posts_from

MESSAGES = [{"role": "system", "content": "Say it."}, {"role": "user", "content": "Is the bridge 桥 open?"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_folder(tmp_path_factory.mktemp("models") / "tiny")


def test_it_answers_within_its_tokens_and_the_same_each_time(folder: Path) -> None:
    generator = OnnxGenerator(folder, max_tokens=12)
    first, second = generator.generate(MESSAGES), generator.generate(MESSAGES)
    assert generator.name == "onnx:tiny"
    assert first.text == second.text
    assert END not in first.text
    assert 0 < first.tokens_out <= 12
    assert first.tokens_in > len(MESSAGES)


async def test_it_stands_behind_the_same_interface_as_a_server(folder: Path) -> None:
    answer = await Asking(OnnxGenerator(folder, max_tokens=4), 30).ask(MESSAGES)
    assert answer.text


@pytest.mark.parametrize(
    ("limit", "why"), [({"timeout_s": 0.0}, "takes longer than 0 s"), ({"max_tokens": 0}, "the model reads 512")]
)
def test_a_limit_that_is_met_is_one_line(folder: Path, limit: dict[str, float], why: str) -> None:
    with pytest.raises(GeneratorError, match=why):
        OnnxGenerator(folder, **limit).generate(MESSAGES)  # type: ignore[arg-type]


def test_what_does_not_fit_the_model_is_one_line(folder: Path) -> None:
    with pytest.raises(GeneratorError, match="the model reads 512"):
        OnnxGenerator(folder).generate([{"role": "user", "content": "bridge " * 2_000}])


def test_no_folder_of_its_kind_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=CONFIG):
        OnnxGenerator(tmp_path)


def test_without_its_package_the_line_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"pip install 'redian\[genai\]'"):
        OnnxGenerator(folder)


@pytest.mark.parametrize("name", ["model.onnx", CONFIG, "tokenizer.json"])
def test_a_damaged_folder_is_one_line_and_the_process_lives(folder: Path, tmp_path: Path, name: str) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    (damaged / name).write_bytes((damaged / name).read_bytes()[:50])
    with pytest.raises(GeneratorError) as caught:
        OnnxGenerator(damaged).generate(MESSAGES)
    assert "\n" not in str(caught.value)


def test_a_model_without_a_template_for_chats_is_one_line(folder: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    shutil.copytree(folder, plain)
    (plain / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "Qwen2Tokenizer"}))
    with pytest.raises(GeneratorError):
        OnnxGenerator(plain).generate(MESSAGES)


def test_words_of_chance_do_not_pass_the_checker_and_the_brief_stands(tmp_path: Path) -> None:
    texts = {f"p{n}": f"Strong earthquake shakes Pine Valley, {n} houses are damaged." for n in range(3, 9)}
    brief = write_brief(hotspot_about(("pine valley", "earthquake"), tuple(texts)), posts_from(texts, "en"))
    generator = OnnxGenerator(make_folder(tmp_path / "large", context=16_384), max_tokens=30)
    answer = generator.generate(prompt_of(brief, "news", "neutral", 3))
    piece = accepted(brief, "news", answer.text, generator.name, most=3)
    assert piece.fallback
    assert piece.sentences == composed(brief, "news", most=3).sentences
