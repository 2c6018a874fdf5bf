"""Those who call us: wrong signatures, replayed times, what is not for us; nothing of it becomes a post."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from agents.adapters.sources.source import Refused
from agents.adapters.sources.webhook import BadSignature, key_of, verify
from agents.adapters.sources.wechat_messages import BadMessage, fields_of, opened
from agents.adapters.sources.wechat_messages import key_of as aes_key_of
from tests.sources.conftest import running, until, until_written, written
from tests.sources.platform import WaitingClock
from tests.sources.servers.pushing import (
    AES_KEY,
    APP_ID,
    VERIFY,
    WEBHOOK_SECRET,
    Meta,
    Pushing,
    Tencent,
    WebhookSender,
)

pytestmark = pytest.mark.sources


@pytest.fixture
async def clock() -> WaitingClock:
    return WaitingClock()


async def _made(kind: type[Pushing], folder: Path) -> AsyncIterator[Pushing]:
    made = kind(folder)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def sender(tmp_path: Path) -> AsyncIterator[WebhookSender]:
    async for made in _made(WebhookSender, tmp_path):
        yield made  # type: ignore[misc]


@pytest.fixture
async def meta(tmp_path: Path) -> AsyncIterator[Meta]:
    async for made in _made(Meta, tmp_path):
        yield made  # type: ignore[misc]


@pytest.fixture
async def tencent(tmp_path: Path) -> AsyncIterator[Tencent]:
    async for made in _made(Tencent, tmp_path):
        yield made  # type: ignore[misc]


async def test_a_webhook_is_taken_once_and_only_if_signed_and_now(
    broker: str, sender: WebhookSender, clock: WaitingClock
) -> None:
    post = {"id": "1", "platform": "f", "author": "a", "created_at": "2026-03-01T00:00:00Z", "text": "x"}
    body, now = json.dumps(post).encode(), time.time()
    good = sender.headers(body, "msg_once", now)
    source = sender.source(clock)
    async with running(broker, source, clock):
        await until(sender.ready)
        assert (await sender.send(body, headers=good))[0] == 204
        # The same call once more, as someone who listened could send it: taken for done, and nothing is written.
        assert (await sender.send(body, headers=good))[0] == 204
        for headers in (
            {},
            {**good, "webhook-signature": "v1,AAAA"},
            {**good, "webhook-signature": "v2," + good["webhook-signature"][3:]},
            {**good, "webhook-id": "msg_other"},
            {**good, "webhook-timestamp": "1e9"},
            sender.headers(body, "msg_old", now - 301),
            sender.headers(body, "msg_early", now + 305),
        ):
            assert (await sender.send(body, headers=headers))[0] == 401
        assert (await sender.send(body + b" ", headers=sender.headers(body, "msg_x", now)))[0] == 401
        big = b"[" + b" " * (2 * 1024 * 1024) + b"]"
        assert (await sender.send(big, headers=sender.headers(big, "msg_big", now)))[0] == 413
        html = b"<html></html>"
        assert (await sender.send(html, headers=sender.headers(html, "msg_html", now)))[0] == 204
        found = await until_written(broker, source.name, lambda found: bool(found.dead))
    assert found.ids == ["1"]
    assert [letter.reason for letter in found.dead] == ["not_json"]


def test_the_vector_of_the_specification_is_verified() -> None:
    # Of the reference implementation's own tests.
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert verify(key, headers, b'{"test": 2432232314}', 1_614_265_330_000) == headers["webhook-id"]
    with pytest.raises(BadSignature):
        verify(key, headers, b'{"test": 2432232315}', 1_614_265_330_000)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "not base64 at all!"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(Refused, match="whsec_"):
        key_of(secret)
    assert len(key_of(WEBHOOK_SECRET)) >= 24


async def test_facebook_is_believed_only_with_its_signature(broker: str, meta: Meta, clock: WaitingClock) -> None:
    source = meta.source(clock)
    async with running(broker, source, clock):
        await until(meta.ready)
        body = meta.post(1)
        for headers in (
            {},
            meta.signed(body, "another secret"),
            meta.signed(body + b" "),
            {"X-Hub-Signature-256": "x"},
        ):
            assert (await meta.send(body, headers=headers))[0] == 401
        await meta.insist(body, headers=meta.signed(body))
        await meta.insist(body, headers=meta.signed(body))  # Meta repeats what it is unsure of
        gone = meta.body(verb="remove", post_id="44_1")
        await meta.insist(gone, headers=meta.signed(gone))
        liked = meta.body(item="reaction", post_id="44_1")
        await meta.insist(liked, headers=meta.signed(liked))
        found = await until_written(broker, source.name, lambda found: bool(found.deleted))
    assert found.ids == ["44_1"]
    assert [deletion.id for deletion in found.deleted] == ["44_1"]
    assert not found.dead


async def test_facebook_is_registered_with_the_verify_token(broker: str, meta: Meta, clock: WaitingClock) -> None:
    source = meta.source(clock)
    async with running(broker, source, clock):
        await until(meta.ready)
        address = f"http://127.0.0.1:{meta.opened.door.port}/facebook"
        async with aiohttp.ClientSession() as session:
            asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": VERIFY}
            async with session.get(address, params=asked) as answer:
                assert (answer.status, await answer.text()) == (200, "1158201444")
            async with session.get(address, params={**asked, "hub.verify_token": "no"}) as answer:
                assert answer.status == 403


async def test_wechat_is_believed_only_signed_now_and_for_this_account(
    broker: str, tencent: Tencent, clock: WaitingClock
) -> None:
    source = tencent.source(clock)
    async with running(broker, source, clock):
        await until(tencent.ready)
        now = time.time()
        message = tencent.message("7", "暴雨", int(now))
        envelope = tencent.sealed(message)
        good = tencent.call(envelope)
        other = tencent.call(tencent.sealed(message, app_id="wx-of-somebody-else"))
        plain = (message.encode(), good[1])
        for body, query in (
            tencent.call(envelope, token="wrong"),
            tencent.call(envelope, at=now - 400),
            tencent.call(envelope, at=now + 400),
            (good[0], ""),
            other,
            tencent.call("AAAA"),
            tencent.call(tencent.sealed(message)[:-8] + "AAAAAAA="),
            plain,
            (b"<xml>", good[1]),
            (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>', good[1]),
        ):
            assert (await tencent.send(body, query=query))[0] == 401, body
        assert not (await _ids(broker, source.name))
        for _ in range(2):  # WeChat calls again when an answer takes longer than five seconds
            assert await tencent.send(good[0], query=good[1]) == (200, "success")
        assert await _ids(broker, source.name) == ["7"]


async def _ids(broker: str, name: str) -> list[str]:
    return written(broker, name).ids


async def test_wechat_registers_the_callback(broker: str, tencent: Tencent, clock: WaitingClock) -> None:
    source = tencent.source(clock)
    async with running(broker, source, clock):
        await until(tencent.ready)
        _, query = tencent.call("")
        address = f"http://127.0.0.1:{tencent.opened.door.port}/wechat"
        async with aiohttp.ClientSession() as session:
            right = query.replace("msg_signature", "signature") + "&echostr=5837397"
            async with session.get(address + right) as answer:
                assert (answer.status, await answer.text()) == (200, "5837397")
            async with session.get(address + query + "&echostr=5837397") as answer:
                assert answer.status == 401


def test_an_envelope_with_a_wrong_padding_or_key_is_no_message(tmp_path: Path) -> None:
    envelope = Tencent(tmp_path).sealed("<xml/>")
    assert opened(envelope, aes_key_of(AES_KEY), APP_ID) == b"<xml/>"
    for bad, key in ((envelope, b"k" * 32), ("", bytes(range(32))), ("!", bytes(range(32)))):
        with pytest.raises(BadMessage):
            opened(bad, key, APP_ID)
    with pytest.raises(Refused):
        aes_key_of("short")
    with pytest.raises(BadMessage):
        fields_of(b"\0")


async def test_nothing_is_confirmed_that_kafka_has_not(tencent: Tencent, clock: WaitingClock) -> None:
    # Nobody takes what comes through this door, so no caller may hear a yes.
    from agents.adapters.sources import door

    source = tencent.source(clock)
    batches = source.batches(None)
    first = anext(batches)
    import asyncio

    taking = asyncio.ensure_future(first)
    await until(tencent.ready)
    before, door.ACKNOWLEDGED_S = door.ACKNOWLEDGED_S, 0.2  # type: ignore[misc]
    try:
        body, query = tencent.call(tencent.sealed(tencent.message("9", "x", 1_772_323_200)))
        assert (await tencent.send(body, query=query))[0] == 503
    finally:
        door.ACKNOWLEDGED_S = before  # type: ignore[misc]
        await taking
        await batches.aclose()
