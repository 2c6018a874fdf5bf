"""The same with the encoder on: its session fails in the middle, its files are replaced while it runs, workers die."""

import shutil
from pathlib import Path

import pytest

from agents.adapters.onnx import load_scorer
from tests.faults.brokers import cluster
from tests.faults.comparison import published_on
from tests.faults.kinds import kill
from tests.faults.scene import Scene
from tests.faults.small_stream import small_stream
from tests.shipped import FOLDER, NAME

POSTS = 900


def fail_the_session(scene: Scene) -> None:
    """The encoder raises until a worker has ended of it, then works again."""
    broken = scene.folder / "encoder-fails"
    broken.touch()
    before = sum(worker.ended for worker in scene.workers)
    assert scene.wait(lambda: sum(worker.ended for worker in scene.workers) > before, 60)
    broken.unlink()


def replace_the_model(scene: Scene) -> None:
    """The model's file is overwritten under the workers; they go on with what they verified when they started."""
    weights = scene.folder / "model" / "model.onnx"
    kept = weights.read_bytes()
    weights.write_bytes(kept[::-1])
    scene.wait_for_moves(20, 30)
    weights.write_bytes(kept)


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_scores_survive_kills_failing_sessions_and_a_replaced_model(tmp_path: Path) -> None:
    if not (FOLDER / "model.onnx").is_file():
        pytest.skip(f"the model {NAME} is not here")
    shutil.copytree(FOLDER, tmp_path / "model")
    scorer = load_scorer(tmp_path / "model", provider="cpu", threads=0, token_budget=4096, cache_size=1000)
    with cluster(tmp_path, 1) as brokers:
        settings = {"ENCODER": str(tmp_path / "model"), "SCORED_SLICE_POSTS": "50", "THREADS": "1"}
        scene = Scene(tmp_path, brokers, small_stream(3, posts=POSTS), 3, settings)
        try:
            expected = scene.expected(scorer)
            scene.begin(workers=2)
            for number, fault in enumerate((kill, fail_the_session, replace_the_model, kill)):
                scene.allow((number + 1) / 5)
                scene.wait_for_moves(40, 60)
                fault(scene)
            scene.settle()
        finally:
            scene.close()
        found = published_on(brokers.direct, scores=False)
    assert len(expected.moods) == POSTS
    assert found.differences(expected) == {}
