"""Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, a cloud. Streamed, everything limited.

Trusts nothing that the server says: an answer that is no stream of events, too long, or cut off is an error in one
line.
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
import msgspec
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from agents.errors import RedianError

MAX_BYTES: Final = 1024 * 1024
MAX_CHARS: Final = 20_000
ATTEMPTS: Final = 3


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
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
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
        began = time.monotonic()
        timeout = httpx.Timeout(self._timeout_s, connect=min(5.0, self._timeout_s))
        try:
            with (
                httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client,
                client.stream(
                    "POST", self._url, json={**self._body, "messages": messages}, headers=self._headers
                ) as response,
            ):
                if response.status_code == 429 or response.status_code >= 500:
                    raise _TryAgain(f"the language model's server answers {response.status_code}")
                if response.status_code != 200:
                    raise GeneratorError(f"the language model's server answers {response.status_code}")
                try:
                    return self._read(response, began)
                except GeneratorError as error:
                    error.charged = 1
                    raise
        except httpx.TransportError as error:
            failed = _TryAgain(f"the language model's server fails: {type(error).__name__}")
            # A server that was reached may have worked although its answer did not arrive.
            failed.charged = 0 if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else 1
            raise failed from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise GeneratorError(f"the language model's server cannot be asked: {type(error).__name__}") from None

    def _read(self, response: httpx.Response, began: float) -> Answer:
        if "text/event-stream" not in response.headers.get("content-type", ""):
            raise GeneratorError("the language model's server answers with something else than a stream of events")
        text, size, finished, tokens = "", 0, False, (0, 0)
        pending = b""
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > MAX_BYTES or len(text) > MAX_CHARS:
                raise GeneratorError(f"the language model's answer is longer than {MAX_CHARS} characters")
            if time.monotonic() - began > self._timeout_s:
                raise _TryAgain(f"the language model takes longer than {self._timeout_s:.0f} s")
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                if not line.startswith(b"data:"):
                    continue
                data = line[5:].strip()
                if data == b"[DONE]":
                    finished = True
                    continue
                said, done, counted = _event(data)
                text, finished, tokens = text + said, finished or done, counted or tokens
        if not finished:
            raise _TryAgain("the language model's answer was cut off")
        if not text.strip():
            raise GeneratorError("the language model's answer is empty")
        return Answer(text[:MAX_CHARS], time.monotonic() - began, *tokens)


def _event(data: bytes) -> tuple[str, bool, tuple[int, int] | None]:
    """Return what an event says, whether it is the last, and the tokens it counts."""
    try:
        event: dict[str, Any] = json.loads(data)
        choices = event.get("choices") or []
        said = (choices[0].get("delta") or {}).get("content") or "" if choices else ""
        done = bool(choices and choices[0].get("finish_reason"))
        usage = event.get("usage") or {}
        counted = (int(usage["prompt_tokens"]), int(usage["completion_tokens"])) if usage else None
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
        raise GeneratorError("the language model's server sends an event that cannot be read") from None
    if not isinstance(said, str):
        raise GeneratorError("the language model's server sends an event that cannot be read")
    return said, done, counted
