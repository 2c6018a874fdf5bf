"""Those who call us: they send until they get a yes, as platforms do."""

import asyncio
import base64
import hashlib
import hmac
import io
import json
import time
from abc import abstractmethod
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from standardwebhooks import Webhook as Sender

from agents.adapters.sources.facebook import Facebook
from agents.adapters.sources.source import Source
from agents.adapters.sources.webhook import Webhook
from agents.adapters.sources.wechat import WeChat
from tests.sources.platform import Platform, WaitingClock

WEBHOOK_SECRET = "whsec_" + "c2VjcmV0LXRoYXQtb25seS10aGVzZS10ZXN0cy11c2U="
TRIES = 100


class Pushing(Platform):
    """A platform that calls. `door` is the source's own server."""

    pushes = True
    calls = 0

    def routes(self, app: web.Application) -> None:
        self.opened: Any = None

    def ready(self) -> bool:
        return bool(self.opened is not None and self.opened.door.port)

    @abstractmethod
    def open(self, clock: WaitingClock) -> Source:
        """Return the source."""

    def source(self, clock: WaitingClock) -> Source:
        self.opened = self.open(clock)
        return self.opened  # type: ignore[no-any-return]

    async def send(self, body: bytes, *, headers: dict[str, str] | None = None, query: str = "") -> tuple[int, str]:
        """Send once; return status and body."""
        address = f"http://127.0.0.1:{self.opened.door.port}{self.opened.door.path}{query}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(address, data=io.BytesIO(body), headers=headers) as answer,
        ):
            return answer.status, await answer.text()

    async def insist(self, body: bytes, *, headers: dict[str, str] | None = None, query: str = "") -> None:
        """Send until there is a yes."""
        for _ in range(TRIES):
            try:
                status, _body = await self.send(body, headers=headers, query=query)
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)
                continue
            assert status < 400, status
            return
        raise AssertionError("nobody answers")


class WebhookSender(Pushing):
    """A sender of Standard Webhooks, with the reference implementation's signature."""

    spoiled = "wrong_type"

    def open(self, clock: WaitingClock) -> Source:
        return Webhook(f"sender-{self.port}", WEBHOOK_SECRET, clock=clock, host="127.0.0.1", port=0)

    def headers(self, body: bytes, message_id: str, at: float) -> dict[str, str]:
        moment = datetime.fromtimestamp(int(at), UTC)
        signature = Sender(WEBHOOK_SECRET).sign(message_id, moment, body.decode())
        return {"webhook-id": message_id, "webhook-timestamp": str(int(at)), "webhook-signature": signature}

    async def give(self, record: object) -> None:
        WebhookSender.calls += 1
        body = json.dumps(record).encode()
        await self.insist(body, headers=self.headers(body, f"msg_{WebhookSender.calls}", time.time()))

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        moment = datetime.fromtimestamp(time.time() if created_ms is None else created_ms / 1000, UTC)
        post = {"id": f"p{number}", "platform": "forum", "author": "ann", "text": f"post {number} here"}
        await self.give({**post, "created_at": moment.isoformat()})
        return f"p{number}"

    async def spoil(self) -> None:
        await self.give(
            {"id": 7, "platform": "forum", "author": "a", "created_at": "2026-03-01T00:00:00Z", "text": "x"}
        )


APP_SECRET = "an-app-secret-of-these-tests"
VERIFY = "a-verify-token-of-these-tests"


class Meta(Pushing):
    """Meta, telling of a page's feed."""

    def open(self, clock: WaitingClock) -> Source:
        source = Facebook(APP_SECRET, VERIFY, clock=clock, host="127.0.0.1", port=0)
        source.name = f"facebook:test-{self.port}"
        return source

    def signed(self, body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
        return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}

    def body(self, **value: object) -> bytes:
        change = {"field": "feed", "value": {"item": "status", "verb": "add", **value}}
        return json.dumps({"object": "page", "entry": [{"id": "44", "time": 1, "changes": [change]}]}).encode()

    def post(self, number: int, created_ms: int | None = None) -> bytes:
        created = int(time.time() if created_ms is None else created_ms / 1000)
        who = {"id": "7", "name": "Ann"}
        return self.body(post_id=f"44_{number}", message=f"post {number} here", created_time=created, **{"from": who})

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        body = self.post(number, created_ms)
        await self.insist(body, headers=self.signed(body))
        return f"44_{number}"

    async def spoil(self) -> None:
        body = self.body(post_id=["44_1"], message="x", created_time=1, **{"from": {"id": "7"}})
        await self.insist(body, headers=self.signed(body))


APP_ID = "wx0123456789abcdef"
WECHAT_TOKEN = "a-token-of-these-tests"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")


class Tencent(Pushing):
    """WeChat, handing on what people write to an official account; the envelope is sealed here, not by Redian."""

    def open(self, clock: WaitingClock) -> Source:
        source = WeChat(APP_ID, WECHAT_TOKEN, AES_KEY, clock=clock, host="127.0.0.1", port=0)
        source.name = f"wechat:test-{self.port}"
        return source

    def sealed(self, document: str, app_id: str = APP_ID) -> str:
        content = document.encode()
        plain = b"r" * 16 + len(content).to_bytes(4, "big") + content + app_id.encode()
        padding = 32 - len(plain) % 32
        encryptor = Cipher(algorithms.AES(bytes(range(32))), modes.CBC(bytes(range(16)))).encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def call(self, envelope: str, *, at: float | None = None, token: str = WECHAT_TOKEN) -> tuple[bytes, str]:
        """Return the body and the query of a call."""
        timestamp, nonce = str(int(time.time() if at is None else at)), "4711"
        signed = hashlib.sha1("".join(sorted([token, timestamp, nonce, envelope])).encode()).hexdigest()
        body = f"<xml><ToUserName><![CDATA[gh]]></ToUserName><Encrypt><![CDATA[{envelope}]]></Encrypt></xml>"
        return body.encode(), f"?timestamp={timestamp}&nonce={nonce}&msg_signature={signed}&encrypt_type=aes"

    def message(self, number: str, text: str, created: int) -> str:
        return (
            "<xml><ToUserName><![CDATA[gh]]></ToUserName><FromUserName><![CDATA[oAnn]]></FromUserName>"
            f"<CreateTime>{created}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId></xml>"
        )

    async def publish(self, number: int, *, created_ms: int | None = None) -> str:
        created = int(time.time() if created_ms is None else created_ms / 1000)
        body, query = self.call(self.sealed(self.message(str(10**15 + number), f"post {number} 你好", created)))
        await self.insist(body, query=query)
        return str(10**15 + number)

    async def spoil(self) -> None:
        body, query = self.call(self.sealed(self.message("no number", "x", 1)))
        await self.insist(body, query=query)
