"""The OpenAI-compatible generator against real sockets: a good server, hostile ones, a real model if there is one."""

import gzip
import os
import threading
import time
from collections.abc import Callable

import pytest

from agents.adapters.generators.asking import Asking
from agents.adapters.generators.openai import ATTEMPTS, GeneratorError, OpenAiGenerator
from tests.agents.language_model import DONE, USAGE, Handler, events, said, serving

MESSAGES = [{"role": "user", "content": "Say that the bridge is open."}]


def test_an_answer_is_streamed_and_its_tokens_counted() -> None:
    with serving(lambda h: events(h, said("The bridge "), said("is open.", "stop"), USAGE, DONE)) as (url, asked):
        answer = OpenAiGenerator(url, "m").generate(MESSAGES)
    assert (answer.text, answer.tokens_in, answer.tokens_out) == ("The bridge is open.", 9, 4)
    assert (asked[0]["model"], asked[0]["messages"]) == ("m", MESSAGES)


def silent(_: Handler) -> None:
    time.sleep(2)


def dripping(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx: ")
    for _ in range(100):
        handler.wfile.write(b"a")
        time.sleep(0.05)


def compressed(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("content-encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(gzip.compress((said("Open.", "stop") + DONE).encode()))


def counting(usage: str) -> Callable[[Handler], None]:
    used = f'data: {{"usage": {{"prompt_tokens": {usage}, "completion_tokens": 4}}}}\n\n'
    return lambda h: events(h, said("Open.", "stop"), used, DONE)


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
        (silent, "longer than 0.4 s", ATTEMPTS),
        (dripping, "longer than 0.4 s", ATTEMPTS),
        (compressed, "compresses", 1),
        (counting("-5"), "cannot be read", 1),
        (counting("1e400"), "cannot be read", 1),
        (counting("9" * 4000), "cannot be read", 1),
        (lambda h: events(h, said("Open \ud800."), DONE), "cannot be read", 1),
        (lambda h: events(h, f"data: {'[' * 100_000}\n\n", DONE), "cannot be read", 1),
        (lambda h: h.wfile.write(b"garbage\r\n\r\n"), "fails", ATTEMPTS),
    ],
)
def test_a_hostile_server_ends_in_one_line_after_bounded_attempts(
    answer: Callable[[Handler], None], why: str, attempts: int
) -> None:
    with serving(answer) as (url, asked):
        generator = OpenAiGenerator(url, "m", timeout_s=0.4 if answer in (silent, dripping) else 30.0, retry_s=0.01)
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


def test_attempts_that_the_server_may_charge_are_told() -> None:
    with serving(lambda h: events(h, said("The bri"))) as (url, _), pytest.raises(GeneratorError) as caught:
        OpenAiGenerator(url, "m", retry_s=0.01).generate(MESSAGES)
    assert caught.value.charged == ATTEMPTS
    with serving(lambda h: events(h, "no", status=500)) as (url, _), pytest.raises(GeneratorError) as caught:
        OpenAiGenerator(url, "m", retry_s=0.01).generate(MESSAGES)
    assert caught.value.charged == 0


async def test_a_server_that_hangs_holds_nobody_up() -> None:
    arrived, release = threading.Event(), threading.Event()

    def hang(_: Handler) -> None:
        arrived.set()
        release.wait(60)

    with serving(hang) as (url, asked):
        asking = Asking(OpenAiGenerator(url, "m", timeout_s=60), 0.2)
        with pytest.raises(GeneratorError, match=r"longer than 0\.2 s"):
            await asking.ask(MESSAGES)
        with pytest.raises(GeneratorError, match="still holds"):
            await asking.ask(MESSAGES)
        assert arrived.wait(60)
        release.set()
    assert len(asked) == 1


def test_a_real_model_answers_and_what_it_says_is_checked() -> None:
    """Needs LLM_SERVER, the address of a llama.cpp or other server, such as http://127.0.0.1:8080/v1."""
    url = os.environ.get("LLM_SERVER")
    if not url:
        pytest.skip("LLM_SERVER names no language model's server")
    answer = OpenAiGenerator(url, "default", timeout_s=120).generate(MESSAGES)
    assert answer.text.strip()
    assert answer.tokens_out > 0
