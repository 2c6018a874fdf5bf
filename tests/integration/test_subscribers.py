"""Subscribers on a real broker with real receivers: nobody twice, nobody for another, nothing lost by a restart."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from kafka import KafkaAdminClient

from agents.adapters.admin import create_topics
from agents.adapters.tracing import Traces
from agents.errors import RedianError
from agents.settings import Settings
from agents.subscribers import editing
from agents.subscribers.channels import make_channels
from agents.subscribers.queues import Queues
from agents.subscribers.records import write_states, write_subscriber
from agents.subscribers.sending import Sending
from agents.subscribers.topic import TopicChannel
from streams.contracts.feedback import VERDICTS, Feedback
from streams.contracts.outputs import Alert
from streams.contracts.subscriptions import Rule, Subscriber, Waiting
from streams.contracts.topics import ALERTS, BRIEFS, FEEDBACK, WATCH_ALERTS, WATCHLISTS
from streams.contracts.watchlists import Watchlist
from streams.subscriptions.message import Message
from tests.agents.receivers import Receiver, receiving
from tests.integration.program import environment, redian
from tests.unit.subscriptions.outputs import a_brief, a_turn, an_alert

pytestmark = pytest.mark.integration

LIMIT_S = 60.0


class Teller:
    """What a worker runs for subscribers, without the worker."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self.settings = settings
        self.producer = producer
        self.queues: Queues | None = None

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[Queues]:
        """Tell for as long as the context lasts; leaving it is a worker's end."""

        async def producer() -> AIOKafkaProducer:
            return self.producer

        channels = make_channels(self.settings, producer)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.settings.bootstrap, enable_auto_commit=False)
        await consumer.start()
        queues = Queues(consumer, self.producer)
        await queues.load()
        sending = Sending(queues, channels, random.Random(1), Traces())

        async def follow() -> None:
            while True:
                for name in await queues.follow():
                    sending.schedule(name)

        tasks = [asyncio.create_task(sending.run()), asyncio.create_task(follow())]
        try:
            yield queues
            for task in tasks:
                if task.done():
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await consumer.stop()
            for channel in channels.values():
                await channel.close()

    async def publish(self, *alerts: Alert, brief: bool = True) -> None:
        """Write alerts as a worker does, each with its brief."""
        for alert in alerts:
            body = msgspec.json.encode(alert)
            await self.producer.send_and_wait(ALERTS.name, body, alert.hotspot_id.encode(), partition=0)
            if brief:
                await self.producer.send_and_wait(
                    BRIEFS.name, msgspec.json.encode(a_brief(alert)), alert.hotspot_id.encode(), partition=0
                )


@pytest.fixture
async def teller(own_broker: str, tmp_path: Path) -> AsyncIterator[Teller]:
    settings = Settings(bootstrap=own_broker, data_dir=tmp_path, outbound_allow="127.0.0.0/8")
    create_topics(settings)
    producer = AIOKafkaProducer(bootstrap_servers=own_broker, enable_idempotence=True, acks="all")
    await producer.start()
    yield Teller(settings, producer)
    await producer.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


