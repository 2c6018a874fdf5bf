"""Runs every method over one stream, and reckons how good each is at any threshold.

What a method lacks beside a score it is lent: five authors make a crowd; words tell nobody on the first day (the
engine's rule); a term told of is silent for a day; and a term half of whose posts carry one that was told within a day
is the same story. Its threshold is lent too: the best of all that keep within the budget on this very stream, truth in
hand, which no method has in life, the engine included.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from streams.alerts.decision import held_back_for_warming
from streams.comparing.methods import DAY, Mastodon, Method, RawCount, SeasonalEsd, SigniTrend
from streams.comparing.usage import HOUR, Usage
from streams.contracts.posts import ReadPost
from streams.contracts.times import bucket_end_ms, bucket_of
from streams.evaluation import Evaluation, Told

METHODS: Final[Mapping[str, Callable[[], Method]]] = {
    "raw-count": RawCount,
    "mastodon": Mastodon,
    "signitrend": SigniTrend,
    "esd": SeasonalEsd,
}
BUDGETS: Final = (0.1, 0.3, 1.0, 3.0, 10.0)
_CROWD: Final = 5
_SAME: Final = 0.5
_THRESHOLDS: Final = 80
_STEP: Final = 0.9
"""Thresholds are tried downwards in such steps, until far more is false than any budget allows."""
_TOO_FALSE: Final = 1.5 * BUDGETS[-1]
_EPOCH_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Candidate(msgspec.Struct, frozen=True):
    """A term hotter than it was within a day: by how much, and the posts that it would be told with."""

    bucket: int
    term: str
    score: float
    posts: Sequence[ReadPost]


class Place(msgspec.Struct, frozen=True):
    """How good a method is at a threshold."""

    threshold: float
    result: Evaluation


class Contest:
    """All methods over one stream; posts are taken in the order in which the log has them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.candidates: dict[str, list[Candidate]] = {name: [] for name in names}
        self._methods = {name: METHODS[name]() for name in self.candidates}
        self._highest: dict[tuple[str, str], tuple[int, float]] = {}
        self._usage = Usage()
        self._bucket = -1
        self._first = -1

    def take(self, post: ReadPost) -> None:
        """Count a post; one that comes late counts in the minute that is open."""
        bucket = max(bucket_of(post.created_ms), self._bucket)
        if self._bucket < 0:
            self._bucket = self._first = bucket
        if bucket > self._bucket:
            self._turn(bucket)
        self._usage.add(bucket, post)
        for term in post.terms:
            for method in self._methods.values():
                method.see(bucket, term, post.author)

    def end(self) -> None:
        """Judge the last minute; called once, after the last post."""
        if self._bucket >= 0:
            self._judge()

    def _turn(self, bucket: int) -> None:
        self._judge()
        for method in self._methods.values():
            last = self._bucket // method.every * method.every + method.every - 1
            if method.every <= HOUR and last < bucket:
                authors = self._usage.within(last, method.every)
                method.learn(last, authors, self._usage.everyone(last, method.every))
        self._bucket = bucket

    def _judge(self) -> None:
        """Note which terms are hotter than at any time of the day before: any threshold is crossed by one of these."""
        now = self._bucket
        warming = min((now - self._first) / DAY, 1.0)
        for term, hour in self._usage.take_crowds(now, _CROWD):
            if held_back_for_warming(warming, term):
                continue
            posts: Sequence[ReadPost] = ()
            for name, method in self._methods.items():
                score = method.score(now, term, hour)
                at, highest = self._highest.get((name, term), (now - DAY, 0.0))
                if score > (highest if now - at < DAY else 0.0):
                    posts = posts or self._usage.evidence(term)
                    self._highest[name, term] = (now, score)
                    self.candidates[name].append(Candidate(now, term, score, posts))


def told_at(candidates: Iterable[Candidate], threshold: float, lateness_ms: int) -> list[Told]:
    """Return what a method tells at a threshold, one alert a story.

    Args:
        candidates: in order of time.
        threshold: on its own scale.
        lateness_ms: an alert comes so long after its minute, as the engine's.
    """
    story_of: dict[str, tuple[int, int]] = {}
    told: list[Told] = []
    for one in candidates:
        if one.score < threshold:
            continue
        story = _story(one, story_of)
        if story is None:
            story = len(told)
            emitted = _EPOCH_TIME + timedelta(milliseconds=bucket_end_ms(one.bucket) + lateness_ms)
            told.append(Told(f"{story}", emitted, (one.term,), tuple(post.id for post in one.posts)))
        story_of[one.term] = (story, one.bucket)
    return told


def _story(one: Candidate, story_of: Mapping[str, tuple[int, int]]) -> int | None:
    known = story_of.get(one.term)
    if known is not None and one.bucket - known[1] < DAY:
        return known[0]
    posts_about: dict[int, int] = {}
    for post in one.posts:
        found = {story_of[term] for term in post.terms if term in story_of}
        for story in {story for story, bucket in found if one.bucket - bucket < DAY}:
            posts_about[story] = posts_about.get(story, 0) + 1
    if not posts_about:
        return None
    story, number = max(posts_about.items(), key=lambda item: (item[1], -item[0]))
    return story if number >= _SAME * len(one.posts) else None


def places(
    candidates: Sequence[Candidate], judge: Callable[[Sequence[Told]], Evaluation], lateness_ms: int
) -> list[Place]:
    """Return how good a method is at one threshold after another, the highest first."""
    found: list[Place] = []
    threshold = max((one.score for one in candidates), default=0.0)
    least = min((one.score for one in candidates), default=0.0)
    while candidates and len(found) < _THRESHOLDS:
        result = judge(told_at(candidates, threshold, lateness_ms))
        found.append(Place(threshold, result))
        if threshold <= least or result.false_a_day > _TOO_FALSE:
            break
        threshold *= _STEP
    return found


def best_within(tried: Iterable[Place], budget: float) -> Place | None:
    """Return where a method finds most within a budget; of several the one with fewest repeats, then the soonest."""
    within = [place for place in tried if place.result.false_a_day <= budget]
    return max(within, key=_goodness, default=None)


def _goodness(place: Place) -> tuple[int, int, float]:
    result = place.result
    return result.count("found"), -result.count("repeat"), -(result.median_delay_ms or 0.0)
