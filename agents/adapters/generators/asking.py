"""Asks a language model without holding up a worker: in a thread that nobody waits for, for so long and no longer."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from agents.adapters.generators.openai import ATTEMPTS, Answer, GeneratorError


class LanguageModel(Protocol):
    """Anything that answers messages, in the thread of who asks."""

    @property
    def name(self) -> str:
        """How it is run, a colon, and which it is."""

    @property
    def max_tokens(self) -> int:
        """Tokens of an answer at most."""

    def generate(self, messages: Sequence[Mapping[str, Any]]) -> Answer:
        """Return the answer.

        Raises:
            GeneratorError: in one line, why there is none.
        """


class Asking:
    """One question at a time; a thread that outlives its time is left to end by itself, and ends with the process."""

    def __init__(self, generator: LanguageModel, limit_s: float) -> None:
        self.generator = generator
        self._limit_s = limit_s
        self._free = threading.Event()
        self._free.set()

    async def ask(self, messages: Sequence[Mapping[str, Any]]) -> Answer:
        """Return the model's answer.

        Raises:
            GeneratorError: in one line, why there is none.
        """
        if not self._free.is_set():
            raise GeneratorError("the language model's server still holds the request before")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()

        def tell(text: Answer | None, error: Exception | None) -> None:
            if answer.done():
                return  # nobody waits any more
            if error is not None:
                answer.set_exception(error)
            elif text is not None:
                answer.set_result(text)

        def work() -> None:
            found, failed = None, None
            try:
                found = self.generator.generate(messages)
            except Exception as error:  # noqa: BLE001 - whoever asked is told, whatever it is
                failed = error
            self._free.set()  # before anybody is told: whoever is may ask again at once
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, found, failed)

        self._free.clear()
        threading.Thread(target=work, name="language model", daemon=True).start()
        try:
            async with asyncio.timeout(self._limit_s):
                return await answer
        except TimeoutError:
            late = GeneratorError(f"the language model takes longer than {self._limit_s:g} s")
            late.charged = ATTEMPTS
            raise late from None
