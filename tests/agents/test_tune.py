"""`redian tune` on this machine, with the model that is shipped: seconds of measuring, and what is told."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.cli.main import app
from agents.errors import RedianError
from agents.settings import Settings
from agents.tuning import measure
from streams.capacity.tuning import Arrangement


def test_processes_score_together_and_each_round_counts() -> None:
    told: list[None] = []
    texts = [f"the river rises by {n} feet at the bridge" for n in range(64)]
    both = Arrangement(2, 1, 1024)
    (found,) = measure([both], texts, Settings(encoder="small", provider="cpu"), 1, 0.1, lambda: told.append(None))
    assert found.arrangement == both
    assert len(found.rates) == len(told) == 1
    assert found.median > 0


def test_a_model_that_is_not_there_is_one_line() -> None:
    with pytest.raises(RedianError, match="nowhere"):
        measure([Arrangement(1, 1, 1024)], ["a", "b"], Settings(encoder="nowhere"), 1, 0.1, lambda: None)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [(["--encoder", "off", "tune"], "the encoder is off"), (["tune", "few.jsonl"], "1,000")],
)
def test_what_cannot_be_measured_is_one_line(
    arguments: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.jsonl").write_text("")
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, RedianError)
    assert line in str(result.exception)
