"""WeChat's customer-service messages: an answer to somebody who wrote to the account, within the platform's limits.

As documented: POST cgi-bin/stable_token for a token of two hours, POST cgi-bin/message/custom/send with it.
"""

from contextlib import suppress
from typing import Final

import aiohttp
import msgspec

from agents.adapters.outbound import OutboundRefused, fetch
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.fetching import Web, judge, seconds_of, told
from agents.adapters.sources.replying import NotNow, NotTold
from agents.adapters.sources.source import Interrupted, Refused
from streams.contracts.answers import Answer
from streams.contracts.decoding import json_decoder
from streams.ingesting.replies import reply_text

ENDPOINT: Final = "https://api.weixin.qq.com"
TEXT_BYTES: Final = 2048
SPARE_S: Final = 300.0
"""A token is not used in its last minutes."""

_WRONG_TOKEN: Final = frozenset({40001, 40014, 42001})
_BUSY_S: Final = {-1: 2.0, 45009: 3600.0, 45011: 60.0}
"""Codes of a server that is busy, of a day's requests and of a minute's that are used up; how long to wait."""
_REFUSED: Final = {
    40013: "the AppID is wrong",
    40125: "the secret is wrong",
    40164: "this machine's address is not on the account's IP whitelist",
    40243: "the secret is frozen",
    48001: "the account has no permission for customer-service messages",
    50004: "the account may not use this interface",
    50007: "the account is frozen",
}


class _Token(msgspec.Struct):
    access_token: str = ""
    expires_in: int = 0
    errcode: int = 0


class _Code(msgspec.Struct):
    errcode: int


_TOKEN: Final = json_decoder(_Token)
_CODE: Final = json_decoder(_Code)


class Service:
    """The customer-service interface of one account.

    Args:
        app_id: of the account.
        secret: of the account (AppSecret).
        clock: for the token's end.
        web: how to go there.
        endpoint: of the API.
    """

    def __init__(self, app_id: str, secret: str, *, clock: Clock, web: Web, endpoint: str = ENDPOINT) -> None:
        self._app_id = app_id
        self._secret = secret
        self._clock = clock
        self._web = web
        self._endpoint = endpoint.rstrip("/")
        self._policy = web.policy(endpoint)
        self._token = ""
        self._until_ms = 0

    async def check(self) -> None:
        """Ask for a token, so that a wrong secret is told at the start; what passes by itself is passed over.

        Raises:
            Refused: a person has to mend the account or its secret.
        """
        async with self._session() as session:
            with suppress(NotNow, NotTold):
                await self._fresh(session)

    async def tell(self, person: str, answer: Answer) -> None:
        """Tell somebody who wrote within the last 48 hours an answer; `person` is their OpenID.

        Raises:
            NotNow: a limit, or a token that ended; nobody was told.
            NotTold: the platform does not take it, or whether it did is unknown.
            Refused: a person has to mend the account or its secret.
        """
        async with self._session() as session:
            await self._send(session, person, reply_text(answer, TEXT_BYTES))

    def _session(self) -> aiohttp.ClientSession:
        return self._web.session(self._policy, {"Content-Type": "application/json"})

    async def _send(self, session: aiohttp.ClientSession, open_id: str, text: str) -> None:
        token = await self._fresh(session)
        body = msgspec.json.encode({"touser": open_id, "msgtype": "text", "text": {"content": text}})
        address = f"{self._endpoint}/cgi-bin/message/custom/send?access_token={token}"
        try:
            answer = await fetch(session, "POST", address, self._policy, body=body)
        except aiohttp.ClientConnectorError as error:
            raise NotNow(f"{error.host} does not answer", _BUSY_S[-1]) from None
        except OutboundRefused as error:
            raise NotTold(str(error)) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # It may have arrived: told once at most.
            raise NotTold(f"whether it arrived is unknown ({type(error).__name__})") from None
        if answer.status in (429, 503):
            asked = seconds_of(answer.headers.get("retry-after"), self._clock.now_ms())
            raise NotNow(f"answered with {answer.status}", _BUSY_S[45011] if asked is None else asked)
        try:
            code = _CODE.decode(answer.body).errcode
        except msgspec.MsgspecError:
            raise NotTold(f"answered with {answer.status} and no code") from None
        self._judge(code)

    def _judge(self, code: int) -> None:
        if code == 0:
            return
        if code in _WRONG_TOKEN:
            self._until_ms = 0
            raise NotNow(f"the token ended before its time ({code})", 1.0)
        if (wait_s := _BUSY_S.get(code)) is not None:
            raise NotNow(f"limited ({code})", wait_s)
        if (why := _REFUSED.get(code)) is not None:
            raise Refused(f"WeChat's customer-service messages: {why} ({code})")
        raise NotTold(f"not taken ({code})")

    async def _fresh(self, session: aiohttp.ClientSession) -> str:
        """Return a token that is good for a while yet."""
        now_ms = self._clock.now_ms()
        if now_ms < self._until_ms:
            return self._token
        asked = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        try:
            async with told():
                address = f"{self._endpoint}/cgi-bin/stable_token"
                answer = await fetch(session, "POST", address, self._policy, body=msgspec.json.encode(asked))
                judge(answer.status, answer.headers, "the token", self._clock)
            found = _TOKEN.decode(answer.body)
        except Interrupted as error:
            raise NotNow(
                f"no token: {error}", _BUSY_S[-1] if error.retry_after_s is None else error.retry_after_s
            ) from None
        except msgspec.MsgspecError:
            raise NotNow("no token: the answer is none", _BUSY_S[45011]) from None
        self._judge(found.errcode)
        if not found.access_token:
            raise NotNow("no token: the answer has none", _BUSY_S[45011])
        self._token = found.access_token
        self._until_ms = now_ms + int(max(found.expires_in - SPARE_S, 1.0) * 1000)
        return self._token
