"""A language model that judges answers: through `redian ask`, and as an agent pays for it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.adapters.generators.openai import OpenAiGenerator
from agents.cli.main import app
from agents.paying import PaidModel, judge_of
from agents.settings import Settings
from tests.agents.language_model import DONE, USAGE, Handler, events, said, serving

ARDEN = Path(__file__).resolve().parents[1] / "answers" / "arden"
MESSAGES = [{"role": "user", "content": "Which passage?"}]


def replying(text: str) -> Callable[[Handler], None]:
    return lambda handler: events(handler, said(text, "stop"), USAGE, DONE)


def broken(handler: Handler) -> None:
    events(handler, "no", status=401)


def ask(monkeypatch: pytest.MonkeyPatch, url: str, question: str) -> dict[str, object]:
    monkeypatch.setenv("REDIAN_ANSWER_JUDGE", "true")
    monkeypatch.setenv("REDIAN_GENERATOR_URL", url)
    ran = CliRunner().invoke(app, ["ask", question, "--documents", str(ARDEN), "--json"])
    assert ran.exit_code == 0, ran.output
    found: dict[str, object] = json.loads(ran.stdout)
    return found


def test_the_model_decides_which_passage_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(replying("1: about four months at present")) as (url, asked):
        answer = ask(monkeypatch, url, "my knee is done for, when could you do it?")
    assert (answer["status"], answer["judge"]) == ("answered", "openai:default")
    assert "four months" in str(answer["text"])
    shown = asked[0]["messages"][-1]["content"]  # type: ignore[index]
    assert "Question: my knee is done for" in shown
    with serving(replying("0")) as (url, _):
        answer = ask(monkeypatch, url, "How long is the wait for a knee operation?")
    assert (answer["status"], answer["reason"]) == ("unknown", "not_found")


def test_the_signs_decide_where_the_model_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(broken) as (url, _):
        answer = ask(monkeypatch, url, "How long is the wait for a knee operation?")
    assert (answer["status"], "judge" in answer) == ("answered", False)


def test_a_request_for_a_person_asks_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(replying("1: anything")) as (url, asked):
        answer = ask(monkeypatch, url, "Can I talk to a human please?")
    assert (answer["reason"], asked) == ("asked_for_person", [])


def test_a_judge_without_a_model_is_a_mistake_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIAN_ANSWER_JUDGE", "true")
    ran = CliRunner().invoke(app, ["ask", "When?", "--documents", str(ARDEN)])
    assert ran.exit_code != 0
    assert "REDIAN_GENERATOR_URL" in str(ran.exception)
    assert judge_of(Settings(answer_judge=False)) is None


async def test_what_is_asked_is_paid_for_within_the_limits() -> None:
    with serving(replying("0")) as (url, asked):
        settings = Settings(generator_rate=3, generator_price_in=1000.0, generator_price_out=1000.0, generator_spend=10)
        model = PaidModel(OpenAiGenerator(url, "m"), settings, "answers")
        told = await model.ask(MESSAGES)
        assert (told.text, told.why, told.cost) == ("0", "", pytest.approx(0.013))
        model.remember(2**42, 9.9)
        assert (await model.ask(MESSAGES)).why == "spend"
        model.forget()
        assert [(await model.ask(MESSAGES)).why for _ in range(4)] == ["", "", "", "rate"]
    assert len(asked) == 4


async def test_a_failure_costs_what_the_server_may_charge() -> None:
    with serving(lambda h: events(h, said("cut"))) as (url, asked):
        settings = Settings(generator_price_out=1000.0)
        told = await PaidModel(OpenAiGenerator(url, "m", retry_s=0.01), settings, "answers").ask(MESSAGES)
    assert (told.text, told.why, len(asked)) == ("", "failed", 3)
    assert told.cost == pytest.approx(1.2)
