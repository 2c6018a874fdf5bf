"""Facebook pages by the Graph API: what a page's feed has that is newer, asked for again and again.

For pages whose webhooks do not come to us (`facebook.py`). Terms, permissions, limits and what was tested:
docs/sources/facebook.md.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import aiohttp
import msgspec

from agents.adapters.outbound import Answer
from agents.adapters.sources.clock import Clock
from agents.adapters.sources.facebook import PLATFORM
from agents.adapters.sources.fetching import Web, get, judge, told
from agents.adapters.sources.source import Batch, Interrupted, Malformed, Refused
from streams.contracts.posts import Post
from streams.contracts.times import format_time, to_ms
from streams.ingesting.dates import claimed

ENDPOINT: Final = "https://graph.facebook.com/v23.0"
EVERY_S: Final = 300.0
PAGE: Final = 100
PAGES: Final = 20
FIELDS: Final = "id,created_time,message,from,permalink_url"
DATE: Final = "%Y-%m-%dT%H:%M:%S%z"
KINDS: Final = ("application/json", "text/javascript")

LIMITED: Final = frozenset({4, 17, 32, 341, 368, 613, *range(80_000, 80_015)})
"""Error codes: requests of an application, a user, a page are used up, within a sliding hour."""
LIMITED_S: Final = 600.0
"""How long to wait where the answer does not say."""
REFUSED: Final = frozenset({10, 100, 102, 104, 190, 803, *range(200, 300)})
"""Error codes of a token, a permission or a page that is wrong."""
_USAGE: Final = "x-business-use-case-usage"
_KEPT: Final = 1000
"""Items without a post that are remembered, so that one that comes again at each look is one dead letter."""
_PLACES: Final = ("after", "until", "__paging_token")
"""Parameters of the next page's address that say where it begins; the address itself is not followed."""

_CURSOR: Final = msgspec.json.Decoder(dict[str, int])


class _From(msgspec.Struct):
    id: str


class _Item(msgspec.Struct):
    id: str
    created_time: str
    message: str | None = None
    sender: _From | None = msgspec.field(default=None, name="from")
    permalink_url: str | None = None


class _Paging(msgspec.Struct):
    next: str | None = None


class _Error(msgspec.Struct):
    code: int = 0
    is_transient: bool = False


class _Feed(msgspec.Struct):
    data: list[msgspec.Raw] | None = None
    paging: _Paging | None = None
    error: _Error | None = None


class _Regain(msgspec.Struct):
    estimated_time_to_regain_access: int = 0


