"""Somebody else's list of what is hot, looked at again and again: what comes onto it goes to topic `outside.listings`.

Terms, keys, limits and what was tested: docs/sources/lists.md.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote, urlencode

import msgspec

from agents.adapters.sources.clock import Clock
from agents.adapters.sources.fetching import Web, get, judge, told
from agents.adapters.sources.source import Batch, Interrupted, Refused
from agents.adapters.sources.weibo import judge_code
from agents.files import lines_of
from streams.contracts.decoding import json_decoder
from streams.contracts.outside import Listing
from streams.contracts.times import format_time, to_ms
from streams.ingesting.leads import Listed, ListWatch

TITLE_CHARS: Final = 200
TITLES: Final = 1000
"""Titles of one look."""

Snapshot = tuple[int, Sequence[str]]
"""When (ms) a list was how; the most prominent title first."""

_WATCH: Final = msgspec.json.Decoder(ListWatch)


class Looks(Protocol):
    """Looks at a list."""

    name: str

    def since(self, before_ms: int | None) -> AsyncGenerator[Snapshot]:
        """Yield how the list is, again and again, in order of time, behind a time where that can be asked for."""


class HotList:
    """A list as a source: it brings listings and no posts.

    Args:
        looks: looks at the list.
    """

    live = True

    def __init__(self, looks: Looks) -> None:
        self.name = f"list:{looks.name}"
        self._looks = looks

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Yield what comes onto the list; what was there at the first look is not known to be new."""
        watch = _WATCH.decode(cursor) if cursor else ListWatch()
        async for at_ms, titles in self._looks.since(watch.before_ms):
            named = [title for title in (" ".join(title.split())[:TITLE_CHARS] for title in titles[:TITLES]) if title]
            ranks = {title: rank for rank, title in reversed(list(enumerate(named, 1)))}
            listings = [self._listing(found, ranks[found.title]) for found in watch.observe(at_ms, named)]
            yield Batch(listed=listings, cursor=msgspec.json.encode(watch).decode())

    def _listing(self, found: Listed, rank: int) -> Listing:
        return Listing(
            list=self._looks.name,
            title=found.title,
            rank=rank,
            absent_at=format_time(found.absent_ms),
            seen_at=format_time(found.seen_ms),
        )


class _Trend(msgspec.Struct):
    name: str


class _Trends(msgspec.Struct):
    trends: dict[str, list[_Trend]] | None = None
    error_code: int | None = None
    error: str = ""


_TRENDS: Final = json_decoder(_Trends)


class WeiboTrends:
    """Weibo's topics of the hour, by the open API (`2/trends/hourly`)."""

    name = "weibo"

    def __init__(self, token: str, *, clock: Clock, web: Web, every_s: float, endpoint: str) -> None:
        self._asked = f"{endpoint.rstrip('/')}/2/trends/hourly.json?{urlencode({'access_token': token})}"
        self._clock = clock
        self._web = web
        self._every_s = every_s
        self._policy = web.policy(endpoint)

    async def since(self, before_ms: int | None) -> AsyncGenerator[Snapshot]:  # noqa: ARG002 - only the present is told
        """Look at intervals."""
        async with told(), self._web.session(self._policy) as session:
            while True:
                statuses = (200, 400, 403)
                answer = await get(session, self._asked, self._policy, "the list", self._clock, statuses=statuses)
                try:
                    found = _TRENDS.decode(answer.body)
                except msgspec.MsgspecError:
                    raise Interrupted("nonsense", "the list is none") from None
                judge_code(found.error_code, found.error, self._clock)
                if not found.trends:
                    raise Interrupted("nonsense", "the list is empty")
                newest = max(found.trends)
                yield self._clock.now_ms(), [trend.name for trend in found.trends[newest]]
                await self._clock.sleep(self._every_s)


class _Article(msgspec.Struct):
    article: str


class _Day(msgspec.Struct):
    articles: list[_Article]


class _Days(msgspec.Struct):
    items: list[_Day]


