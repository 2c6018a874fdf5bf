"""Watchlists, profiles and recommendations for a staged page: made up here, seeded."""

import math
import random

import msgspec

from agents.web.board import Board
from agents.web.people import People
from streams.contracts.profiles import Profile
from streams.contracts.recommendations import Recommendation, Suggestion
from streams.contracts.times import format_time
from streams.contracts.watchlists import AspectMood, Reason, WatchAlert, Watchlist, WatchReport
from tests.web.staged import BEGIN_MS, MINUTE_MS, made

STEP_MS = 5 * MINUTE_MS
NAMES = ("aurora", "borealis", "星海")
AUTHORS = tuple(f"{number:016x}" for number in range(0xA1, 0xA7))


def listed(name: str, **fields: object) -> Watchlist:
    """Return a watchlist."""
    known = {"name": name, "query": f"{name} NOT stock", "since": format_time(BEGIN_MS), "group": "cars"}
    return Watchlist(**{**known, **fields})  # type: ignore[arg-type]


def reported(name: str, step: int, **fields: object) -> WatchReport:
    """Return how a watchlist stands after so many steps of five minutes."""
    place = NAMES.index(name) if name in NAMES else 0
    chance = random.Random(place * 1000 + step)
    usual = 90 * (1 + 0.4 * math.sin(step / 40)) * (place + 1)
    posts = int(usual * (chance.uniform(0.9, 1.1) + (1.2 if 250 < step < 270 else 0)))
    known: dict[str, object] = {
        "name": name,
        "query": f"{name} NOT stock",
        "emitted_at": format_time(BEGIN_MS + step * STEP_MS),
        "posts": posts,
        "posts_before": None if step < 24 else round(usual, 1),
        "authors": posts * 4 // 5,
        "share_of_voice": (place + 1) / 6,
        "mood": round(0.3 * math.sin(step / 25) - place * 0.1, 3),
        "mood_before": 0.12 - place * 0.1,
        "mood_p": 0.2,
        "learning": min(step / 72, 1.0),
        "aspects": {"price": AspectMood(12, -0.4), "service": AspectMood(7, 0.25), "battery": AspectMood(3, None)},
        "negative": (Reason("too expensive", 0.31, 0.02, ("n1", "n2")), Reason("刹车失灵", 0.12, 0.01, ("n3",))),
        "positive": (Reason("quiet ride", 0.22, 0.03, ("p1", "p2", "p3")),),
        "series": tuple(chance.randrange(posts // 40 + 2) for _ in range(60)),
    }
    return WatchReport(**{**known, **fields})  # type: ignore[arg-type]


def turned(name: str, step: int, **fields: object) -> WatchAlert:
    """Return that a mood turned."""
    known: dict[str, object] = {
        "alert_id": f"turn-{name}-{step}",
        "name": name,
        "emitted_at": format_time(BEGIN_MS + step * STEP_MS),
        "direction": "worse",
        "mood": -0.42,
        "mood_before": 0.11,
        "p_value": 3e-6,
        "authors": 61,
        "reasons": (Reason("too expensive", 0.31, 0.02, ("n1", "n2")),),
    }
    return WatchAlert(**{**known, **fields})  # type: ignore[arg-type]


def watched(board: Board, steps: int = 288) -> None:
    """Put three watchlists of one group on a board, with a day of reports and a turn of the first one's mood."""
    for name in NAMES:
        board.watches.watchlist(listed(name))
        for step in range(steps):
            board.watches.report(reported(name, step))
    board.watches.alert(turned(NAMES[0], steps - 30))


def known_of(author: str, **fields: object) -> Profile:
    """Return the profile of an author."""
    chance = random.Random(int(author, 16))
    known: dict[str, object] = {
        "author": author,
        "platform": "x",
        "updated_at": format_time(BEGIN_MS),
        "posts": round(chance.uniform(4, 60), 2),
        "reposts": 3.0,
        "terms": {"tag:harbour": 6.5, "word:earthquake": 4.25, "phrase:extra time": 2.0, "phrase:地铁故障": 1.5},
        "languages": {"en": 12.0, "zh": 4.0},
        "hours": tuple(round(8 * math.exp(-((hour - 19) ** 2) / 12), 2) for hour in range(24)),
        "spreads": {"domain:news.example": 2.5, "post:x/77": 1.0},
        "mood": {"negative": 0.3, "neutral": 0.5, "positive": 0.2},
        "scored": 14.0,
    }
    return Profile(**{**known, **fields})  # type: ignore[arg-type]


def peopled(people: People) -> None:
    """Put some authors among those who are known."""
    for author in AUTHORS:
        people.take(0, author, msgspec.json.encode(known_of(author)))


class StagedSuggestions:
    """Recommends the same hotspots to everyone; `away` is a recommender that does not answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    async def ask(self, author: str) -> Recommendation:
        """Answer at once."""
        self.asked.append(author)
        if self.away:
            raise TimeoutError
        return self.recommendation(author)

    def made(self, request_id: str) -> Recommendation | None:
        """Know the answers that were given."""
        return self.recommendation(self.asked[-1]) if request_id == "page-1" and self.asked else None

    def recommendation(self, author: str) -> Recommendation:
        """Return two hotspots and a post in one of them."""
        features = {"interest": 0.5, "freshness": 1.0}
        hotspots = [made(number, 10).hotspot_id for number in (0, 2)]
        items = [
            Suggestion(
                kind="hotspot", id=hotspots[0], hotspot_id=hotspots[0], title="Strong earthquake shakes the harbour",
                because="because you write about earthquake", lang="en", score=1.2, propensity=0.4, features=features,
            ),
            Suggestion(
                kind="post", id="p2-0", hotspot_id=hotspots[1], title="地铁突发故障", because="因为你常谈到地铁故障",
                lang="zh", score=0.7, propensity=0.3, features=features,
            ),
        ]  # fmt: skip
        return Recommendation(request_id="page-1", author=author, items=tuple(items), known=True, clicks=4)
