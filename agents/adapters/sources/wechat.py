"""WeChat: what people write to an official account, by its callbacks: signed, encrypted, answered within five seconds.

Each message becomes a post of its sender, and with a desk a question: its answer goes back with the call if it is there
in time, else as a customer-service message (`wechat_service.py`).
Terms, keys and what was tested: docs/sources/wechat.md.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from typing import Final

from aiohttp import web
from aiokafka.errors import KafkaError

from agents.adapters.sources.clock import Clock
from agents.adapters.sources.door import Door
from agents.adapters.sources.replying import Desk
from agents.adapters.sources.source import Batch, Malformed
from agents.adapters.sources.wechat_messages import BadMessage, fields_of, is_signed, key_of, opened, reply
from agents.adapters.sources.wechat_service import TEXT_BYTES, Service
from agents.settings import Settings
from streams.contracts.posts import Post
from streams.contracts.times import format_time
from streams.ingesting.replies import Asking, is_question, reply_text

log = logging.getLogger(__name__)

PLATFORM: Final = "wechat"
WINDOW_S: Final = 300
CALL_S: Final = 4.0
"""WeChat hangs up after five seconds."""


class WeChat:
    """Callbacks of an official account in safe mode.

    Args:
        app_id: of the account.
        token: chosen by the operator; signs every call.
        encoding_aes_key: of the account.
        clock: for the window.
        host: address to listen on; WeChat wants port 80 or 443 before it.
        port: 0 for any that is free.
    """

    live = True

    def __init__(self, app_id: str, token: str, encoding_aes_key: str, *, clock: Clock, host: str, port: int) -> None:
        self.name = f"wechat:{app_id}"
        self._app_id = app_id
        self._token = token
        self._key = key_of(encoding_aes_key)
        self._clock = clock
        self._asking: Asking = "none"
        self._service: Service | None = None
        self._desk: Desk | None = None
        self.door = Door(host, port, "/wechat")

    def answer(self, asking: Asking, service: Service, settings: Settings) -> None:
        """Have messages put on `questions` and their answers told.

        Args:
            asking: which messages are questions.
            service: tells what comes too late for the call.
            settings: where the brokers are.
        """
        self._asking = asking
        self._service = service
        self._desk = Desk(self.name, service, settings, clock=self._clock)

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:  # noqa: ARG002 - WeChat calls again by itself
        """Serve /wechat."""
        async with AsyncExitStack() as stack:
            if self._service is not None and self._desk is not None:
                await self._service.check()
                await stack.enter_async_context(self._desk.opened(self.door.fail))
            async with aclosing(self.door.batches(self._take, self._verify)) as batches:
                async for batch in batches:
                    yield batch

    def _checked(self, request: web.Request, name: str, *parts: str) -> None:
        timestamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
        if not is_signed(request.query.get(name, ""), self._token, timestamp, nonce, *parts):
            raise BadMessage("the signature does not match")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12):
            raise BadMessage("there is no timestamp")
        if abs(int(timestamp) - self._clock.now_ms() / 1000) > WINDOW_S:
            raise BadMessage("the timestamp is more than five minutes off")

    async def _verify(self, request: web.Request) -> web.Response:
        """Answer the registration of the callback."""
        try:
            self._checked(request, "signature")
        except BadMessage as error:
            return web.Response(status=401, text=str(error))
        return web.Response(text=request.query.get("echostr", ""), content_type="text/plain")

    async def _take(self, request: web.Request) -> web.Response:
        until = asyncio.get_running_loop().time() + CALL_S
        body = await request.read()
        try:
            outer = fields_of(body)
            envelope = outer.get("Encrypt", "")
            # Without the envelope anyone on the way could read and write along: only safe mode is taken.
            if not envelope:
                raise BadMessage("the message is not encrypted: set the account to safe mode")
            self._checked(request, "msg_signature", envelope)
            document = opened(envelope, self._key, self._app_id)
        except BadMessage as error:
            return web.Response(status=401, text=str(error))
        batch = self._read(document)
        if (batch.posts or batch.malformed) and not await self.door.deliver(batch):
            return web.Response(status=503)
        try:
            said = (
                await self._reply(batch.posts[0], fields_of(document).get("ToUserName", ""), until)
                if batch.posts
                else None
            )
        except (KafkaError, OSError) as error:
            log.warning("a question was not acknowledged (%r); WeChat calls again", error)
            return web.Response(status=503)
        return web.Response(text="success") if said is None else web.Response(body=said, content_type="text/xml")

    async def _reply(self, message: Post, account: str, until: float) -> bytes | None:
        """Ask what a message asks; return the reply to the call if it is there in time."""
        if self._desk is None or not is_question(message.text, self._asking):
            return None
        answer = await self._desk.ask(message.id, message.author, message.text, until)
        if answer is None:
            return None
        text = reply_text(answer, TEXT_BYTES)
        now_s = self._clock.now_ms() // 1000
        whose = {"to": message.author, "account": account, "app_id": self._app_id}
        return reply(text, now_s=now_s, key=self._key, token=self._token, **whose)

    def _read(self, document: bytes) -> Batch:
        try:
            fields = fields_of(document)
            kind = fields.get("MsgType", "")
            text = fields.get("Recognition", "") if kind == "voice" else fields.get("Content", "")
            if kind not in ("text", "voice") or not text:
                return Batch()
            post = Post(
                id=str(int(fields["MsgId"])),
                platform=PLATFORM,
                author=fields["FromUserName"],
                created_at=format_time(int(fields["CreateTime"]) * 1000),
                text=text,
            )
        except BadMessage as error:
            return Batch(malformed=(Malformed(document, "wrong_type", str(error)),))
        except KeyError as error:
            return Batch(malformed=(Malformed(document, "missing_field", f"{error} is missing"),))
        except (ValueError, OverflowError, OSError):
            return Batch(malformed=(Malformed(document, "wrong_type", "MsgId or CreateTime is no number"),))
        return Batch(posts=(post,))
