"""A model folder is used only if it is what its manifest says and runs where it was asked to. The real model."""

import asyncio
import json
import shutil
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from agents.adapters import onnx
from agents.adapters.onnx import ModelError, ScoringThread, load_scorer
from tests.shipped import FOLDER, NAME


def load(folder: Path, provider: str = "cpu"):
    return load_scorer(folder, provider=provider, threads=1, token_budget=1024, cache_size=10)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the model's folder that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "model"))


def edit(folder: Path, **changes: object) -> None:
    """Change fields of a manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def refused(folder: Path, provider: str = "cpu") -> str:
    """Return the one line that says why a folder is not used."""
    with pytest.raises(ModelError) as caught:
        load(folder, provider)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_the_shipped_model_loads_and_says_which_it_is() -> None:
    scorer = load(FOLDER)
    assert scorer.model.name == NAME
    assert scorer.model.sha256 == sha256((FOLDER / "model.onnx").read_bytes()).hexdigest()


def test_no_file_of_the_model_is_too_large_to_keep() -> None:
    assert max(path.stat().st_size for path in FOLDER.iterdir()) < 90_000_000


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_refused(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    assert "is not the file of the manifest" in refused(copy)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_half_copied_file_is_refused(copy: Path, name: str) -> None:
    data = (copy / name).read_bytes()
    (copy / name).write_bytes(data[: len(data) // 2])
    assert "is not the file of the manifest" in refused(copy)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_a_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert name in refused(copy)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert "there is no model folder" in refused(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"schema":1}', b"[" * 100_000],
    ids=["none", "cut", "list", "bytes", "bare", "deep"],
)
def test_a_manifest_that_is_none_is_refused(copy: Path, data: bytes) -> None:
    (copy / "manifest.json").write_bytes(data)
    assert "is not a manifest" in refused(copy)


def test_a_manifest_of_another_schema_is_refused(copy: Path) -> None:
    edit(copy, schema=99)
    assert "schema 99" in refused(copy)


@pytest.mark.parametrize("name", ["../model.onnx", "/etc/hostname", "a/../../model.onnx"])
def test_a_path_outside_the_folder_is_refused(copy: Path, name: str) -> None:
    files = json.loads((copy / "manifest.json").read_text("utf-8"))["files"]
    edit(copy, files=files | {name: "0" * 64})
    assert "outside the folder" in refused(copy)


def test_a_link_out_of_the_folder_is_refused(copy: Path) -> None:
    (copy / "model.onnx").unlink()
    (copy / "model.onnx").symlink_to(FOLDER / "model.onnx")
    assert "outside the folder" in refused(copy)


def test_other_shapes_than_promised_are_refused(copy: Path) -> None:
    outputs = json.loads((copy / "manifest.json").read_text("utf-8"))["outputs"]
    outputs[0]["shape"][1] = 768
    edit(copy, outputs=outputs)
    assert "768" in refused(copy)


def test_a_model_that_answers_otherwise_than_when_it_was_made_is_refused(copy: Path) -> None:
    said = {"sentiment": [1.0, 0.0, 0.0]}
    edit(copy, probes=[{"text": "What a wonderful evening!", "probabilities": said, **said}])
    assert "differs from its manifest's probes" in refused(copy)


def test_a_file_that_is_no_graph_is_refused_though_its_hash_agrees(copy: Path) -> None:
    (copy / "model.onnx").write_bytes(b"not a graph")
    files = json.loads((copy / "manifest.json").read_text("utf-8"))["files"]
    edit(copy, files=files | {"model.onnx": sha256(b"not a graph").hexdigest()})
    assert "cannot be loaded" in refused(copy)


def test_a_file_that_is_no_tokenizer_is_refused_though_its_hash_agrees(copy: Path) -> None:
    (copy / "tokenizer.json").write_bytes(b"{}")
    files = json.loads((copy / "manifest.json").read_text("utf-8"))["files"]
    edit(copy, files=files | {"tokenizer.json": sha256(b"{}").hexdigest()})
    assert "not a tokenizer" in refused(copy)


def test_cuda_that_is_not_there_is_an_error_and_no_fallback() -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this installation of ONNX Runtime has CUDA")
    assert "CUDA was asked for" in refused(FOLDER, "cuda")
    assert "TensorRT was asked for" in refused(FOLDER, "tensorrt")


def test_libraries_of_nvidias_packages_are_loaded_before_a_session_wants_them(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    done: list[str] = []

    def no_session(*_: object, **options: object) -> None:
        done.append(f"session, fallback {options['enable_fallback']}")
        raise RuntimeError("no device")

    edit(copy, providers=["cuda", "cpu"])
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: done.append("libraries"))
    monkeypatch.setattr(onnxruntime, "InferenceSession", no_session)
    assert refused(copy, "cuda").endswith("cannot be loaded: no device")
    assert done == ["libraries", "session, fallback 0"]


@pytest.mark.parametrize(
    ("library", "told"),
    [("libnowhere.so.7", "but libnowhere.so.7 is not found; it needs NVIDIA's driver, CUDA 13 and cuDNN 9"), ("", "")],
)
def test_a_library_that_a_provider_lacks_is_named(
    library: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loading(path: str) -> None:
        if library:
            raise OSError(f"{library}: cannot open shared object file: No such file or directory")
        raise OSError(f"{path}: undefined symbol: cuInit")

    (tmp_path / "capi").mkdir()
    (tmp_path / "capi" / "libonnxruntime_providers_cuda.so").touch()
    monkeypatch.setattr(onnx.ort, "__file__", str(tmp_path / "__init__.py"))
    monkeypatch.setattr(onnx, "CDLL", loading)
    assert onnx._what_lacks("CUDAExecutionProvider").partition("asked for ")[2] == told


def test_a_provider_that_does_not_exist_is_an_error() -> None:
    assert "choose auto, cpu, cuda or tensorrt" in refused(FOLDER, "tpu")


def test_a_provider_the_model_was_not_built_for_is_an_error(copy: Path) -> None:
    edit(copy, providers=["cuda"])
    assert "was built for cuda" in refused(copy)


def test_the_event_loop_goes_on_while_the_thread_scores() -> None:
    thread = ScoringThread(load(FOLDER))

    async def scenario() -> list[str]:
        threads: list[str] = []
        real = thread._scorer.score

        def watched(texts):
            threads.append(threading.current_thread().name)
            return real(texts)

        thread._scorer.score = watched  # type: ignore[method-assign]
        first, second = await asyncio.gather(thread.score(["so happy"]), thread.score(["so sad", "so happy"]))
        assert first[0].sentiment == second[1].sentiment
        return threads

    try:
        names = asyncio.run(scenario())
    finally:
        thread.close()
    assert len(names) == 2
    assert all(name.startswith("scoring") for name in names)
