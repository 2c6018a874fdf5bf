"""Recommendations on a real broker: each request answered once, clicks learnt by whoever goes on, rubbish buried."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from kafka import KafkaProducer
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from agents.adapters.admin import create_topics
from agents.adapters.broker_process import free_port
from agents.recommending import RecommendingAgent
from agents.settings import Settings
from streams.briefs import write_brief
from streams.contracts.posts import DeadLetter
from streams.contracts.profiles import Profile
from streams.contracts.topics import (
    BRIEFS,
    DEAD,
    FEEDBACK,
    HOTSPOTS,
    PROFILES,
    RECOMMENDATION_REQUESTS,
    RECOMMENDATIONS,
)
from tests.integration.program import environment, redian, start_worker, values_of
from tests.integration.standing import Message, StandingRuntime
from tests.unit.briefs.conftest import hotspot_about, posts_from

pytestmark = pytest.mark.integration

AUTHOR = "00000000000000aa"
SETTLE_S = 120
patiently = retry(
    retry=retry_if_exception_type((httpx.HTTPError, AssertionError)),
    stop=stop_after_delay(SETTLE_S), wait=wait_fixed(0.3), reraise=True,
)  # fmt: skip
"""Again until what follows a topic has come so far."""
SUBJECTS = {
    "earthquake": "Strong earthquake shakes Pine Valley this morning and people run into the streets.",
    "football": "The football final in Eastport ends with a late goal and a great party.",
}
PROFILE = Profile(
    author=AUTHOR, platform="x", updated_at="2026-03-02T00:00:00.000Z", posts=9.0, reposts=0.0,
    terms={"word:earthquake": 5.0}, languages={"en": 9.0}, hours=(0.0,) * 24,
)  # fmt: skip


def put(bootstrap: str, topic: str, *records: tuple[str, bytes | None], partition: int = 0) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for key, value in records:
        producer.send(topic, value, key.encode(), partition=partition)
    producer.flush()
    producer.close()


def put_world(bootstrap: str) -> None:
    create_topics(Settings(bootstrap=bootstrap))
    for name, text in SUBJECTS.items():
        posts = {f"{name}{n}": text for n in range(5)}
        hotspot = msgspec.structs.replace(hotspot_about((f"word:{name}",), tuple(posts)), hotspot_id=name)
        put(bootstrap, HOTSPOTS.name, (name, msgspec.json.encode(hotspot)))
        put(bootstrap, BRIEFS.name, (name, msgspec.json.encode(write_brief(hotspot, posts_from(posts, "en")))))
    put(bootstrap, PROFILES.name, (AUTHOR, msgspec.json.encode(PROFILE)), partition=1)


def request(name: str, **fields: object) -> tuple[str, bytes]:
    return name, json.dumps({"id": name, "author": AUTHOR, **fields}).encode()


async def answered(bootstrap: str, runtime: StandingRuntime) -> dict[str, dict[str, Any]]:
    """Have a new worker take all that stands on the topic; return all answers."""
    try:
        agent = RecommendingAgent(runtime)
        for offset, value in enumerate(values_of(bootstrap, RECOMMENDATION_REQUESTS.name)[0]):
            await agent.take(Message(RECOMMENDATION_REQUESTS.name, 0, offset, value))  # type: ignore[arg-type]
    finally:
        await runtime.stop()
    found = [json.loads(value) for value in values_of(bootstrap, RECOMMENDATIONS.name)[0]]
    assert len({answer["request_id"] for answer in found}) == len(found), "a request was answered twice"
    return {answer["request_id"]: answer for answer in found}


async def test_requests_are_answered_once_and_clicks_are_learnt_by_the_next_worker(own_broker: str) -> None:
    put_world(own_broker)
    settings = Settings(bootstrap=own_broker)
    put(own_broker, RECOMMENDATION_REQUESTS.name, request("r1"), request("r2", author="00000000000000bb"), ("", b"{"),
        request("r3", count=0))  # fmt: skip
    found = await answered(own_broker, StandingRuntime(settings))
    first = found["r1"]["items"][0]
    assert (found["r1"]["known"], first["hotspot_id"]) == (True, "earthquake")
    assert first["because"] == "because you write about earthquake"
    assert all(0 < item["propensity"] <= 1 for item in found["r1"]["items"])
    assert "known" not in found["r2"]
    assert found["r2"]["items"]
    assert found["r3"]["reason"] == "bad_request"
    letters = [msgspec.json.decode(value, type=DeadLetter) for value in values_of(own_broker, DEAD.name)[0]]
    assert [letter.reason for letter in letters] == ["unreadable", "bad_request"]

    click = {
        "hotspot_id": "football", "verdict": "clicked", "at": "", "stage": "", "judged_at": "", "recommendation": "r1",
        "item": "football",
    }  # fmt: skip
    put(own_broker, FEEDBACK.name, ("football", b"{"), *[("football", json.dumps(click).encode())] * 2)
    put(own_broker, PROFILES.name, (AUTHOR, None), partition=1)
    put(own_broker, RECOMMENDATION_REQUESTS.name, request("r4"))
    after = await answered(own_broker, StandingRuntime(settings))
    assert {name: after[name] for name in found} == found
    assert after["r4"]["clicks"] == 1
    assert "known" not in after["r4"], "a profile that was removed is gone by"


@contextmanager
def working(bootstrap: str, folder: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run a worker; yield it and its log."""
    log = folder / "worker.log"
    worker = start_worker(environment(bootstrap, folder, **settings), log)
    try:
        yield worker, log
    finally:
        worker.kill()
        worker.wait()


