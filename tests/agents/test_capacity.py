"""`redian capacity`: a table or JSON, what it rests on, and one line for what no plan is made for."""

import json

from typer.testing import CliRunner

from agents.cli.main import app
from agents.errors import RedianError


def test_a_plan_is_printed_with_what_was_not_measured() -> None:
    ran = CliRunner().invoke(app, ["capacity", "--posts-per-second", "50000", "--on", "gpu"], env={"COLUMNS": "160"})
    assert ran.exit_code == 0, ran.exception
    assert "partitions of posts" in ran.stdout
    assert "not measured: encoder on a GPU" in ran.stdout
    assert "cores for the encoder" not in ran.stdout


def test_programs_get_the_plan_as_json() -> None:
    ran = CliRunner().invoke(app, ["capacity", "--posts-per-second", "100", "--on", "off", "--json"])
    told = json.loads(ran.stdout)
    assert told["need"]["posts_per_second"] == 100
    assert told["plan"]["workers"] == 1


def test_a_rate_beyond_all_plans_is_one_line() -> None:
    ran = CliRunner().invoke(app, ["capacity", "--posts-per-second", "5e6"])
    assert isinstance(ran.exception, RedianError)
    assert "1,000,000 posts a second" in str(ran.exception)