async def until(holds: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        await asyncio.sleep(0.02)


def alerts_in(bodies: list[bytes]) -> list[str]:
    found = []
    for body in bodies:
        data = json.loads(body)["data"]
        found += [told["alert"]["alert_id"] for told in data.get("alerts", [data])]
    return found


async def test_rules_choose_and_a_restart_tells_nobody_twice(teller: Teller, receiver: Receiver) -> None:
    await editing.add(teller.settings, "all", "webhook", f"{receiver.url}/ok/all", Rule())
    await editing.add(teller.settings, "rising", "webhook", f"{receiver.url}/ok/rising", Rule(stages=("rising",)))
    async with teller.telling():
        await teller.publish(an_alert("a1"), an_alert("a2", stage="rising", emitted_at="2026-03-01T00:11:00.000Z"))
        await until(lambda: len(receiver.came) == 3)
    await teller.publish(an_alert("a1"))  # a worker that was killed says it again
    await teller.publish(an_alert("a3", "h3"))
    async with teller.telling():
        await until(lambda: len(receiver.at("/ok/all")) == 3)
        await teller.publish(an_alert("a4", "h4"))
        await until(lambda: len(receiver.at("/ok/all")) == 4)
    assert alerts_in(receiver.at("/ok/all")) == ["a1", "a2", "a3", "a4"]
    assert alerts_in(receiver.at("/ok/rising")) == ["a2"]
    first = json.loads(receiver.at("/ok/all")[0])
    assert first["data"]["brief"]["headline"] == "Strong quake in Turin"
    lines = await editing.log_of(teller.settings, "all", 100)
    assert [line.outcome for line in lines] == ["delivered"] * 4


async def test_one_that_is_slow_or_fails_keeps_nobody_waiting(teller: Teller, receiver: Receiver) -> None:
    for name in ("slow", "fails", "ok"):
        await editing.add(teller.settings, name, "webhook", f"{receiver.url}/{name}", Rule())
    async with teller.telling() as queues:
        for number in range(5):
            await teller.publish(an_alert(f"a{number}", f"h{number}"))
        await until(lambda: len(receiver.at("/ok")) == 5)
        assert receiver.counts["/slow"] == 1  # one message of a subscriber at a time
        await until(lambda: queues.states["fails"].attempts >= 1)
        assert len(queues.states["fails"].waiting) == 5
    found = {one.subscriber.name: one for one in await editing.overview(teller.settings)}
    assert (found["fails"].status, found["fails"].waiting) == ("failing", 5)
    assert (found["ok"].status, found["ok"].waiting) == ("active", 0)


async def test_what_waited_is_told_after_a_restart_under_the_same_id(teller: Teller, receiver: Receiver) -> None:
    await editing.add(teller.settings, "r", "webhook", f"{receiver.url}/recovers", Rule())
    async with teller.telling() as queues:
        await teller.publish(an_alert("a1"))
        await until(lambda: queues.states["r"].attempts == 1)
    receiver.failing = False
    async with teller.telling() as queues:
        assert queues.states["r"].attempts == 1
        await until(lambda: not queues.states["r"].waiting)
    ids = [headers["webhook-id"] for _, headers, _ in receiver.came]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_one_that_is_gone_is_told_no_more_until_it_is_resumed(teller: Teller, receiver: Receiver) -> None:
    await editing.add(teller.settings, "g", "webhook", f"{receiver.url}/gone", Rule())
    async with teller.telling() as queues:
        await teller.publish(an_alert("a1"))
        await until(lambda: bool(queues.states["g"].disabled))
        await teller.publish(an_alert("a2", "h2"))
        await teller.publish(an_alert("a3", "h3"))
        (found,) = await editing.overview(teller.settings)
        assert found.status == "disabled"
        assert "410" in found.detail
        assert receiver.counts["/gone"] == 1
        await editing.edit(
            teller.settings, "g", lambda held: msgspec.structs.replace(held, address=f"{receiver.url}/ok")
        )
        await until(lambda: len(receiver.at("/ok")) == 1)
    assert alerts_in(receiver.at("/ok")) == ["a1"]


async def test_two_operators_who_edit_at_once_do_not_both_think_they_won(teller: Teller, receiver: Receiver) -> None:
    await editing.add(teller.settings, "s", "webhook", f"{receiver.url}/ok", Rule())

    async def edit(rank: float) -> str:
        try:
            await editing.edit(
                teller.settings, "s", lambda held: msgspec.structs.replace(held, rule=Rule(min_rank=rank))
            )
        except RedianError as error:
            return "lost" if "someone else changed s" in str(error) else str(error)
        return "won"

    outcomes = await asyncio.gather(*(edit(float(rank)) for rank in range(1, 4)))
    assert set(outcomes) <= {"won", "lost"}
    assert "won" in outcomes
    won = [float(rank) for rank, outcome in zip(range(1, 4), outcomes, strict=True) if outcome == "won"]
    (found,) = await editing.overview(teller.settings)
    assert found.subscriber.rule.min_rank in won
    async with teller.telling() as queues:
        held = queues.definitions.get("s")
        assert held == found.subscriber
        loser = msgspec.structs.replace(held, edit="late", rule=Rule(min_rank=99.0))
        await write_subscriber(teller.producer, "s", loser)  # the same version once more
        await editing.add(teller.settings, "t", "topic", "elsewhere", Rule())
        await until(lambda: queues.definitions.get("t") is not None)
        assert queues.definitions.get("s") == held
    (found, _) = await editing.overview(teller.settings)
    assert found.subscriber == held


async def test_a_digest_and_another_topic(teller: Teller, receiver: Receiver) -> None:
    # The topic is its owner's to make: brokers that make topics by themselves are few.
    admin = KafkaAdminClient(bootstrap_servers=teller.settings.bootstrap)
    admin.create_topics({"told.elsewhere": {"num_partitions": 1, "replication_factor": 1}})
    admin.close()
    await editing.add(teller.settings, "d", "webhook", f"{receiver.url}/ok", Rule(digest_min=60))
    await editing.add(teller.settings, "k", "topic", "told.elsewhere", Rule())
    async with teller.telling() as queues:
        await teller.publish(an_alert("a0", "h0"))
        await until(lambda: len(receiver.at("/ok")) == 1)
        await teller.publish(*(an_alert(f"a{number}", f"h{number}") for number in range(1, 4)))
        await until(lambda: len(queues.states["d"].waiting) == 3)
        await until(lambda: not queues.states["k"].waiting and queues.states["k"].matched >= 4)
        early = msgspec.structs.replace(queues.states["d"], sent_ms=1)  # an hour passes
        await write_states(teller.producer, [("d", early)])
    async with teller.telling():
        await until(lambda: len(receiver.at("/ok")) == 2)
    assert json.loads(receiver.at("/ok")[1])["type"] == "redian.digest"
    assert alerts_in(receiver.at("/ok")) == ["a0", "a1", "a2", "a3"]
    consumer = AIOKafkaConsumer(
        "told.elsewhere", bootstrap_servers=teller.settings.bootstrap, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        records = [await asyncio.wait_for(consumer.getone(), LIMIT_S) for _ in range(4)]
    finally:
        await consumer.stop()
    assert alerts_in([record.value for record in records]) == ["a0", "a1", "a2", "a3"]


async def test_what_is_on_its_way_elsewhere_arrives_while_a_topic_is_met_for_the_first_time(teller: Teller) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=teller.settings.bootstrap, enable_idempotence=True, acks="all", linger_ms=1000,
        request_timeout_ms=10_000,
    )  # fmt: skip
    await producer.start()
    try:
        await producer.client.force_metadata_update()  # as it does by itself after a while: it knows all topics then
        admin = KafkaAdminClient(bootstrap_servers=teller.settings.bootstrap)
        admin.create_topics({"told.later": {"num_partitions": 1, "replication_factor": 1}})
        admin.close()

        async def made() -> AIOKafkaProducer:
            return producer

        waiting = await producer.send(BRIEFS.name, b"lingers meanwhile", partition=0)
        to = Subscriber(name="k", version=1, edit="e", channel="topic", address="told.later")
        sent = await TopicChannel(made).send(to, Message("m", "test"), 0)
        assert sent.outcome == "delivered"
        await waiting
    finally:
        await producer.stop()


async def test_a_watchlist_is_followed_its_hotspots_and_its_mood(teller: Teller, receiver: Receiver) -> None:
    with pytest.raises(RedianError, match="no watchlist quakes"):
        await editing.add(teller.settings, "w", "webhook", f"{receiver.url}/ok", Rule(watchlists=("quakes",)))
    watchlist = Watchlist(name="quakes", query="quake OR 地震", since="2026-01-01T00:00:00Z")
    await teller.producer.send_and_wait(WATCHLISTS.name, msgspec.json.encode(watchlist), b"quakes", partition=0)
    await editing.add(teller.settings, "w", "webhook", f"{receiver.url}/ok", Rule(watchlists=("quakes",)))
    async with teller.telling():
        await teller.publish(an_alert("a1"), an_alert("a2", "h2", terms=("word:flood",)))
        for turned in (a_turn("quakes", "m1"), a_turn("other", "m2"), a_turn("quakes", "m1")):
            await teller.producer.send_and_wait(WATCH_ALERTS.name, msgspec.json.encode(turned), b"k", partition=0)
        await until(lambda: len(receiver.came) == 2)
    async with teller.telling():  # a restart tells neither again
        await teller.publish(an_alert("a3", "h3"))
        await until(lambda: len(receiver.came) == 3)
    told = [json.loads(body) for body in receiver.at("/ok")]
    assert sorted(body["type"] for body in told) == ["redian.alert", "redian.alert", "redian.mood"]
    assert [body["data"]["mood"]["alert_id"] for body in told if body["type"] == "redian.mood"] == ["m1"]
    assert [body["data"]["alert"]["alert_id"] for body in told if body["type"] == "redian.alert"] == ["a1", "a3"]


async def test_what_nobody_judges_is_escalated_and_what_someone_does_is_not(teller: Teller, receiver: Receiver) -> None:
    await editing.add(teller.settings, "second", "webhook", f"{receiver.url}/ok", Rule(escalate_min=30))

    async def judge(hotspot: str) -> None:
        said = Feedback(hotspot_id=hotspot, verdict=VERDICTS[0], at="2026-03-01T00:11:00.000Z", stage="", judged_at="")
        await teller.producer.send_and_wait(FEEDBACK.name, msgspec.json.encode(said), hotspot.encode(), partition=0)

    async with teller.telling() as queues:
        await teller.publish(*(an_alert(f"a{number}", f"h{number}") for number in range(4)))
        await until(lambda: len(queues.states["second"].waiting) == 4)
        await judge("h1")
        await until_noted(teller, "second", "acknowledged", ["a1"])
    await judge("h2")  # while no worker lives
    async with teller.telling() as queues:
        await until_noted(teller, "second", "acknowledged", ["a1", "a2"])
        assert [one.about for one in queues.states["second"].waiting] == ["h0", "h3"]
        await teller.publish(an_alert("a2b", "h2", stage="rising", emitted_at="2026-03-01T00:12:00.000Z"))
        await teller.publish(an_alert("a0b", "h0", stage="rising", emitted_at="2026-03-01T00:12:00.000Z"))  # it grew
        await until_noted(teller, "second", "delivered", ["a0b"])
        state = queues.states["second"]
    (left,) = state.waiting
    await write_states(
        teller.producer, [("second", msgspec.structs.replace(state, waiting=(due(left),)))]
    )  # half an hour passes
    async with teller.telling():
        await until_noted(teller, "second", "delivered", ["a0b", "a3"])
    assert alerts_in(receiver.at("/ok")) == ["a0b", "a3"]


async def until_noted(teller: Teller, name: str, outcome: str, alerts: list[str]) -> None:
    """Wait until the delivery log tells exactly these alerts of that outcome: it is written last."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        lines = await editing.log_of(teller.settings, name, 100)
        noted = [alert for line in lines if line.outcome == outcome for alert in line.alerts]
        if noted == alerts:
            return
        assert time.monotonic() < deadline, f"{outcome} were {noted}, not {alerts}"
        await asyncio.sleep(0.1)


def due(entry: Waiting) -> Waiting:
    return msgspec.structs.replace(entry, not_before_ms=1)


async def test_an_alert_without_a_brief_is_told_all_the_same(
    teller: Teller, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agents.subscribers import queues as module

    monkeypatch.setattr(module, "BRIEF_S", 0.5)
    await editing.add(teller.settings, "s", "webhook", f"{receiver.url}/ok", Rule())
    async with teller.telling():
        await teller.publish(an_alert("a1"), brief=False)
        await until(lambda: len(receiver.at("/ok")) == 1)
    assert json.loads(receiver.at("/ok")[0])["data"]["brief"] is None


async def test_what_cannot_be_read_stops_nobody(teller: Teller, receiver: Receiver) -> None:
    await editing.add(teller.settings, "s", "webhook", f"{receiver.url}/ok", Rule())
    read = ("subscribers", "subscribers.states", "alerts", "briefs", "watchlists", "watchlists.alerts", "feedback")
    for topic in read:
        for value in (b"\xff", b"{}", b"[" * 1000):
            await teller.producer.send_and_wait(topic, value, b"\xff", partition=0)
    async with teller.telling():
        await teller.producer.send_and_wait("subscribers", b"nonsense", b"x", partition=0)
        await teller.publish(an_alert("a1"))
        await until(lambda: len(receiver.at("/ok")) == 1)


@pytest.mark.skipif(os.environ.get("BROKER") == "kafka", reason="it is about Redian, not the broker; once is enough")
async def test_ten_thousand_subscribers_with_a_rule_that_matches_everything(
    teller: Teller, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    many = 10_000
    for number in range(many):
        one = Subscriber(
            name=f"s{number}", version=1, edit="e", channel="webhook", address=f"{receiver.url}/ok/{number}"
        )
        await teller.producer.send("subscribers", msgspec.json.encode(one), one.name.encode(), partition=0)
    await teller.producer.flush()
    async with teller.telling() as queues:
        assert len(queues.definitions) == many
        began = time.monotonic()
        await teller.publish(an_alert("a1"))
        await until(lambda: len(receiver.counts) == many, 240)
        took = time.monotonic() - began
        await until(lambda: not any(state.waiting for state in queues.states.values()), 60)
    assert set(receiver.counts.values()) == {1}
    with capsys.disabled():
        print(f"\n10,000 subscribers were told in {took:.1f} s")


async def test_a_definition_that_cannot_work_is_one_line(teller: Teller) -> None:
    await editing.add(teller.settings, "ops", "topic", "t", Rule())
    for name, kind, address, said in (
        ("ops", "topic", "t", "there is a subscriber ops"),
        ("*", "topic", "t", "a name has"),
        ("x", "topic", "alerts", "Redian's own"),
        ("x", "webhook", "ftp://example.com", "https://"),
        ("x", "webhook", "http://example.com", "without encryption"),
        ("x", "webhook", "https://me:secret@example.com", "name or password"),
        ("x", "chat", "nothing://", "no service"),
        ("x", "mqtt", "mqtt://host", "an MQTT address is like"),
    ):
        with pytest.raises(RedianError, match=said):
            await editing.add(teller.settings, name, kind, address, Rule())
    with pytest.raises(RedianError, match="no subscriber nobody"):
        await editing.pause(teller.settings, "nobody", True)


def test_the_commands_say_what_they_did(own_broker: str, tmp_path: Path) -> None:
    env = environment(own_broker, tmp_path, outbound_allow="127.0.0.0/8")
    assert redian(env, "topics", "create").returncode == 0
    added = redian(env, "subscribers", "add", "ops", "--webhook", "http://127.0.0.1:9/x?token=T0KEN", "--min-rank", "2")
    assert added.returncode == 0, added.stderr
    assert "whsec_" in added.stdout
    listed = redian(env, "subscribers", "list").stdout
    assert "ops" in listed
    assert "T0KEN" not in listed
    assert "whsec_" not in listed
    tested = redian(env, "subscribers", "test", "ops")
    assert tested.returncode == 1
    assert "cannot be reached" in tested.stdout
    for command in (
        ["edit", "ops", "--stage", "rising"],
        ["pause", "ops"],
        ["resume", "ops"],
        ["rotate", "ops"],
        ["log"],
    ):
        ran = redian(env, "subscribers", *command)
        assert ran.returncode == 0, ran.stderr
    assert "nothing was tried for ops" in redian(env, "subscribers", "log", "ops").stdout
    for command, said in (
        (["add", "x"], "one channel"),
        (["add", "x", "--topic", "t", "--zone", "Mars"], "no time zone"),
    ):
        ran = redian(env, "subscribers", *command)
        assert ran.returncode == 2, (command, ran.stdout)
        assert said in ran.stderr.replace("\n", " ")
        assert "Traceback" not in ran.stderr
    assert redian(env, "subscribers", "remove", "ops").returncode == 0
    assert "ops" not in redian(env, "subscribers", "list").stdout


def test_a_worker_tells(own_broker: str, tmp_path: Path) -> None:
    """The whole way: an alert on its topic, a worker, a webhook."""
    env = environment(own_broker, tmp_path, outbound_allow="127.0.0.0/8", posts_partitions="1", terms_partitions="1")
    assert redian(env, "topics", "create").returncode == 0
    log = (tmp_path / "worker.log").open("wb")
    worker = subprocess.Popen([sys.executable, "-m", "agents.cli.main", "worker"], env=env, stdout=log, stderr=log)

    async def run() -> None:
        async with receiving() as receiver:
            added = redian(env, "subscribers", "add", "ops", "--webhook", f"{receiver.url}/ok")
            assert added.returncode == 0, added.stderr
            producer = AIOKafkaProducer(bootstrap_servers=own_broker)
            await producer.start()
            deadline = time.monotonic() + LIMIT_S
            while b"subscribers are told" not in (tmp_path / "worker.log").read_bytes():
                assert time.monotonic() < deadline, (tmp_path / "worker.log").read_text("utf-8")
                await asyncio.sleep(0.2)
            body = msgspec.json.encode(an_alert("a1"))
            await producer.send_and_wait(ALERTS.name, body, b"h", partition=0)
            await producer.stop()
            await until(lambda: bool(receiver.came))
            assert alerts_in(receiver.at("/ok")) == ["a1"]

    try:
        asyncio.run(run())
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
        log.close()
