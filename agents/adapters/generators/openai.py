"""Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, a cloud. Streamed, everything limited.

Trusts nothing that the server says: an answer that is no stream of events, too long, too slow, or cut off is an error
in one line.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import httpx
import msgspec
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from agents.errors import RedianError

MAX_BYTES: Final = 1024 * 1024
MAX_CHARS: Final = 20_000
ATTEMPTS: Final = 3
MAX_TOKENS_COUNTED: Final = 1_000_000_000
"""Tokens of one answer at most that a server may say it counted."""


class GeneratorError(RedianError):
    """The server gave nothing that can be used; `charged` attempts may be on its bill all the same."""

    charged = 0


class _TryAgain(GeneratorError):
    """A fault that may pass: no connection, silence, a 429 or 500."""


class Answer(msgspec.Struct, frozen=True):
    """What a model said, how long it took, and how many tokens the server counted, 0 where it did not.

    `charged` attempts before may be on the server's bill though nothing came of them.
    """

    text: str
    seconds: float
    tokens_in: int
    tokens_out: int
    charged: int = 0


_Tokens = Annotated[int, msgspec.Meta(ge=0, le=MAX_TOKENS_COUNTED)]


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: _Tokens = 0
    completion_tokens: _Tokens = 0


class _Event(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None


_EVENTS = msgspec.json.Decoder(_Event)


class OpenAiGenerator:
    """One model of one server.

    Args:
        url: where its `/chat/completions` stands, such as http://127.0.0.1:8080/v1. The operator's choice.
        model: its name there.
        key: a bearer token, "" for none.
        timeout_s: for all of one attempt.
        max_tokens: of an answer.
        retry_s: first wait between attempts; it doubles.
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str = "",
        timeout_s: float = 60.0,
        max_tokens: int = 400,
        retry_s: float = 0.5,
    ) -> None:
        self.name = f"openai:{model}"
        self.max_tokens = max_tokens
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._body = {
            "model": model, "stream": True, "temperature": 0.2, "max_tokens": max_tokens,
            "stream_options": {"include_usage": True},
        }  # fmt: skip
        # A compressed answer could be a thousand times larger than what arrives.
        self._headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._timeout_s, self._retry_s = timeout_s, retry_s

    def generate(self, messages: Sequence[Mapping[str, Any]]) -> Answer:
        """Return the model's answer.

        Raises:
            GeneratorError: in one line, why there is none, after at most three attempts.
        """
        charged = 0
        for attempt in Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=self._retry_s, max=10),
            retry=retry_if_exception_type(_TryAgain),
            reraise=True,
        ):
            with attempt:
                try:
                    return msgspec.structs.replace(self._once(messages), charged=charged)
                except GeneratorError as error:
                    charged += error.charged
                    error.charged = charged
                    raise
        raise AssertionError("tenacity raises or returns")

    def _once(self, messages: Sequence[Mapping[str, Any]]) -> Answer:
        try:
            return asyncio.run(self._in_time(messages))
        except TimeoutError:
            late = _TryAgain(f"the language model takes longer than {self._timeout_s:g} s")
            late.charged = 1
            raise late from None
        except httpx.TransportError as error:
            failed = _TryAgain(f"the language model's server fails: {type(error).__name__}")
            # A server that was reached may have worked although its answer did not arrive.
            failed.charged = 0 if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else 1
            raise failed from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise GeneratorError(f"the language model's server cannot be asked: {type(error).__name__}") from None

    async def _in_time(self, messages: Sequence[Mapping[str, Any]]) -> Answer:
        """Ask once. One limit on all of it: httpx's own are for each read, so a byte at a time would never end."""
        began = time.monotonic()
        timeout = httpx.Timeout(None, connect=min(5.0, self._timeout_s))
        async with (
            asyncio.timeout(self._timeout_s),
            httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST", self._url, json={**self._body, "messages": messages}, headers=self._headers
            ) as response,
        ):
            if response.status_code == 429 or response.status_code >= 500:
                raise _TryAgain(f"the language model's server answers {response.status_code}")
            if response.status_code != 200:
                raise GeneratorError(f"the language model's server answers {response.status_code}")
            try:
                return await self._read(response, began)
            except GeneratorError as error:
                error.charged = 1
                raise

    @staticmethod
    async def _read(response: httpx.Response, began: float) -> Answer:
        if "text/event-stream" not in response.headers.get("content-type", ""):
            raise GeneratorError("the language model's server answers with something else than a stream of events")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise GeneratorError("the language model's server compresses its answer, which it was told not to")
        text, size, finished, used = "", 0, False, _Usage()
        pending = b""
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > MAX_BYTES or len(text) > MAX_CHARS:
                raise GeneratorError(f"the language model's answer is longer than {MAX_CHARS} characters")
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                if not line.startswith(b"data:"):
                    continue
                data = line[5:].strip()
                if data == b"[DONE]":
                    finished = True
                    continue
                event = _event(data)
                used = event.usage or used
                if event.choices:
                    said = event.choices[0]
                    text += (said.delta.content if said.delta else None) or ""
                    finished = finished or bool(said.finish_reason)
        if not finished:
            raise _TryAgain("the language model's answer was cut off")
        if not text.strip():
            raise GeneratorError("the language model's answer is empty")
        return Answer(text[:MAX_CHARS], time.monotonic() - began, used.prompt_tokens, used.completion_tokens)


def _event(data: bytes) -> _Event:
    try:
        return _EVENTS.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise GeneratorError("the language model's server sends an event that cannot be read") from None