def test_a_worker_answers_the_command_and_hears_of_clicks(own_broker: str, tmp_path: Path) -> None:
    put_world(own_broker)
    env = environment(own_broker, tmp_path)
    with working(own_broker, tmp_path) as (worker, log):
        told = redian(env, "recommend", "for", AUTHOR, "--json")
        assert told.returncode == 0, told.stderr + log.read_text("utf-8")
        answer = json.loads(told.stdout)
        noted = redian(env, "recommend", "clicked", answer["request_id"], answer["items"][0]["id"])
        assert noted.returncode == 0, noted.stderr
        again = redian(env, "recommend", "for", AUTHOR, "--json")
        assert json.loads(again.stdout)["clicks"] == 1
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SETTLE_S) == 0, log.read_text("utf-8")


def test_the_page_knows_the_profile_asks_the_recommender_and_its_clicks_are_learnt(
    own_broker: str, tmp_path: Path
) -> None:
    put_world(own_broker)
    port = free_port()
    with (
        working(own_broker, tmp_path, web_port=str(port)) as (_, log),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as page,
    ):

        @patiently
        def asked(method: str, path: str, body: bytes | None = None) -> Any:
            headers = {"Content-Type": "application/json"}
            answer = page.request(method, path, content=body, headers=headers)
            answer.raise_for_status()
            return answer.json()

        @patiently
        def gone(path: str) -> None:
            assert page.get(path).status_code == 404, log.read_text("utf-8")

        assert asked("GET", f"/api/profiles/{AUTHOR}")["terms"] == {"word:earthquake": 5.0}
        made = asked("POST", f"/api/profiles/{AUTHOR}/recommendations", b"{}")
        assert made["items"][0]["hotspot_id"] == "earthquake"
        click = json.dumps({"item": made["items"][0]["id"]}).encode()
        asked("POST", f"/api/recommendations/{made['request_id']}/clicks", click)
        again = redian(environment(own_broker, tmp_path), "recommend", "for", AUTHOR, "--json")
        assert json.loads(again.stdout)["clicks"] == 1
        put(own_broker, PROFILES.name, (AUTHOR, None), partition=1)
        gone(f"/api/profiles/{AUTHOR}")
