"""The OpenAI-compatible generator against real sockets: a good server, hostile ones, a real model if there is one."""

import http.server
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from agents.adapters.generators.openai import ATTEMPTS, GeneratorError, OpenAiGenerator

Handler = http.server.BaseHTTPRequestHandler
MESSAGES = [{"role": "user", "content": "Say that the bridge is open."}]


@contextmanager
def serving(answer: Callable[[Handler], None]) -> Iterator[tuple[str, list[dict[str, object]]]]:
    asked: list[dict[str, object]] = []

    class Server(Handler):
        def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
            asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            with suppress(BrokenPipeError, ConnectionResetError):
                answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def events(handler: Handler, *lines: str, status: int = 200, kind: str = "text/event-stream") -> None:
    handler.send_response(status)
    handler.send_header("content-type", kind)
    handler.end_headers()
    for line in lines:
        handler.wfile.write(line.encode())
        handler.wfile.flush()


def said(text: str, finish: str | None = None) -> str:
    return f"data: {json.dumps({'choices': [{'delta': {'content': text}, 'finish_reason': finish}]})}\n\n"


USAGE = 'data: {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}\n\n'
DONE = "data: [DONE]\n\n"


def test_an_answer_is_streamed_and_its_tokens_counted() -> None:
    with serving(lambda h: events(h, said("The bridge "), said("is open.", "stop"), USAGE, DONE)) as (url, asked):
        answer = OpenAiGenerator(url, "m").generate(MESSAGES)
    assert (answer.text, answer.tokens_in, answer.tokens_out) == ("The bridge is open.", 9, 4)
    assert (asked[0]["model"], asked[0]["messages"]) == ("m", MESSAGES)


@pytest.mark.parametrize(
    ("answer", "why", "attempts"),
    [
        (lambda h: events(h, "<html>hello</html>", kind="text/html"), "something else", 1),
        (lambda h: events(h, said("The bri")), "cut off", ATTEMPTS),
        (lambda h: events(h, 'data: {"choices": [{"delta"\n\n', DONE), "cannot be read", 1),
        (lambda h: events(h, "data: [1, 2]\n\n", DONE), "cannot be read", 1),
        (lambda h: events(h, 'data: {"choices": [{"delta": {"content": 7}}]}\n\n', DONE), "cannot be read", 1),
        (lambda h: events(h, "oops", status=500), "500", ATTEMPTS),
        (lambda h: events(h, "slow down", status=429), "429", ATTEMPTS),
        (lambda h: events(h, "no", status=401), "401", 1),
        (lambda h: events(h, "", status=302), "302", 1),
        (lambda h: events(h, DONE), "empty", 1),
        (lambda h: events(h, *[said("x" * 10_000)] * 1000, DONE), "longer than", 1),
        (lambda _: time.sleep(2), "fails", ATTEMPTS),
        (lambda h: h.wfile.write(b"garbage\r\n\r\n"), "fails", ATTEMPTS),
    ],
)
def test_a_hostile_server_ends_in_one_line_after_bounded_attempts(
    answer: Callable[[Handler], None], why: str, attempts: int
) -> None:
    with serving(answer) as (url, asked):
        generator = OpenAiGenerator(url, "m", timeout_s=0.4, retry_s=0.01)
        with pytest.raises(GeneratorError) as caught:
            generator.generate(MESSAGES)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(asked) == attempts


def test_a_fault_that_passes_is_tried_again() -> None:
    turns = iter([500, 200])

    def answer(handler: Handler) -> None:
        events(handler, said("Open.", "stop"), DONE, status=next(turns))

    with serving(answer) as (url, asked):
        assert OpenAiGenerator(url, "m", retry_s=0.01).generate(MESSAGES).text == "Open."
    assert len(asked) == 2


def test_no_server_is_one_line() -> None:
    with pytest.raises(GeneratorError, match="fails"):
        OpenAiGenerator("http://127.0.0.1:9", "m", retry_s=0.01).generate(MESSAGES)


def test_a_real_model_answers_and_what_it_says_is_checked() -> None:
    """Needs LLM_SERVER, the address of a llama.cpp or other server, such as http://127.0.0.1:8080/v1."""
    url = os.environ.get("LLM_SERVER")
    if not url:
        pytest.skip("LLM_SERVER names no language model's server")
    answer = OpenAiGenerator(url, "default", timeout_s=120).generate(MESSAGES)
    assert answer.text.strip()
    assert answer.tokens_out > 0
