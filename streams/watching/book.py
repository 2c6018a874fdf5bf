"""The watchlists in force, read once into queries, and which of them a post is for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
import xxhash

from streams.contracts.times import bucket_of, to_ms
from streams.contracts.watchlists import MAX_WATCHLISTS, Watchlist
from streams.watching.query import Asked, BadQuery, Literal, Query, literal_of, parse

MAX_NAME_CHARS: Final = 80
MAX_ASPECTS: Final = 12

ASPECTS: Final[dict[str, tuple[str, ...]]] = {
    "price": (
        "price",
        "expensive",
        "cheap",
        "cost",
        "overpriced",
        "discount",
        "价格",
        "太贵",
        "便宜",
        "降价",
        "涨价",
        "性价比",
    ),
    "quality": (
        "quality",
        "broken",
        "broke",
        "defective",
        "reliable",
        "durable",
        "质量",
        "坏了",
        "故障",
        "耐用",
        "做工",
    ),
    "service": ("service", "support", "staff", "rude", "helpful", "refund", "客服", "服务", "态度", "退款", "售后"),
    "delivery": (
        "delivery",
        "shipping",
        "delivered",
        "courier",
        "late delivery",
        "快递",
        "物流",
        "发货",
        "送货",
        "配送",
    ),
}
"""What every watchlist's posts are asked about."""


class Watched(msgspec.Struct, frozen=True):
    """A watchlist ready to be asked. `revision` changes with whatever changes what is counted."""

    watchlist: Watchlist
    query: Query
    aspects: tuple[tuple[str, tuple[Literal, ...]], ...]
    since_bucket: int
    revision: int


def read(watchlist: Watchlist) -> Watched:
    """Read a watchlist.

    Raises:
        BadQuery: it cannot be used; one line says why.
    """
    if not watchlist.name.strip() or len(watchlist.name) > MAX_NAME_CHARS:
        raise BadQuery(f"a watchlist needs a name of at most {MAX_NAME_CHARS} characters")
    aspects = {**ASPECTS, **watchlist.aspects}
    if len(aspects) > len(ASPECTS) + MAX_ASPECTS:
        raise BadQuery(f"more than {MAX_ASPECTS} aspects of its own")
    try:
        since = bucket_of(to_ms(datetime.fromisoformat(watchlist.since)))
    except ValueError:
        raise BadQuery(f"since is {watchlist.since!r}, not a time such as 2026-03-01T00:00:00Z") from None
    return Watched(
        watchlist,
        parse(watchlist.query, watchlist.synonyms),
        tuple((name, tuple(literal_of(word) for word in words)) for name, words in sorted(aspects.items())),
        since,
        _revision(watchlist),
    )


def _revision(watchlist: Watchlist) -> int:
    return xxhash.xxh3_64_intdigest(msgspec.json.encode(watchlist, order="deterministic"))


class Book:
    """The watchlists by name."""

    def __init__(self) -> None:
        self._watched: dict[str, Watched] = {}
        self._by_hook: dict[str, list[str]] = {}
        self._by_part: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._watched)

    def put(self, watchlist: Watchlist) -> None:
        """Take a new watchlist or a new version of one.

        Raises:
            BadQuery: it cannot be used, or there are too many.
        """
        if watchlist.name not in self._watched and len(self._watched) >= MAX_WATCHLISTS:
            raise BadQuery(f"there are {MAX_WATCHLISTS} watchlists already; remove one first")
        self._watched[watchlist.name] = read(watchlist)
        self._index()

    def drop(self, name: str) -> None:
        """Forget a watchlist."""
        if self._watched.pop(name, None) is not None:
            self._index()

    def _index(self) -> None:
        self._by_hook, self._by_part = {}, {}
        for name, watched in sorted(self._watched.items()):
            for hook in watched.query.hooks:
                self._by_hook.setdefault(hook, []).append(name)
            for part in watched.query.parts:
                self._by_part.setdefault(part, []).append(name)

    def get(self, name: str) -> Watched | None:
        """Return a watchlist."""
        return self._watched.get(name)

    def all(self) -> Iterable[Watched]:
        """Return all, by name."""
        return [self._watched[name] for name in sorted(self._watched)]

    def meant(self, post: Asked, bucket: int) -> list[Watched]:
        """Return the watchlists that a post of a bucket is for and counts, by name."""
        return [watched for watched in self.named_by(post) if bucket >= watched.since_bucket]

    def named_by(self, post: Asked) -> list[Watched]:
        """Return the watchlists that a post is for, whenever it came. Only those with one of its words are asked."""
        names = {name for term in post.terms if term in self._by_hook for name in self._by_hook[term]}
        names.update(name for part, listed in self._by_part.items() if part in post.joined for name in listed)
        found = (self._watched[name] for name in sorted(names))
        return [watched for watched in found if watched.query.matches(post)]
