"""Has media described before their posts go to `posts`: what counts stands in the log, and `backtest` agrees.

Nothing here can lose or hold up a post: what cannot be fetched, is unfit, fails or takes too long leaves it as it is,
and is counted.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

import aiohttp
import msgspec

from agents.adapters.addresses import networks_of
from agents.adapters.media.describer import (
    IMAGE,
    MAX_BYTES,
    MAX_CHARS,
    Describer,
    DescriberFailed,
    Unfit,
    check_image,
    mime_of,
)
from agents.adapters.metrics import MEDIA_DESCRIBED
from agents.adapters.outbound import OutboundRefused, Policy, fetch, open_session
from agents.errors import SettingsError
from agents.settings import Settings
from streams.contracts.posts import Described, Post

log = logging.getLogger(__name__)

IN_FLIGHT: Final = 256
"""Posts whose media are being described; beyond, posts pass as they are."""

AT_ONCE: Final = 8


class Describing:
    """Fetches and describes, so many at once, for so long a post.

    Args:
        describers: in the order in which their words stand in a post.
        policy: of the requests: which addresses may be reached.
        most_media: of a post that are looked at.
        limit_s: for all media of a post.
    """

    def __init__(self, describers: Sequence[Describer], policy: Policy, *, most_media: int, limit_s: float) -> None:
        self._describers = describers
        self._policy = policy
        self._most_media = most_media
        self._limit_s = limit_s
        self._in_flight = 0
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    def wants(self, post: Post) -> bool:
        """Say whether a post has media that nobody described."""
        return bool(post.media) and not post.described

    async def describe(self, post: Post) -> Post:
        """Return a post with what its media hold, itself where that cannot be told. Raises nothing of its own."""
        media = (post.media or [])[: self._most_media]
        if self._in_flight >= IN_FLIGHT:
            MEDIA_DESCRIBED.labels(outcome="crowded").inc(len(media))
            return post
        self._in_flight += 1
        tasks = [asyncio.create_task(self._one(number, address)) for number, address in enumerate(media)]
        try:
            done, late = await asyncio.wait(tasks, timeout=self._limit_s)
        finally:
            self._in_flight -= 1
            for task in tasks:
                task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        MEDIA_DESCRIBED.labels(outcome="late").inc(len(late))
        found = [one for task in tasks if task in done for one in task.result()]
        return msgspec.structs.replace(post, described=found) if found else post

    async def _one(self, number: int, address: str) -> list[Described]:
        try:
            async with self._slots:
                data = await self._fetched(address)
            mime = mime_of(data)
            if mime.startswith(IMAGE):
                check_image(data)
            words = [
                Described(kind=describer.kind, text=text[:MAX_CHARS], by=describer.name, media=number)
                for describer in self._describers
                if mime.startswith(describer.takes) and (text := (await describer.describe(data, mime)).strip())
            ]
        except (OutboundRefused, Unfit) as error:
            outcome, words = "refused", []
            log.debug("media are not described: %s", error)
        except (aiohttp.ClientError, TimeoutError, OSError, DescriberFailed) as error:
            outcome, words = "failed", []
            log.debug("media are not described: %r", error)
        except Exception:  # a post must not be lost by what came with it
            outcome, words = "failed", []
            log.exception("media are not described")
        else:
            outcome = "described" if words else "wordless"
        MEDIA_DESCRIBED.labels(outcome=outcome).inc()
        return words

    async def _fetched(self, address: str) -> bytes:
        if self._session is None:
            self._session = open_session(self._policy)
        answer = await fetch(self._session, "GET", address, self._policy)
        if answer.status != 200:
            raise DescriberFailed(f"the address of media answers {answer.status}")
        return answer.body

    async def close(self) -> None:
        """End the session and what runs for the describers."""
        if self._session is not None:
            await self._session.close()
        for describer in self._describers:
            await describer.close()


def make_describing(settings: Settings) -> Describing | None:
    """Return what describes media as the settings say, None where they ask for nothing.

    Raises:
        SettingsError: a describer is not installed, or has no server.
    """
    kinds = settings.describers
    if not kinds:
        return None
    policy = Policy(
        allowed=networks_of(settings.outbound_allow), total_s=settings.describe_limit_s, max_bytes=MAX_BYTES
    )
    describers = [_describer(kind, settings) for kind in kinds]
    return Describing(describers, policy, most_media=settings.describe_media, limit_s=settings.describe_limit_s)


def _describer(kind: str, settings: Settings) -> Describer:
    if kind == "ocr":
        from agents.adapters.media.ocr import OcrDescriber

        return OcrDescriber()
    if settings.describe_url is None:
        raise SettingsError(f"REDIAN_DESCRIBE asks for {kind}, and REDIAN_DESCRIBE_URL names no server that tells it")
    from agents.adapters.generators.openai import OpenAiGenerator
    from agents.adapters.media.chat import ChatDescriber

    key = settings.describe_key.get_secret_value() if settings.describe_key else ""
    limit_s = settings.describe_limit_s
    generator = OpenAiGenerator(settings.describe_url, settings.describe_model, key=key, timeout_s=limit_s)
    return ChatDescriber("caption" if kind == "caption" else "speech", generator, limit_s)
