"""The same with the encoder on: its session fails in the middle, its files are replaced while it runs, workers die."""

import pytest

from tests.faults.kinds import fail_session, kill, replace_model
from tests.faults.scripts import Script, play
from tests.shipped import FOLDER, NAME

POSTS = 900


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_scores_survive_kills_failing_sessions_and_a_replaced_model() -> None:
    if not (FOLDER / "model.onnx").is_file():
        pytest.skip(f"the model {NAME} is not here")
    faults = (kill, fail_session, replace_model, kill)
    result = play(Script(3, "encoder", faults, posts=POSTS, day_before=False))
    assert not result.trouble, result.trouble
    assert result.posts == POSTS
    assert result.ended >= 1
    assert result.differences == {}
