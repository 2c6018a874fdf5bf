"""Requests for content on a real broker: each answered once, limits kept over restarts, what cannot be used buried."""

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka import KafkaProducer

from agents.adapters.admin import create_topics
from agents.content import ContentAgent
from agents.settings import Settings
from streams.briefs import write_brief
from streams.contracts.posts import DeadLetter
from streams.contracts.topics import BRIEFS, CONTENT, CONTENT_REQUESTS, DEAD
from tests.agents.language_model import DONE, USAGE, Handler, events, said, serving
from tests.integration.program import environment, redian, start_worker, values_of
from tests.integration.standing import Message, StandingRuntime
from tests.unit.briefs.conftest import hotspot_about, posts_from

pytestmark = pytest.mark.integration

SETTLE_S = 120
TEXTS = {
    "a": "Strong earthquake shakes Pine Valley this morning. People run into the streets.",
    "b": "Strong earthquake shakes Pine Valley this morning!",
    "c": "The bridge over the Alder river collapsed after the Pine Valley earthquake, Chief Nora Lindqvist says.",
    "d": "At least 20 people are hurt in Pine Valley, and the hospital is full.",
}
BRIEF = write_brief(hotspot_about(("pine valley", "earthquake"), tuple(TEXTS)), posts_from(TEXTS, "en"))
SUPPORTED = "A strong earthquake shakes Pine Valley this morning.\nThe mayor has resigned."


def good(handler: Handler) -> None:
    events(handler, said(SUPPORTED, "stop"), USAGE, DONE)