class FacebookPages:
    """The feeds of pages: what they and their visitors post.

    Args:
        pages: ids or names of the pages.
        token: of the application or the page.
        clock: for dates and waiting.
        web: how to go there.
        app_secret: signs each request, for applications that demand it; "" for none.
        every_s: how long to wait between two looks.
        endpoint: of the API, with its version.
    """

    live = True

    def __init__(
        self,
        pages: Sequence[str],
        token: str,
        *,
        clock: Clock,
        web: Web,
        app_secret: str = "",
        every_s: float = EVERY_S,
        endpoint: str = ENDPOINT,
    ) -> None:
        self.name = f"facebook-pages:{urlsplit(endpoint).netloc}"
        self._pages = pages
        self._login = {"access_token": token}
        if app_secret:
            proof = hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
            self._login["appsecret_proof"] = proof
        self._clock = clock
        self._web = web
        self._every_s = every_s
        self._endpoint = endpoint.rstrip("/")
        self._policy = web.policy(endpoint)
        self._letters: OrderedDict[bytes, None] = OrderedDict()

    async def batches(self, cursor: str | None) -> AsyncGenerator[Batch]:
        """Look again and again for what is newer than the newest post of each page; first for the newest answer."""
        at = _CURSOR.decode(cursor) if cursor else {}
        async with told(), self._web.session(self._policy) as session:
            while True:
                for page in self._pages:
                    # The newest come first: all answers are read before the oldest of them goes out.
                    for items in reversed(await self._behind(session, page, at.get(page))):
                        yield self._read(page, items, at)
                await self._clock.sleep(self._every_s)

    async def _behind(self, session: aiohttp.ClientSession, page: str, since_s: int | None) -> list[list[msgspec.Raw]]:
        """Return the answers of a page's feed from the second of its newest post on, newest first."""
        found: list[list[msgspec.Raw]] = []
        place: dict[str, str] = {}
        while len(found) < (PAGES if since_s is not None else 1):
            asked = {"fields": FIELDS, "limit": str(PAGE), **place, **self._login}
            if since_s is not None:
                asked["since"] = str(since_s)
            address = f"{self._endpoint}/{quote(page, safe='')}/feed?{urlencode(asked)}"
            feed = await self._feed(session, page, address)
            if not feed.data:
                break
            found.append(feed.data)
            following = parse_qs(urlsplit(feed.paging.next or "").query) if feed.paging is not None else {}
            before, place = place, {name: following[name][0] for name in _PLACES if name in following}
            if not place or place == before:
                break
        return found

    async def _feed(self, session: aiohttp.ClientSession, page: str, address: str) -> _Feed:
        # Facebook says with 400 and 403 what others say with 401 and 429, and tells them apart in the body only.
        what = f"the feed of {page}"
        statuses = (200, 400, 401, 403, 404, 500)
        answer = await get(session, address, self._policy, what, self._clock, kinds=KINDS, statuses=statuses)
        try:
            feed = msgspec.json.decode(answer.body, type=_Feed)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Interrupted("nonsense", f"{what} is none") from None
        error = feed.error
        if error is None:
            judge(answer.status, answer.headers, what, self._clock)
            if feed.data is None:
                raise Interrupted("nonsense", f"{what} is none")
            return feed
        if error.code in LIMITED:
            raise Interrupted("limited", f"Facebook says {error.code} to {what}", _regained_s(answer))
        if error.code in REFUSED and not error.is_transient:
            raise Refused(f"Facebook says {error.code} to {what}: the token, its permissions or the page are wrong")
        raise Interrupted("failed", f"Facebook says {error.code} to {what}")

    def _read(self, page: str, items: list[msgspec.Raw], at: dict[str, int]) -> Batch:
        posts: list[Post] = []
        malformed: list[Malformed] = []
        now_ms = self._clock.now_ms()
        for raw in reversed(items):
            try:
                item = msgspec.json.decode(raw, type=_Item)
                created_ms = to_ms(datetime.strptime(item.created_time, DATE))  # noqa: DTZ007 - it has %z
            except (ValueError, OverflowError, RecursionError) as error:
                if self._is_new(bytes(raw)):
                    text = " ".join(str(error).split())
                    reason = "missing_field" if "missing required" in text else "wrong_type"
                    malformed.append(Malformed(bytes(raw), reason, text))
                continue
            at[page] = max(at.get(page, 0), min(created_ms, now_ms) // 1000)
            # Without words there is nothing to read; without a sender the token may not know whose they are.
            if item.message and item.sender is not None:
                posts.append(
                    Post(
                        id=item.id,
                        platform=PLATFORM,
                        author=item.sender.id,
                        created_at=format_time(claimed(created_ms, now_ms)),
                        text=item.message,
                        url=item.permalink_url,
                    )
                )
        return Batch(posts=posts, malformed=malformed, cursor=msgspec.json.encode(at).decode())

    def _is_new(self, raw: bytes) -> bool:
        """Say whether an item that is no post is seen for the first time: it comes again while it is the newest."""
        key = hashlib.sha256(raw).digest()
        if key in self._letters:
            return False
        self._letters[key] = None
        if len(self._letters) > _KEPT:
            self._letters.popitem(last=False)
        return True


def _regained_s(answer: Answer) -> float:
    """Return how long a limit lasts: what the answer estimates, in minutes, or a guess."""
    usage = next((value for name, value in answer.headers.items() if name.lower() == _USAGE), "")
    try:
        told_of = msgspec.json.decode(usage or "{}", type=dict[str, list[_Regain]])
    except (msgspec.MsgspecError, RecursionError):
        return LIMITED_S
    minutes = max((one.estimated_time_to_regain_access for several in told_of.values() for one in several), default=0)
    return min(minutes * 60.0, 86_400.0) or LIMITED_S