_DAYS: Final = json_decoder(_Days)


class WikipediaViews:
    """The most read articles of a Wikipedia, day by day, as Wikimedia's Pageviews API tells them some hours later.

    A day's list is dated at its end; who was not on it the day before rose at some moment of the day.
    """

    KEPT: Final = 200
    DAYS: Final = 7
    _NO_ARTICLE: Final = re.compile(r"^(?:Main_Page|Wikipedia|首页|-)$|^[\w\s]+:(?!_)")

    def __init__(self, project: str, *, clock: Clock, web: Web, every_s: float, endpoint: str) -> None:
        self.name = f"wikipedia:{project}"
        self._where = f"{endpoint.rstrip('/')}/metrics/pageviews/top/{quote(project, safe='.')}/all-access"
        self._clock = clock
        self._web = web
        self._every_s = every_s
        self._policy = web.policy(endpoint)

    async def since(self, before_ms: int | None) -> AsyncGenerator[Snapshot]:
        """Ask for each day behind the last, the first time for the last two, at intervals until it is there."""
        async with told(), self._web.session(self._policy) as session:
            while True:
                today = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).date()
                known = datetime.fromtimestamp(before_ms / 1000, UTC).date() if before_ms else today - timedelta(days=2)
                day = max(known, today - timedelta(days=self.DAYS))
                while day < today:
                    address = f"{self._where}/{day:%Y/%m/%d}"
                    answer = await get(
                        session, address, self._policy, "the list", self._clock, statuses=(200, 404),
                        kinds=("application/json", "application/problem+json"),
                    )  # fmt: skip
                    if answer.status == 404:  # not counted yet
                        break
                    judge(answer.status, answer.headers, "the list", self._clock)
                    day += timedelta(days=1)
                    before_ms = _begin_ms(day)
                    yield before_ms, self._titles(answer.body)
                await self._clock.sleep(self._every_s)

    def _titles(self, body: bytes) -> list[str]:
        try:
            articles = _DAYS.decode(body).items[0].articles
        except (msgspec.MsgspecError, IndexError):
            raise Interrupted("nonsense", "the list is none") from None
        named = [found.article for found in articles if not self._NO_ARTICLE.match(found.article)]
        return [name.replace("_", " ") for name in named[: self.KEPT]]


def _begin_ms(day: date) -> int:
    return to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))


class ListFile:
    """Snapshots that somebody took: JSON Lines of day, hour, rank, title; each has its own time.

    Args:
        name: of the list.
        path: of the file, gzip or not.
        offset_h: time zone of its hours, from UTC.
    """

    def __init__(self, name: str, path: Path, offset_h: int) -> None:
        self.name = name
        self._path = path
        self._offset_h = offset_h

    async def since(self, before_ms: int | None) -> AsyncGenerator[Snapshot]:
        """Yield what the file has behind a time."""
        for at_ms, titles in snapshots_in(self._path, self._offset_h):
            if before_ms is None or at_ms > before_ms:
                yield at_ms, titles
                await asyncio.sleep(0)


class _Row(msgspec.Struct):
    day: str
    hour: str | int
    title: str
    ads: bool | int = False


def snapshots_in(path: Path, offset_h: int) -> "list[Snapshot]":
    """Return the snapshots of a file, in its order; advertisements among the titles are left out.

    Raises:
        Refused: it holds no list.
    """
    zone = timezone(timedelta(hours=offset_h))
    found: dict[int, list[str]] = {}
    decoder = msgspec.json.Decoder(_Row)
    try:
        for line in lines_of(path):
            row = decoder.decode(line)
            if not row.ads:
                at = datetime.fromisoformat(f"{row.day}T{int(row.hour):02d}:00:00").replace(tzinfo=zone)
                found.setdefault(to_ms(at), []).append(row.title)
    except ValueError as error:
        raise Refused(f"{path} is no list: each line needs day, hour and title ({error})") from None
    return list(found.items())
