"""What `make bench-check` calls a regression."""

import json

from tests.bench.check import RECORD, regressions


def test_a_stage_that_fell_by_half_is_told_and_noise_is_not() -> None:
    record = {"intake": 0.010, "counting": 0.020}
    assert regressions({"intake": 0.0085, "counting": 0.030}, record) == []
    (line,) = regressions({"intake": 0.005, "counting": 0.020}, record)
    assert line.startswith("intake: 0.005")


def test_a_stage_that_is_gone_is_told_and_a_new_one_is_not() -> None:
    assert regressions({"other": 1.0}, {"intake": 0.010}) == ["intake is on record and was not measured"]


def test_the_record_knows_every_stage() -> None:
    assert json.loads(RECORD.read_text("utf-8")).keys() == {"intake", "counting", "pipeline"}
