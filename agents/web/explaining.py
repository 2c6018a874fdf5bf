"""Why a post behind a hotspot was scored as it was: the words of what the page shows of it, each with what it adds."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from agents.web.evidence import EvidencePost, Shown
from streams.scoring import CannotExplain, Explanation

Explain = Callable[[str, str | None], Awaitable[Explanation]]
"""Explains a text under a head, the model's first head if none is named.

Raises:
    CannotExplain: see there.
"""
PLACE: Final = r"{place:\d{1,9}-\d{1,18}-\d{1,9}}"
"""Of an address: where a post stands on `posts`, partition-offset-index."""
WAIT_S: Final = 20.0
"""Posts that wait to be scored go before."""
_HEAD: Final = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)


def post_at(shown: Shown, place: str) -> EvidencePost:
    """Return the post of a hotspot that stands at a place.

    Raises:
        HTTPNotFound: none that may be shown does.
    """
    partition, offset, index = map(int, place.split("-"))
    for post in shown.posts:
        if (post.partition, post.offset, post.index) == (partition, offset, index):
            return post
    raise web.HTTPNotFound(text="no post that may be shown stands there\n")


async def explained(explain: Explain | None, text: str, head: str | None) -> Explanation:
    """Return why a text is scored as it is.

    Raises:
        HTTPBadRequest: the head is none, or cannot be explained.
        HTTPNotFound: the encoder is off.
        HTTPServiceUnavailable: the encoder has too much to do.
    """
    if explain is None:
        raise web.HTTPNotFound(text="the encoder is off, so nothing was scored\n")
    if head is not None and not _HEAD.fullmatch(head):
        raise web.HTTPBadRequest(text="that is no name of a head\n")
    try:
        async with asyncio.timeout(WAIT_S):
            return await explain(text, head)
    except CannotExplain as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from None
    except TimeoutError:
        raise web.HTTPServiceUnavailable(text="the encoder is busy, try again\n") from None
