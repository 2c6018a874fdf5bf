"""X: the filtered stream of API v2. Rules are set to what was asked for; what was missed is searched; there is a cap.

Terms, prices, limits and what was tested: docs/sources/x.md.
"""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import msgspec

from agents.adapters.sources.clock import Clock
from agents.adapters.sources.fetching import STREAM, Web, bearer, expect, get, judge, lines_of_answer, told
from agents.adapters.sources.source import Batch, Interrupted, Malformed, Refused
from streams.contracts.posts import Post
from streams.contracts.times import format_time, to_ms
from streams.privacy.restricted import SENSITIVE, withheld

ENDPOINT: Final = "https://api.x.com"
PLATFORM: Final = "x"
TAG: Final = "redian"
"""Of the rules that are ours; others on the same key are left alone."""

SILENCE_S: Final = 60.0
"""The stream sends an empty line every 20 s."""

PAGES: Final = 20
ASKED: Final = {
    "tweet.fields": "created_at,lang,author_id,referenced_tweets,possibly_sensitive,withheld",
    "expansions": "referenced_tweets.id,author_id",
    "user.fields": "public_metrics,created_at",
}


class _Reference(msgspec.Struct):
    type: str
    id: str


class _Withheld(msgspec.Struct, frozen=True):
    country_codes: tuple[str, ...] = ()


class _Tweet(msgspec.Struct):
    id: str
    text: str
    author_id: str = ""
    created_at: datetime | None = None
    lang: str | None = None
    referenced_tweets: list[_Reference] = []
    possibly_sensitive: bool = False
    withheld: _Withheld = _Withheld()


class _Counts(msgspec.Struct, frozen=True):
    followers_count: int | None = None


class _User(msgspec.Struct):
    id: str
    public_metrics: _Counts = _Counts()
    created_at: str | None = None


class _Includes(msgspec.Struct, frozen=True):
    tweets: list[_Tweet] = []
    users: list[_User] = []


class _Line(msgspec.Struct):
    data: _Tweet | None = None
    includes: _Includes = _Includes()
    errors: list[dict[str, Any]] = []


class _Meta(msgspec.Struct, frozen=True):
    next_token: str | None = None


class _Page(msgspec.Struct):
    data: list[msgspec.Raw] = []
    includes: _Includes = _Includes()
    meta: _Meta = _Meta()


class _Rule(msgspec.Struct):
    id: str
    value: str
    tag: str = ""


class _Rules(msgspec.Struct):
    data: list[_Rule] = []


class _Cursor(msgspec.Struct):
    """The newest post, and how many were read in which month."""

    id: str = ""
    month: str = ""
    posts: int = 0


