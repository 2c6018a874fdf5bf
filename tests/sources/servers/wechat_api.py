"""WeChat's API as far as replies need it: tokens, customer-service messages, and the codes that it documents."""

import asyncio
import json
from dataclasses import dataclass, field

from aiohttp import web

APP_SECRET = "an-app-secret-that-only-these-tests-use"


@dataclass
class WeChatApi:
    """The API of one account. What `codes` holds is answered first; "drop" takes the message and hangs up."""

    app_id: str
    codes: list[int | str] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    tokens: int = 0
    port: int = 0

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/cgi-bin/stable_token", self._token)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked["grant_type"] != "client_credential" or asked["appid"] != self.app_id:
            return web.json_response({"errcode": 40013, "errmsg": "invalid appid"})
        if asked["secret"] != APP_SECRET:
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret"})
        self.tokens += 1
        return web.json_response({"access_token": f"token-{self.tokens}", "expires_in": 7200})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        code = self.codes.pop(0) if self.codes else 0
        if request.query["access_token"] != f"token-{self.tokens}":
            code = 40001
        body = await request.read()
        said = json.loads(body)
        assert b"\\u" not in body, "WeChat shows escaped characters as they are"
        assert said["msgtype"] == "text"
        if len(said["text"]["content"].encode()) > 2048:
            code = 45002
        if code in (0, "drop"):
            self.told.append((said["touser"], said["text"]["content"]))
        if code == "drop":
            assert request.transport is not None
            request.transport.close()
            await asyncio.sleep(0)
        # The platform answers JSON as text/plain.
        return web.Response(text=json.dumps({"errcode": code, "errmsg": "…"}))
