"""Mastodon: the public timeline of an instance; what was missed by pages, then the stream, over server-sent events.

The stream is opened before the pages are read, so nothing falls between them; what comes twice is left out later. A
post's id is its ActivityPub URI, the same on every instance.

Terms, limits and what was tested: docs/sources/mastodon.md.
"""

from collections import OrderedDict
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from agents.adapters.sources.clock import Clock
from agents.adapters.sources.fetching import STREAM, Web, bearer, expect, get, judge, lines_of_answer, told
from agents.adapters.sources.source import Batch, Interrupted, Malformed
from streams.contracts.posts import Post
from streams.contracts.sources import Deletion
from streams.contracts.times import format_time, to_ms
from streams.ingesting.dates import claimed
from streams.mapping.markup import text_of
from streams.privacy.restricted import SENSITIVE

PLATFORM: Final = "mastodon"
PAGE: Final = 40
PAGES: Final = 250
"""Pages read on coming back: 10,000 posts; what is older stays unread and is told as missed."""

SILENCE_S: Final = 90.0
"""Instances send a line at least every 15 s."""

KNOWN: Final = 50_000
"""Posts whose URI is remembered by the instance's own id, which is all that a deletion names."""


class _Account(msgspec.Struct):
    url: str
    uri: str | None = None
    followers_count: int | None = None
    created_at: str | None = None
    noindex: bool | None = None


class _Media(msgspec.Struct):
    url: str | None = None


class _Origin(msgspec.Struct):
    uri: str
    content: str
    sensitive: bool | None = None


class _Status(msgspec.Struct):
    id: str
    uri: str
    created_at: datetime
    content: str
    account: _Account
    visibility: str = "public"
    language: str | None = None
    url: str | None = None
    reblog: _Origin | None = None
    media_attachments: list[_Media] = []
    sensitive: bool | None = None


_STATUS: Final = msgspec.json.Decoder(_Status)
_PAGE: Final = msgspec.json.Decoder(list[msgspec.Raw])


class _Id(msgspec.Struct):
    id: str


_IDS: Final = msgspec.json.Decoder(list[_Id])


class Mastodon:
    """One instance.

    Args:
        instance: its address, https://…
        token: an application's token; most instances want one for the stream.
        local: only posts written there.
        clock: for dates and limits.
        web: how to go there.
    """

    live = True

    def __init__(self, instance: str, *, clock: Clock, token: str = "", local: bool = False, web: Web) -> None:
        self.name = f"mastodon:{urlsplit(instance).netloc}{':local' if local else ''}"
        self._instance = instance.rstrip("/")
        self._token = token
        self._local = local
        self._clock = clock
        self._web = web
        self._policy = web.policy(instance)
        self._uris: OrderedDict[str, str] = OrderedDict()

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Read on behind the status with id `cursor`, or from now on."""
        path = "/api/v1/streaming/public" + ("/local" if self._local else "")
        async with (
            told(),
            self._web.session(self._policy, bearer(self._token)) as session,
            session.get(self._instance + path, timeout=STREAM) as stream,
        ):
            judge(stream.status, stream.headers, "the stream", self._clock)
            expect(stream.content_type, "the stream", ("text/event-stream",))
            if cursor is None:
                # Killed before its first post, it must know where it began; what lies before the stream is nobody's.
                cursor = await self._newest(session)
                yield Batch(cursor=cursor)
            latest = int(cursor)
            async for batch in self._missed(session, cursor):
                latest = max(latest, int(batch.cursor or 0))
                yield batch
            async for event, data in _events(stream):
                if event == "update":
                    batch = self._status(data)
                    here = int(batch.cursor or 0)
                    # Statuses from elsewhere can come with an older id: the cursor never goes back.
                    yield batch if here > latest else msgspec.structs.replace(batch, cursor=None)
                    latest = max(latest, here)
                elif event == "delete" and (uri := self._uris.get(data.decode("ascii", "replace").strip())):
                    yield Batch(deleted=(self._deletion(uri),))
        raise Interrupted("dropped", "the stream ended")

    async def _newest(self, session: aiohttp.ClientSession) -> str:
        address = f"{self._instance}/api/v1/timelines/public?limit=1" + ("&local=true" if self._local else "")
        answer = await get(session, address, self._policy, "the timeline", self._clock)
        try:
            return str(max((int(found.id) for found in _IDS.decode(answer.body)), default=0))
        except (ValueError, RecursionError):
            raise Interrupted("nonsense", "the timeline is no list") from None

    async def _missed(self, session: aiohttp.ClientSession, cursor: str) -> AsyncGenerator[Batch]:
        for _ in range(PAGES):
            address = f"{self._instance}/api/v1/timelines/public?limit={PAGE}&min_id={cursor}"
            address += "&local=true" if self._local else ""
            answer = await get(session, address, self._policy, "the timeline", self._clock)
            try:
                page = _PAGE.decode(answer.body)
            except (msgspec.MsgspecError, RecursionError):
                raise Interrupted("nonsense", "the timeline is no list") from None
            before = cursor
            for item in reversed(page):
                batch = self._status(bytes(item))
                if batch.cursor is not None:
                    cursor = str(max(int(cursor), int(batch.cursor)))
                yield msgspec.structs.replace(batch, cursor=cursor)
            # A server that gives the same page again would keep us here for ever.
            if not page or cursor == before:
                return

    def _status(self, data: bytes) -> Batch:
        try:
            status = _STATUS.decode(data)
            created_ms = to_ms(status.created_at)
            cursor = str(int(status.id))
        except (ValueError, RecursionError) as error:
            return _malformed(data, error)
        self._uris[status.id] = status.uri
        if len(self._uris) > KNOWN:
            self._uris.popitem(last=False)
        if status.visibility != "public" or status.account.noindex:
            return Batch(cursor=cursor)
        origin = status.reblog
        post = Post(
            id=status.uri,
            platform=PLATFORM,
            author=status.account.uri or status.account.url,
            created_at=format_time(claimed(created_ms, self._clock.now_ms())),
            text=text_of(origin.content if origin else status.content),
            lang=status.language,
            repost_of=origin.uri if origin else None,
            url=status.url,
            followers=status.account.followers_count,
            author_since=status.account.created_at,
            media=[media.url for media in status.media_attachments if media.url] or None,
            restricted=[SENSITIVE] if status.sensitive or (origin and origin.sensitive) else None,
        )
        return Batch(posts=(post,), cursor=cursor)

    def _deletion(self, uri: str) -> Deletion:
        return Deletion(platform=PLATFORM, id=uri, deleted_at=format_time(self._clock.now_ms()), source=self.name)


def _malformed(data: bytes, error: Exception) -> Batch:
    try:
        cursor = str(int(msgspec.json.decode(data, type=_Id).id))
    except (ValueError, RecursionError):
        cursor = None
    reason = "missing_field" if "missing required" in str(error) else "wrong_type"
    return Batch(malformed=(Malformed(data, reason, str(error)),), cursor=cursor)


async def _events(stream: aiohttp.ClientResponse) -> AsyncGenerator[tuple[str, bytes]]:
    """Yield server-sent events: name and data."""
    name, data = "", b""
    async for line in lines_of_answer(stream, "the stream", SILENCE_S):
        if not line:
            if name:
                yield name, data
            name, data = "", b""
        elif line.startswith(b"event:"):
            name = line[6:].strip().decode("ascii", "replace")
        elif line.startswith(b"data:"):
            data = data + b"\n" * bool(data) + line[5:].strip()