class X:
    """The filtered stream.

    Args:
        token: the application's bearer token.
        rules: in X's rule language.
        cap: posts to read a month at most, because each is paid for.
        clock: for limits and months.
        web: how to go there.
        endpoint: of the API.
    """

    live = True

    def __init__(
        self, token: str, rules: Sequence[str], *, cap: int, clock: Clock, web: Web, endpoint: str = ENDPOINT
    ) -> None:
        self.name = "x:stream"
        self._token = token
        self._rules = list(dict.fromkeys(rules))
        self._cap = cap
        self._clock = clock
        self._web = web
        self._endpoint = endpoint.rstrip("/")
        self._policy = web.policy(endpoint)
        self._at = _Cursor()

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Set the rules, open the stream, search for what was missed, then read the stream."""
        self._at = msgspec.json.decode(cursor, type=_Cursor) if cursor else _Cursor()
        self._within_cap()
        address = f"{self._endpoint}/2/tweets/search/stream?{urlencode(ASKED)}"
        async with told(), self._web.session(self._policy, bearer(self._token)) as session:
            await self._set_rules(session)
            async with session.get(address, timeout=STREAM) as stream:
                judge(stream.status, stream.headers, "the stream", self._clock)
                expect(stream.content_type, "the stream", ("application/json",))
                if self._at.id:
                    for rule in self._rules:
                        async for batch in self._missed(session, rule, self._at.id):
                            yield batch
                async for line in lines_of_answer(stream, "the stream", SILENCE_S):
                    if line:
                        yield self._line(line)
                        self._within_cap()
        raise Interrupted("dropped", "the stream ended")

    def _within_cap(self) -> None:
        now = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        if self._at.month != f"{now:%Y-%m}":
            self._at = _Cursor(self._at.id, f"{now:%Y-%m}", 0)
        if self._at.posts >= self._cap:
            next_month = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
            wait_s = (next_month - now).total_seconds()
            raise Interrupted("limited", f"{self._cap:,} posts were read this month, the cap", wait_s)

    async def _set_rules(self, session: aiohttp.ClientSession) -> None:
        address = f"{self._endpoint}/2/tweets/search/stream/rules"
        answer = await get(session, address, self._policy, "the list of rules", self._clock)
        try:
            there = msgspec.json.decode(answer.body, type=_Rules).data
        except (msgspec.MsgspecError, RecursionError):
            raise Interrupted("nonsense", "the list of rules is none") from None
        ours = {rule.value: rule.id for rule in there if rule.tag == TAG}
        old = [number for value, number in ours.items() if value not in self._rules]
        new = [{"value": value, "tag": TAG} for value in self._rules if value not in ours]
        for change in ({"delete": {"ids": old}} if old else None, {"add": new} if new else None):
            if change is None:
                continue
            async with session.post(address, json=change) as answered:
                if answered.status == 400:
                    raise Refused("X does not accept the rules: " + (await answered.text())[:300])
                judge(200 if answered.status == 201 else answered.status, answered.headers, "a rule", self._clock)

    async def _missed(self, session: aiohttp.ClientSession, rule: str, since: str) -> AsyncGenerator[Batch]:
        """Yield what a rule would have brought since a post; the cursor stands until all of it is here."""
        asked = {**ASKED, "query": rule, "since_id": since, "max_results": "100"}
        for _ in range(PAGES):
            address = f"{self._endpoint}/2/tweets/search/recent?{urlencode(asked)}"
            answer = await get(session, address, self._policy, "the search", self._clock)
            try:
                page = msgspec.json.decode(answer.body, type=_Page)
            except (msgspec.MsgspecError, RecursionError):
                raise Interrupted("nonsense", "the search gives no page") from None
            before, self._at = self._at, _Cursor(since, self._at.month, self._at.posts)
            for item in reversed(page.data):
                read = self._tweet(bytes(item), page.includes)
                self._at = _Cursor(max(before.id, self._at.id, key=_age), self._at.month, self._at.posts)
                yield msgspec.structs.replace(read, cursor=None)
            if page.meta.next_token is None or page.meta.next_token == asked.get("next_token"):
                return
            asked["next_token"] = page.meta.next_token

    def _line(self, line: bytes) -> Batch:
        try:
            read = msgspec.json.decode(line, type=_Line)
        except (ValueError, RecursionError) as error:
            return _malformed(line, error)
        if read.data is None:
            what = read.errors[0].get("title", "an error") if read.errors else "a line without a post"
            raise Interrupted("dropped", f"the stream says {str(what)[:100]}")
        return self._batch(read.data, read.includes)

    def _tweet(self, data: bytes, includes: _Includes) -> Batch:
        try:
            return self._batch(msgspec.json.decode(data, type=_Tweet), includes)
        except (ValueError, RecursionError) as error:
            return _malformed(data, error)

    def _batch(self, tweet: _Tweet, includes: _Includes) -> Batch:
        references = {reference.type: reference.id for reference in tweet.referenced_tweets}
        # A repost's own text is cut off; the original's stands beside it.
        original = references.get("retweeted")
        texts = {included.id: included.text for included in includes.tweets}
        author = next((user for user in includes.users if user.id == tweet.author_id), _User(tweet.author_id))
        created_ms = self._clock.now_ms() if tweet.created_at is None else to_ms(tweet.created_at)
        post = Post(
            id=tweet.id,
            platform=PLATFORM,
            author=tweet.author_id,
            created_at=format_time(created_ms),
            text=texts.get(original or "", tweet.text),
            lang=None if tweet.lang in (None, "und", "zxx", "qme", "qht", "art") else tweet.lang,
            repost_of=original,
            reply_to=references.get("replied_to"),
            url=f"https://x.com/i/status/{tweet.id}",
            followers=author.public_metrics.followers_count,
            author_since=author.created_at,
            restricted=_restricted(tweet),
        )
        self._at = _Cursor(max(self._at.id, tweet.id, key=_age), self._at.month, self._at.posts + 1)
        return Batch(posts=(post,), cursor=msgspec.json.encode(self._at).decode())


def _restricted(tweet: _Tweet) -> list[str] | None:
    held = [withheld(country) for country in tweet.withheld.country_codes]
    return [*([SENSITIVE] if tweet.possibly_sensitive else []), *held] or None


def _age(post_id: str) -> int:
    return int(post_id) if post_id.isdecimal() else 0


def _malformed(data: bytes, error: Exception) -> Batch:
    text = " ".join(str(error).split())
    reason = "missing_field" if "missing required" in text else "wrong_type"
    if not isinstance(error, msgspec.ValidationError):
        reason = "not_json"
    return Batch(malformed=(Malformed(data, reason, text),))