def put(bootstrap: str, topic: str, *values: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for value in values:
        producer.send(topic, value, partition=0)
    producer.flush()
    producer.close()


def request(name: str, **fields: object) -> bytes:
    return json.dumps({"id": name, "kind": "news", "hotspot_id": BRIEF.hotspot_id, **fields}).encode()


def answered(bootstrap: str) -> list[dict[str, Any]]:
    return [json.loads(value) for values in values_of(bootstrap, CONTENT.name).values() for value in values]


class Asked:
    """An agent on a standing runtime, handed what stands on the topic."""

    def __init__(self, bootstrap: str, **settings: object) -> None:
        self.settings = Settings(bootstrap=bootstrap, **settings)  # type: ignore[arg-type]
        self.bootstrap = bootstrap
        create_topics(self.settings)
        put(bootstrap, BRIEFS.name, msgspec.json.encode(BRIEF), b"{")
        self._at = 0

    async def take(self, *values: bytes, again: int = 0) -> dict[str, dict[str, Any]]:
        """Have a new worker take values that are put now, `again` messages from before first; return all answers."""
        runtime = StandingRuntime(self.settings)
        try:
            agent = ContentAgent(runtime)
            put(self.bootstrap, CONTENT_REQUESTS.name, *values)
            standing = values_of(self.bootstrap, CONTENT_REQUESTS.name)[0]
            for offset in range(max(0, self._at - again), len(standing)):
                await agent.take(Message(CONTENT_REQUESTS.name, 0, offset, standing[offset]))  # type: ignore[arg-type]
            self._at = len(standing)
        finally:
            await runtime.stop()
        found = answered(self.bootstrap)
        assert len({answer["request_id"] for answer in found}) == len(found), "a request was answered twice"
        return {answer["request_id"]: answer for answer in found}


async def test_a_request_is_answered_once_and_what_cannot_be_used_is_buried(own_broker: str) -> None:
    asked = Asked(own_broker)
    found = await asked.take(
        request("r1"),
        request("r1", kind="ad"),
        request("r2", length="short"),
        request("r3", generator="openai"),
    )
    assert [sentence["evidence"] for sentence in found["r1"]["sentences"]]
    assert (found["r1"]["kind"], found["r1"]["generator"], "fallback" in found["r1"]) == ("news", "extractive", False)
    assert len(found["r2"]["sentences"]) <= 2
    assert (found["r3"]["status"], found["r3"]["fallback"]) == ("made", "no_generator")
    assert await asked.take(again=4) == found
    unusable = {
        "unreadable": b"{",
        "bad_request": request("b1", kind="poem"),
        "unsupported_language": request("b2", lang="tlh"),
        "unknown_hotspot": request("b3", hotspot_id="nobody"),
        "nothing_found": request("b4", hotspot_id=None, topic="chess tournament"),
    }
    found = await asked.take(*unusable.values())
    letters = [msgspec.json.decode(value, type=DeadLetter) for value in values_of(own_broker, DEAD.name)[0]]
    assert [(letter.stage, letter.reason) for letter in letters] == [(CONTENT_REQUESTS.name, why) for why in unusable]
    assert [letter.original for letter in letters] == list(unusable.values())
    assert [found[name]["reason"] for name in ("b1", "b2", "b3", "b4")] == list(unusable)[1:]


async def test_a_language_model_tells_what_is_supported_within_its_limits(own_broker: str) -> None:
    with serving(good) as (url, prompts):
        prices = {"generator_price_in": 1000.0, "generator_price_out": 1000.0}
        asked = Asked(own_broker, generator_url=url, generator_rate=2, generator_spend=1000.0, **prices)
        found = await asked.take(request("r1"), request("r2", generator="extractive"), request("r3"), request("r4"))
        assert found["r1"]["generator"] == "openai:default"
        assert [sentence["text"] for sentence in found["r1"]["sentences"]] == [SUPPORTED.split("\n", maxsplit=1)[0]]
        assert len(found["r1"]["dropped"]) == 1
        assert found["r1"]["cost"] == pytest.approx(0.013)
        assert (found["r2"]["generator"], found["r4"]["fallback"], len(prompts)) == ("extractive", "rate", 2)
        # Another worker knows what was spent: the most that a request may cost no longer fits.
        asked.settings = Settings(
            bootstrap=own_broker, generator_url=url, generator_price_out=10_000.0, generator_spend=12.0 + 0.02
        )
        found = await asked.take(request("r5"))
        assert (found["r5"]["fallback"], found["r5"]["generator"], len(prompts)) == ("spend", "extractive", 2)
        asked.settings = Settings(bootstrap=own_broker, generator_url=url, content_queue=1)
        found = await asked.take(*(request(f"q{number}") for number in range(4)))
        assert [found[f"q{number}"].get("fallback") for number in range(4)] == ["queue", "queue", None, None]


HOSTILE: dict[str, Callable[[Handler], None]] = {
    "html": lambda h: events(h, "<html>", kind="text/html"),
    "cut": lambda h: events(h, said("cut")),
    "json cut": lambda h: events(h, 'data: {"choices": [{"delta"\n\n', DONE),
    "500": lambda h: events(h, "oops", status=500),
    "empty": lambda h: events(h, DONE),
    "10 MB": lambda h: events(h, *[said("x" * 10_000)] * 1000, DONE),
    "refusal": lambda h: events(h, said("As an AI I cannot help with that.", "stop"), DONE),
    "hangs": lambda _: time.sleep(3),
}


async def test_whatever_the_server_does_the_briefs_own_sentences_are_told(own_broker: str) -> None:
    now = ""

    def answer(handler: Handler) -> None:
        HOSTILE[now](handler)

    with serving(answer) as (url, _):
        asked = Asked(own_broker, generator_url=url)
        for name in HOSTILE:
            now = name
            if name == "hangs":
                asked.settings = Settings(bootstrap=own_broker, generator_url=url, generator_timeout_s=1.0)
            told = (await asked.take(request(name)))[name]
            expected = "unsupported" if name == "refusal" else "failed"
            assert (told["status"], told["generator"], told["fallback"]) == ("made", "extractive", expected), name
            assert told["detail"]
            assert told["sentences"]


def test_a_worker_answers_what_the_command_asks(own_broker: str, tmp_path: Path) -> None:
    with serving(good) as (url, _):
        env = environment(own_broker, tmp_path, generator_url=url)
        assert redian(env, "topics", "create").returncode == 0
        put(own_broker, BRIEFS.name, msgspec.json.encode(BRIEF))
        log = tmp_path / "worker.log"
        worker = start_worker(env, log)
        try:
            told = redian(env, "generate", "news", BRIEF.hotspot_id[:2], "--by-worker", "--form", "json")
            assert told.returncode == 0, told.stderr + log.read_text("utf-8")
            assert json.loads(told.stdout)["generator"] == "openai:default"
            told = redian(env, "generate", "post", "--topic", "chess tournament", "--by-worker")
            assert (told.returncode, told.stdout) == (2, "")
            assert "nothing that could be said" in told.stderr
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(SETTLE_S) == 0, log.read_text("utf-8")
        finally:
            worker.kill()
            worker.wait()
