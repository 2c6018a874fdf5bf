"""A language model as an agent asks it: within its rate and its spend, and never in the way of the worker.

A limit is kept for each use of the model, content and answers; what an earlier worker spent is told to `remember`.
"""

import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from agents.adapters import metrics
from agents.adapters.generators.asking import Asking, LanguageModel
from agents.adapters.generators.openai import ATTEMPTS, GeneratorError, OpenAiGenerator
from agents.errors import SettingsError
from agents.settings import Settings
from streams.content.limits import Limits, Price

Why = Literal["", "rate", "spend", "failed"]


class Told(msgspec.Struct, frozen=True):
    """What a model said and may have cost; without a text, `why` there is none, and that in a line."""

    text: str = ""
    why: Why = ""
    detail: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0


class PaidModel:
    """The language model of the settings for one use.

    Args:
        generator: the model.
        settings: with its limits and prices.
        use: `content` or `answers`, for the metrics.
    """

    def __init__(self, generator: LanguageModel, settings: Settings, use: str) -> None:
        self.name = generator.name
        self._generator = generator
        self._settings = settings
        self._use = use
        self._asking = Asking(generator, settings.generator_timeout_s)
        self._price = Price(settings.generator_price_in, settings.generator_price_out)
        self.forget()

    def forget(self) -> None:
        """Begin anew to count what was asked and spent."""
        self._limits = Limits(self._settings.generator_rate, self._settings.generator_spend)

    def remember(self, at_ms: int, cost: float) -> None:
        """Count what an earlier worker spent."""
        self._limits.spend(at_ms, cost)

    async def ask(self, messages: Sequence[Mapping[str, Any]]) -> Told:
        """Ask, unless a limit forbids it. Never raises for what the model or its server does."""
        bound = self._price.most(messages, self._generator.max_tokens)
        now_ms = _now_ms()
        if (limit := self._limits.refuses(now_ms, bound * ATTEMPTS)) is not None:
            return Told(why=limit, detail=f"the limit of REDIAN_GENERATOR_{limit.upper()} is reached")
        self._limits.ask(now_ms)
        try:
            answer = await self._asking.ask(messages)
        except GeneratorError as error:
            return Told(why="failed", detail=str(error), cost=self._spend(bound * error.charged))
        counted = answer.tokens_in + answer.tokens_out > 0
        cost = self._price.cost(answer.tokens_in, answer.tokens_out) if counted else bound
        for direction, tokens in (("in", answer.tokens_in), ("out", answer.tokens_out)):
            metrics.GENERATOR_TOKENS.labels(direction=direction).inc(max(0, tokens))
        return Told(
            text=answer.text,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            cost=self._spend(cost + bound * answer.charged),
        )

    def _spend(self, cost: float) -> float:
        now_ms = _now_ms()
        self._limits.spend(now_ms, cost)
        metrics.GENERATOR_SPEND.inc(cost)
        metrics.GENERATOR_SPENT_TODAY.labels(use=self._use).set(self._limits.spent(now_ms))
        return cost


def model_of(settings: Settings) -> LanguageModel | None:
    """Return the language model that the settings name, None if they name none.

    Raises:
        SettingsError: they name two, or one that cannot run here.
    """
    limit_s = settings.generator_timeout_s
    if settings.generator_folder is not None:
        if settings.generator_url is not None:
            raise SettingsError("REDIAN_GENERATOR_FOLDER and REDIAN_GENERATOR_URL are both set; leave one out")
        return _own_model(settings.generator_folder, limit_s)
    if settings.generator_url is None:
        return None
    key = settings.generator_key.get_secret_value() if settings.generator_key is not None else ""
    return OpenAiGenerator(settings.generator_url, settings.generator_model, key=key, timeout_s=limit_s)


def judge_of(settings: Settings) -> LanguageModel | None:
    """Return the model that judges answers, None where none is to.

    Raises:
        SettingsError: one is to, and none is set up or can run here.
    """
    if not settings.answer_judge:
        return None
    model = model_of(settings)
    if model is None:
        raise SettingsError(
            "REDIAN_ANSWER_JUDGE wants a language model; name one with REDIAN_GENERATOR_URL or REDIAN_GENERATOR_FOLDER"
        )
    return model


@cache
def _own_model(folder: Path, limit_s: float) -> LanguageModel:
    """Return a model that runs here: one for all its uses, since it is held whole in memory."""
    from agents.adapters.generators.onnx import OnnxGenerator

    return OnnxGenerator(folder, timeout_s=limit_s)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
