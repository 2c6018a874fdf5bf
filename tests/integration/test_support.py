"""Questions on a real broker: each gets an answer, whatever stands on the topic, and none a second after a restart."""

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest
from kafka import KafkaProducer

from streams.contracts.topics import ANSWERS, QUESTIONS
from tests.agents.language_model import DONE, USAGE, Handler, events, said, serving
from tests.integration.program import environment, redian, start_worker, values_of
from tests.shipped import NAME

pytestmark = pytest.mark.integration

ARDEN = Path(__file__).resolve().parents[1] / "answers" / "arden"
BAD = [b"", b"{", b"[1]", b'{"id":"x"}', b'{"id":"","text":"a"}', b'{"id":"y","text":7}', b"\xff\xfe"]
SETTLE_S = 120


def answers_of(bootstrap: str, count: int, worker: subprocess.Popen[bytes], log: Path) -> list[dict[str, object]]:
    deadline = time.monotonic() + SETTLE_S
    while True:
        found = [json.loads(value) for values in values_of(bootstrap, ANSWERS.name).values() for value in values]
        if len(found) >= count:
            return found
        assert worker.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, (found, log.read_text("utf-8"))
        time.sleep(0.25)


def test_every_question_is_answered_once(bootstrap: str, tmp_path: Path) -> None:
    env = environment(bootstrap, tmp_path, encoder=NAME, documents=str(ARDEN), app_id="support-test")
    assert redian(env, "topics", "create").returncode == 0
    before = sum(map(len, values_of(bootstrap, ANSWERS.name).values()))
    asked = {
        "known": "How long is the wait for a knee operation?",
        "zh": "自习室在几楼？",
        "unknown": "Who is the head surgeon?",
        "long": "why " * 5000,
    }
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for name, text in asked.items():
        producer.send(QUESTIONS.name, json.dumps({"id": name, "text": text}).encode())
    for value in BAD:
        producer.send(QUESTIONS.name, value)
    producer.flush()
    log = tmp_path / "worker.log"

    worker = start_worker(env, log)
    try:
        total = before + len(asked) + len(BAD)
        found = answers_of(bootstrap, total, worker, log)[before:]
        by_id = {answer["question_id"]: answer for answer in found}
        assert len(by_id) == len(asked) + len(BAD)
        assert by_id["known"]["citations"][0]["source"] == "appointments.html"  # type: ignore[index]
        assert "四楼" in str(by_id["zh"]["text"])
        assert (by_id["unknown"]["status"], by_id["long"]["reason"]) == ("unknown", "too_long")
        assert sum(answer.get("reason") == "unreadable" for answer in found) == len(BAD)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0, log.read_text("utf-8")
        worker = start_worker(env, log)
        producer.send(QUESTIONS.name, json.dumps({"id": "again", "text": "Where is the chapel?"}).encode())
        producer.flush()
        after = answers_of(bootstrap, total + 1, worker, log)[before + len(found) :]
        assert [answer["question_id"] for answer in after] == ["again"]
        answered = redian(env, "ask", "Where is the chapel?", "--json")
        assert answered.returncode == 0, answered.stderr
        assert "second floor" in json.loads(answered.stdout)["text"]
    finally:
        producer.close()
        worker.kill()
        worker.wait()


def test_a_language_model_judges_within_its_limits(own_broker: str, tmp_path: Path) -> None:
    def judging(handler: Handler) -> None:
        events(handler, said("1: on the second floor", "stop"), USAGE, DONE)

    log = tmp_path / "worker.log"
    producer = KafkaProducer(bootstrap_servers=own_broker)
    with serving(judging) as (url, asked):
        env = environment(
            own_broker,
            tmp_path,
            encoder=NAME,
            documents=str(ARDEN),
            app_id="judging-test",
            answer_judge="true",
            generator_url=url,
            generator_rate="2",
            generator_price_in="100",
        )
        assert redian(env, "topics", "create").returncode == 0
        worker = start_worker(env, log)
        try:
            for name in ("first", "second", "third"):
                question = {"id": name, "text": "Where is the chapel?"}
                producer.send(QUESTIONS.name, json.dumps(question).encode())
            producer.flush()
            found = answers_of(own_broker, 3, worker, log)
        finally:
            producer.close()
            worker.kill()
            worker.wait()
    assert [answer["question_id"] for answer in found] == ["first", "second", "third"]
    assert [answer.get("judge") for answer in found] == ["openai:default", "openai:default", None]
    assert all("second floor" in str(answer["text"]) for answer in found)
    assert found[0]["cost"] == pytest.approx(0.0009)
    assert len(asked) == 2
