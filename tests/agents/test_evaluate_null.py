"""`redian evaluate --null`: what is told of nothing, with its interval; and one line for what does not fit."""

import json

import pytest
from typer.testing import CliRunner

from agents.cli.main import app
from agents.errors import RedianError
from agents.settings import choose


@pytest.fixture(autouse=True)
def _without_a_model() -> None:
    choose({"encoder": "off"})


def test_a_quiet_day_is_reckoned_budget_by_budget() -> None:
    ran = CliRunner().invoke(app, ["evaluate", "--null", "0.2", "--posts-a-day", "800", "--json"])
    assert ran.exit_code == 0, ran.exception
    told = json.loads(ran.stdout)
    assert [one["budget"] for one in told] == [0.1, 1.0, 10.0]
    assert all(one["alerts"] == one["first_hour"] == 0 for one in told)
    assert told[0]["high"] == pytest.approx(3.689 / 0.2, rel=1e-3)


def test_one_budget_can_be_asked_about() -> None:
    ran = CliRunner().invoke(app, ["evaluate", "--null", "0.1", "--posts-a-day", "300", "--budget", "3"])
    assert "0.1 days of 300 posts in which nothing happens" in ran.stdout


@pytest.mark.parametrize("more", [["posts.jsonl"], ["--truth", "x"], ["--series", "x"], ["--against", "all"]])
def test_nothing_has_no_stream_and_no_truth(more: list[str]) -> None:
    ran = CliRunner().invoke(app, ["evaluate", "--null", "1", *more])
    assert isinstance(ran.exception, RedianError)
    assert "make their own stream" in str(ran.exception)
