"""RSS and Atom: a feed asked for at intervals, and only for what is new to it; entries become posts of the feed.

Entities that a feed declares are refused before anything else reads it: no feed needs one, and every attack on XML
readers does. Terms, limits and what was tested: docs/sources/feeds.md.
"""

import asyncio
import calendar
import io
from collections.abc import AsyncGenerator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from xml.parsers import expat

import feedparser
import msgspec

from agents.adapters.sources.clock import Clock
from agents.adapters.sources.fetching import Web, get, told
from agents.adapters.sources.source import Batch, Interrupted, Malformed, Refused
from agents.adapters.xml_entities import Declared, refuse_entities
from streams.contracts.posts import Post
from streams.contracts.times import format_time
from streams.ingesting.dates import claimed
from streams.mapping.markup import text_of

PLATFORM: Final = "feed"
EVERY_S: Final = 300.0
TEXT_CHARS: Final = 2_000
"""Of an article: its title and the beginning of what it says."""

KINDS: Final = (
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml",
)  # fmt: skip


class _Cursor(msgspec.Struct):
    """What a feed had last: its validators, and short hashes of its entries."""

    etag: str = ""
    modified: str = ""
    seen: list[str] = []


class Feed:
    """One feed.

    Args:
        address: http:// or https://.
        clock: for dates and intervals.
        every_s: how long to wait between two looks.
        web: how to go there.
        named: whether a person gave the address, rather than a file.
    """

    live = True

    def __init__(self, address: str, *, clock: Clock, every_s: float = EVERY_S, web: Web, named: bool = True) -> None:
        self.name = f"feed:{urlsplit(address).netloc}{urlsplit(address).path}"
        self._address = address
        self._clock = clock
        self._every_s = every_s
        self._web = web
        self._policy = web.policy(address, named=named)

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Look at the feed again and again; the first time everything in it is new."""
        last = msgspec.json.decode(cursor, type=_Cursor) if cursor else _Cursor()
        async with told(), self._web.session(self._policy) as session:
            while True:
                headers = {"If-None-Match": last.etag} if last.etag else {}
                if last.modified:
                    headers["If-Modified-Since"] = last.modified
                answer = await get(
                    session, self._address, self._policy, "the feed", self._clock, kinds=KINDS, headers=headers
                )
                if answer.status != 304:
                    entries = await asyncio.to_thread(_entries, answer.body)
                    keys = [_key(entry) for entry in entries]
                    seen = set(last.seen)
                    new = [entry for entry, key in zip(entries, keys, strict=True) if key not in seen]
                    last = _Cursor(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""), keys)
                    read = [self._post(entry) for entry in reversed(new)]
                    yield Batch(
                        posts=[item for item in read if isinstance(item, Post)],
                        malformed=[item for item in read if isinstance(item, Malformed)],
                        cursor=msgspec.json.encode(last).decode(),
                    )
                await self._clock.sleep(self._every_s)

    def _post(self, entry: Any) -> Post | Malformed:
        link = str(entry.get("link") or "")
        title, summary = text_of(str(entry.get("title") or "")), text_of(str(entry.get("summary") or ""))
        text = title if summary.startswith(title) and not summary[len(title) :].strip() else f"{title}\n{summary}"
        if not text.strip() or not (entry.get("id") or link):
            original = repr(dict(entry)).encode()
            return Malformed(original, "missing_field", "an entry needs an id or a link, and a title or a summary")
        date = entry.get("published_parsed") or entry.get("updated_parsed")
        author = str(entry.get("author") or "")
        return Post(
            id=str(entry.get("id") or link),
            platform=PLATFORM,
            author=f"{self.name.removeprefix('feed:')} {author}".strip(),
            created_at=format_time(claimed(calendar.timegm(date) * 1000 if date else None, self._clock.now_ms())),
            text=text.strip()[:TEXT_CHARS],
            url=link or None,
        )


def _entries(document: bytes) -> list[Any]:
    try:
        refuse_entities(document)
    except Declared:
        raise Interrupted("nonsense", "the feed declares XML entities, which are refused") from None
    # Markup becomes text here, so none has to be made harmless first: for 200 kB of it that took a quarter of a minute.
    found = feedparser.parse(io.BytesIO(document), sanitize_html=False, resolve_relative_uris=False)
    if not found.get("version"):
        raise Interrupted("nonsense", "the answer is neither RSS nor Atom")
    return list(found.entries)


def _key(entry: Any) -> str:
    identity = str(entry.get("id") or entry.get("link") or entry.get("title") or "")
    return sha256(identity.encode("utf-8", "replace")).hexdigest()[:10]


def feeds_in(opml: Path) -> list[str]:
    """Return the addresses of the feeds in an OPML file.

    Raises:
        Refused: it cannot be read, declares entities, or names no feed.
    """
    try:
        document = opml.read_bytes()
        refuse_entities(document)
    except OSError as error:
        raise Refused(f"{opml} cannot be read: {error.strerror}") from None
    except Declared:
        raise Refused(f"{opml} declares XML entities, which are refused") from None
    found: list[str] = []

    def started(name: str, attributes: dict[str, str]) -> None:
        address = attributes.get("xmlUrl", "")
        if name.lower() == "outline" and address.startswith(("http://", "https://")) and address not in found:
            found.append(address)

    parser = expat.ParserCreate()
    parser.StartElementHandler = started
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise Refused(f"{opml} is no OPML: {error}") from None
    if not found:
        raise Refused(f"{opml} names no feed: an outline with an xmlUrl is one")
    return found
