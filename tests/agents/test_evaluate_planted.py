"""`redian evaluate --planted`: what is found of planted events, by size, and how soon."""

import json

import pytest
from typer.testing import CliRunner

from agents.cli.main import app
from agents.errors import RedianError
from agents.settings import choose


@pytest.fixture(autouse=True)
def _without_a_model() -> None:
    choose({"encoder": "off"})


def test_large_events_are_found_soon_after_their_fifth_person() -> None:
    ran = CliRunner().invoke(app, ["evaluate", "--planted", "1.5", "--posts-a-day", "1500", "--json"])
    assert ran.exit_code == 0, ran.exception
    figures = json.loads(ran.stdout)
    by_size = {row["events"]: row for row in figures["by_size"]}
    assert by_size["80 people"]["recall"] >= 0.5
    assert 0.5 <= by_size["80 people"]["after_fifth_person_min"] <= 5.0
    assert by_size["all"]["number"] == 10


def test_all_shows_are_news_in_their_first_week() -> None:
    ran = CliRunner().invoke(app, ["evaluate", "--shows", "1", "--posts-a-day", "50", "--json"])
    assert ran.exit_code == 0, ran.exception
    (first,) = json.loads(ran.stdout)["by_week"]
    assert first["on_the_air"] == 12
    assert 9 <= first["told_of"] <= 12


def test_one_stream_is_made_up_at_a_time() -> None:
    ran = CliRunner().invoke(app, ["evaluate", "--planted", "2", "--null", "1"])
    assert isinstance(ran.exception, RedianError)
    assert "name one of them" in str(ran.exception)
