"""Channels against real servers on loopback: what is sent, and what becomes of it whatever the other side does."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import aiomqtt
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from agents.adapters.addresses import networks_of
from agents.adapters.broker_process import free_port
from agents.adapters.outbound import Policy
from agents.errors import RedianError
from agents.subscribers.alertmanager import AlertmanagerChannel
from agents.subscribers.chat import ChatChannel, notifier
from agents.subscribers.http import Poster
from agents.subscribers.mqtt import MqttChannel
from agents.subscribers.mqtt import address_of as mqtt_address
from agents.subscribers.webhook import OVERLAP_MS, WebhookChannel, new_secret, rotated
from streams.contracts.subscriptions import Secret, Subscriber
from streams.subscriptions.message import Message, Told, message_of
from tests.agents.receivers import Receiver, expired_certificate, receiving
from tests.unit.subscriptions.outputs import a_brief, a_turn, an_alert

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin") or ""
needs_mosquitto = pytest.mark.skipif(not MOSQUITTO, reason="on Debian: apt install mosquitto")

ALLOWED = Policy(allowed=networks_of("127.0.0.0/8"), total_s=1.0, silence_s=1.0, max_bytes=64 * 1024)
ALERT = an_alert()
MESSAGE = message_of("msg_1", [Told(ALERT, a_brief(ALERT))])


def now() -> int:
    return time.time_ns() // 1_000_000


def subscriber(address: str, *secrets: Secret, channel: str = "webhook") -> Subscriber:
    return Subscriber(name="s", version=1, edit="e", channel=channel, address=address, secrets=secrets)  # type: ignore[arg-type]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
async def webhooks() -> AsyncIterator[WebhookChannel]:
    channel = WebhookChannel(Poster(ALLOWED))
    yield channel
    await channel.close()


async def test_a_receiver_verifies_with_the_library_of_the_standard(
    receiver: Receiver, webhooks: WebhookChannel
) -> None:
    secret = new_secret()
    sent = await webhooks.send(subscriber(f"{receiver.url}/ok", Secret(secret)), MESSAGE, now())
    assert sent.outcome == "delivered"
    ((_, headers, body),) = receiver.came
    assert headers["webhook-id"] == "msg_1"
    content = Webhook(secret).verify(body, headers)
    assert content["data"]["alert"]["alert_id"] == "a"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"quake", b"quack"), headers)


async def test_after_a_rotation_both_secrets_sign_for_a_day(receiver: Receiver, webhooks: WebhookChannel) -> None:
    old = (Secret(new_secret()),)
    fresh = rotated(old, now())
    assert fresh[0].key != old[0].key
    await webhooks.send(subscriber(f"{receiver.url}/ok", *fresh), MESSAGE, now())
    _, headers, body = receiver.came[-1]
    for secret in (fresh[0], old[0]):
        assert Webhook(secret.key).verify(body, headers)
    later = now() + OVERLAP_MS + 1000
    await webhooks.send(subscriber(f"{receiver.url}/ok", *fresh), MESSAGE, later)
    assert len(receiver.came[-1][1]["webhook-signature"].split(" ")) == 1
    assert len(rotated(fresh, later)) == 2  # what has ended is let go


@pytest.mark.parametrize(
    ("path", "outcome", "said"),
    [
        ("/slow", "retry", "no answer within 1 s"),
        ("/fails", "retry", "500"),
        ("/away", "retry", "sends elsewhere"),
        ("/gone", "gone", "410"),
        ("/refuses", "refused", "422"),
        ("/huge", "retry", "more than"),
    ],
)
async def test_whatever_the_other_side_does_is_an_outcome(
    path: str, outcome: str, said: str, receiver: Receiver, webhooks: WebhookChannel
) -> None:
    sent = await webhooks.send(subscriber(f"{receiver.url}{path}"), MESSAGE, now())
    assert sent.outcome == outcome
    assert said in sent.detail
    assert receiver.counts[path] == 1
    assert receiver.counts.total() == 1  # nothing was followed, nothing tried again at once


async def test_a_receiver_that_asks_for_time_gets_it(receiver: Receiver, webhooks: WebhookChannel) -> None:
    sent = await webhooks.send(subscriber(f"{receiver.url}/busy"), MESSAGE, now())
    assert (sent.outcome, sent.after_s) == ("retry", 120.0)


async def test_an_expired_certificate_is_not_accepted(tmp_path: Path, webhooks: WebhookChannel) -> None:
    async with receiving(expired_certificate(tmp_path)) as receiver:
        sent = await webhooks.send(subscriber(f"https://127.0.0.1:{receiver.port}/ok"), MESSAGE, now())
        assert sent.outcome == "retry"
        assert "certificate" in sent.detail
        assert not receiver.came


async def test_a_private_address_is_refused_unless_it_is_allowed(receiver: Receiver) -> None:
    channel = WebhookChannel(Poster(Policy(plain_http=True, total_s=2.0)))
    try:
        sent = await channel.send(subscriber(f"{receiver.url}/ok"), MESSAGE, now())
    finally:
        await channel.close()
    assert sent.outcome == "retry"
    assert "REDIAN_OUTBOUND_ALLOW" in sent.detail
    assert not receiver.came


async def test_nobody_there_is_an_outcome(webhooks: WebhookChannel) -> None:
    sent = await webhooks.send(subscriber(f"http://127.0.0.1:{free_port()}/"), MESSAGE, now())
    assert sent.outcome == "retry"
    assert "cannot be reached" in sent.detail


async def test_a_chat_is_told_in_words(receiver: Receiver) -> None:
    told = await ChatChannel(ALLOWED).send(
        subscriber(f"json://127.0.0.1:{receiver.port}/chat", channel="chat"), MESSAGE, now()
    )
    assert told.outcome == "delivered"
    (body,) = receiver.at("/chat")
    content = json.loads(body)
    assert content["title"] == "emerging: Strong quake in Turin"
    assert "85 people within 15 min" in content["message"]
    failed = await ChatChannel(ALLOWED).send(
        subscriber(f"json://127.0.0.1:{receiver.port}/fails", channel="chat"), MESSAGE, now()
    )
    assert failed.outcome == "retry"
    assert "127.0.0.1" not in failed.detail


async def test_a_chat_at_a_private_address_is_refused_unless_it_is_allowed(receiver: Receiver) -> None:
    at = subscriber(f"json://localhost:{receiver.port}/chat", channel="chat")
    sent = await ChatChannel(Policy()).send(at, MESSAGE, now())
    assert sent.outcome == "retry"
    assert "REDIAN_OUTBOUND_ALLOW" in sent.detail
    assert not receiver.came
    assert (await ChatChannel(ALLOWED).send(at, MESSAGE, now())).outcome == "delivered"


@pytest.mark.parametrize(
    "address",
    [
        "slack://TokenAAAA/TokenBBBB/TokenCCCCCCCCCCCCCCCCCCCCC/#general",
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "dingtalk://abcdefghijkl/13912345678",
        "feishu://abc123def456",
        "wecombot://abc-123",
        "ntfy://topic",
        "mailto://user:pass@example.com",
        "workflows://prod-01.logic.azure.com:443/643e69f83c8944/signature",
    ],
)
def test_the_services_people_ask_for_have_addresses(address: str) -> None:
    assert len(notifier(address)) == 1


@pytest.mark.parametrize("address", ["syslog://", "dbus://", "nothing://x", "slack://", "hello"])
def test_an_address_of_no_service_or_of_this_machine_is_one_line(address: str) -> None:
    with pytest.raises(RedianError, match=r"no service has|would tell the machine"):
        notifier(address)


@asynccontextmanager
async def mosquitto(folder: Path, *settings: str) -> AsyncIterator[int]:
    """Yield the port of an MQTT broker that keeps to `settings`."""
    port = free_port()
    (folder / "mosquitto.conf").write_text("\n".join([f"listener {port} 127.0.0.1", *settings]))
    process = subprocess.Popen([MOSQUITTO, "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not _listens(port):
            assert process.poll() is None, "mosquitto ended"
            assert time.monotonic() < deadline, "mosquitto does not listen"
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


@needs_mosquitto
async def test_a_real_mqtt_broker_takes_it_and_hands_it_on(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.touch(0o600)
    subprocess.run(["mosquitto_passwd", "-b", passwords, "redian", "a@b/c"], check=True)
    rules = ("allow_anonymous false", f"password_file {passwords}")
    async with mosquitto(tmp_path, *rules, *(("user root",) if os.geteuid() == 0 else ())) as port:
        at = f"127.0.0.1:{port}/redian/alerts"
        mine = {"username": "redian", "password": "a@b/c"}
        async with aiomqtt.Client("127.0.0.1", port, **mine) as listening:
            await listening.subscribe("redian/#", qos=1)
            sent = await MqttChannel(ALLOWED).send(
                subscriber(f"mqtt://redian:a%40b%2Fc@{at}", channel="mqtt"), MESSAGE, now()
            )
            assert sent.outcome == "delivered", sent.detail
            came = await asyncio.wait_for(anext(aiter(listening.messages)), 10)
        assert (str(came.topic), came.qos) == ("redian/alerts", 1)
        assert json.loads(came.payload)["data"]["alert"]["alert_id"] == "a"
        refused = await MqttChannel(ALLOWED).send(
            subscriber(f"mqtt://redian:wrong@{at}", channel="mqtt"), MESSAGE, now()
        )
        assert refused.outcome == "retry"
        assert "wrong" not in refused.detail


@needs_mosquitto
async def test_an_mqtt_broker_is_found_at_a_later_address_of_its_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def two_addresses(host: str, port: int, **given: Any) -> list[Any]:
        assert host == "broker.example"
        return [*await real("127.0.0.9", port, **given), *await real("127.0.0.1", port, **given)]

    rules = ("allow_anonymous true", *(("user root",) if os.geteuid() == 0 else ()))
    async with mosquitto(tmp_path, *rules) as port:
        monkeypatch.setattr(loop, "getaddrinfo", two_addresses)
        sent = await MqttChannel(ALLOWED).send(
            subscriber(f"mqtt://broker.example:{port}/t", channel="mqtt"), MESSAGE, now()
        )
    assert sent.outcome == "delivered", sent.detail


@needs_mosquitto
async def test_an_mqtt_broker_with_an_expired_certificate_is_not_trusted(tmp_path: Path) -> None:
    expired_certificate(tmp_path)
    pem = tmp_path / "expired.pem"
    rules = (
        f"certfile {pem}",
        f"keyfile {pem}",
        "allow_anonymous true",
        *(("user root",) if os.geteuid() == 0 else ()),
    )
    async with mosquitto(tmp_path, *rules) as port:
        sent = await MqttChannel(ALLOWED).send(
            subscriber(f"mqtts://127.0.0.1:{port}/t", channel="mqtt"), MESSAGE, now()
        )
    assert sent.outcome == "retry"
    assert "certificate" in sent.detail


async def test_an_mqtt_broker_at_a_private_address_is_refused_unless_it_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        at = subscriber(f"mqtt://localhost:{listening.getsockname()[1]}/t", channel="mqtt")
        sent = await MqttChannel(Policy()).send(at, MESSAGE, now())
        with pytest.raises(TimeoutError):
            listening.accept()
    assert sent.outcome == "retry"
    assert "REDIAN_OUTBOUND_ALLOW" in sent.detail


async def test_no_mqtt_broker_there_is_an_outcome() -> None:
    sent = await MqttChannel(ALLOWED).send(
        subscriber(f"mqtt://127.0.0.1:{free_port()}/t", channel="mqtt"), MESSAGE, now()
    )
    assert sent.outcome == "retry"


@pytest.mark.parametrize(
    "address", ["mqtt://host", "mqtt:///t", "http://host/t", "mqtt://host/a/+", "mqtt://host/%23", "mqtt://h:x/t", "t"]
)
def test_what_is_no_address_of_mqtt_is_one_line(address: str) -> None:
    with pytest.raises(RedianError, match="an MQTT address is like"):
        mqtt_address(address)


async def test_alertmanager_gets_one_alert_a_hotspot(receiver: Receiver) -> None:
    channel = AlertmanagerChannel(Poster(ALLOWED))
    try:
        at = subscriber(f"{receiver.url}/", channel="alertmanager")
        assert (await channel.send(at, MESSAGE, now())).outcome == "delivered"
        assert (await channel.send(at, Message("t", "test"), now())).outcome == "delivered"
        assert (await channel.send(at, message_of("m", [a_turn()]), now())).outcome == "delivered"
    finally:
        await channel.close()
    first, second, third = (json.loads(body)[0] for body in receiver.at("/api/v2/alerts"))
    assert first["labels"] == {"alertname": "RedianHotspot", "hotspot": "h", "simulated": "false"}
    assert first["annotations"]["summary"] == "Strong quake in Turin"
    assert second["labels"]["alertname"] == "RedianTest"
    assert third["labels"] == {"alertname": "RedianMood", "watchlist": "tesla"}


@pytest.mark.skipif(not shutil.which("prometheus-alertmanager"), reason="Alertmanager is not installed")
async def test_a_real_alertmanager_takes_it(tmp_path: Path) -> None:
    (tmp_path / "am.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    port = free_port()
    command = ["prometheus-alertmanager", f"--config.file={tmp_path}/am.yml", f"--storage.path={tmp_path}/data"]
    process = subprocess.Popen(
        [*command, f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    channel = AlertmanagerChannel(Poster(ALLOWED))
    try:
        at = subscriber(f"http://127.0.0.1:{port}", channel="alertmanager")
        deadline = time.monotonic() + 30
        while (sent := await channel.send(at, MESSAGE, now())).outcome != "delivered":
            assert time.monotonic() < deadline, sent.detail
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/api/v2/alerts") as found:
            (alert,) = await found.json()
        assert alert["labels"]["hotspot"] == "h"
        assert alert["status"]["state"] in ("active", "unprocessed")
    finally:
        await channel.close()
        process.terminate()
        process.wait(10)
