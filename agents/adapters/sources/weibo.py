"""Weibo: a timeline of the open API, page by page behind the last post.

Terms, keys, limits and what was tested: docs/sources/weibo.md. Lists of what is hot are `lists.py`'s.
"""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec

from agents.adapters.sources.clock import Clock
from agents.adapters.sources.fetching import Web, get, told
from agents.adapters.sources.source import Batch, Interrupted, Malformed, Refused
from streams.contracts.posts import Post
from streams.contracts.times import format_time, to_ms
from streams.ingesting.dates import claimed

ENDPOINT: Final = "https://api.weibo.com"
PLATFORM: Final = "weibo"
EVERY_S: Final = 60.0
PAGE: Final = 100
PAGES: Final = 20
DATE: Final = "%a %b %d %H:%M:%S %z %Y"

LIMITED: Final = frozenset({10022, 10023, 10024})
"""Error codes: requests of an address, of a user, of a user on one call are used up, for this hour."""

HOUR_S: Final = 3600.0
TOKEN: Final = range(21301, 21340)
"""Error codes of a token that is wrong, expired or not allowed to do this."""


class _User(msgspec.Struct):
    idstr: str
    followers_count: int | None = None
    created_at: str | None = None


class _Original(msgspec.Struct):
    idstr: str


class _Status(msgspec.Struct):
    idstr: str
    created_at: str
    text: str
    user: _User | None = None
    retweeted_status: _Original | None = None
    region_name: str | None = None
    deleted: str | int = "0"


class _Page(msgspec.Struct):
    statuses: list[msgspec.Raw] | None = None
    error_code: int | None = None
    error: str = ""


class _Id(msgspec.Struct):
    idstr: str


def judge_code(code: int | None, error: str, clock: Clock) -> None:
    """Return for an answer without an error.

    Raises:
        Interrupted: requests are used up for this hour, or a fault of the server.
        Refused: the token is wrong.
    """
    if code in LIMITED:
        raise Interrupted("limited", f"Weibo says {code}: {error[:100]}", HOUR_S - clock.now_ms() / 1000 % HOUR_S)
    if code in TOKEN:
        raise Refused(f"Weibo does not take the token ({code}): give a new one")
    if code is not None:
        raise Interrupted("failed", f"Weibo says {code}: {error[:100]}")


class Weibo:
    """The timeline of the account that gave the token: itself and whom it follows.

    Args:
        token: of OAuth 2.0.
        clock: for dates and waiting.
        web: how to go there.
        every_s: how long to wait between two looks.
        endpoint: of the API.
    """

    live = True

    def __init__(
        self, token: str, *, clock: Clock, web: Web, every_s: float = EVERY_S, endpoint: str = ENDPOINT
    ) -> None:
        self.name = f"weibo:{urlsplit(endpoint).netloc}"
        self._token = token
        self._clock = clock
        self._web = web
        self._every_s = every_s
        self._endpoint = endpoint.rstrip("/")
        self._policy = web.policy(endpoint)

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Look again and again for what is newer than the post `cursor`; the first time, for the newest page."""
        async with told(), self._web.session(self._policy) as session:
            while True:
                since = cursor or "0"
                pages: list[list[msgspec.Raw]] = []
                # The newest come first: all pages behind `since` are read before the oldest of them goes out.
                for number in range(1, (PAGES if cursor else 1) + 1):
                    page = await self._page(session, since, number)
                    if not page or (pages and page == pages[-1]):
                        break
                    pages.append(page)
                    if len(page) < PAGE:
                        break
                for page in reversed(pages):
                    batch = self._read(page, cursor or "0")
                    cursor = batch.cursor
                    yield batch
                await self._clock.sleep(self._every_s)

    async def _page(self, session: aiohttp.ClientSession, since: str, number: int) -> list[msgspec.Raw]:
        asked = {"access_token": self._token, "since_id": since, "count": str(PAGE), "page": str(number)}
        address = f"{self._endpoint}/2/statuses/home_timeline.json?{urlencode(asked)}"
        # Weibo says with 400 and 403 what others say with 401 and 429, and tells them apart in the body only.
        statuses = (200, 400, 403)
        answer = await get(session, address, self._policy, "the timeline", self._clock, statuses=statuses)
        try:
            page = msgspec.json.decode(answer.body, type=_Page)
        except (msgspec.MsgspecError, RecursionError):
            raise Interrupted("nonsense", "the timeline is none") from None
        judge_code(page.error_code, page.error, self._clock)
        if page.statuses is None:
            raise Interrupted("failed", "the timeline has no statuses")
        return page.statuses

    def _read(self, page: list[msgspec.Raw], cursor: str) -> Batch:
        posts: list[Post] = []
        malformed: list[Malformed] = []
        latest = int(cursor)
        for raw in reversed(page):
            try:
                latest = max(latest, int(msgspec.json.decode(raw, type=_Id).idstr))
                status = msgspec.json.decode(raw, type=_Status)
                # A deleted status stays in timelines, without its author.
                if status.user is not None and str(status.deleted) == "0":
                    posts.append(self._post(status, status.user))
            except (ValueError, RecursionError) as error:
                text = " ".join(str(error).split())
                reason = "missing_field" if "missing required" in text else "wrong_type"
                malformed.append(Malformed(bytes(raw), reason, text))
        return Batch(posts=posts, malformed=malformed, cursor=str(latest))

    def _post(self, status: _Status, user: _User) -> Post:
        return Post(
            id=status.idstr,
            platform=PLATFORM,
            author=user.idstr,
            created_at=format_time(claimed(_ms(status.created_at), self._clock.now_ms())),
            text=status.text,
            lang="zh",
            repost_of=status.retweeted_status.idstr if status.retweeted_status else None,
            followers=user.followers_count,
            author_since=_since(user),
            place=(status.region_name or "").removeprefix("发布于").strip() or None,
        )


def _ms(date: str) -> int:
    return to_ms(datetime.strptime(date, DATE))  # noqa: DTZ007 - it has %z


def _since(user: _User) -> str | None:
    """Return when an account was opened; a date that cannot be read says nothing against a status."""
    try:
        return format_time(_ms(user.created_at)) if user.created_at else None
    except ValueError:
        return None
