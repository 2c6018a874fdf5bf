"""How hot a term is by four published definitions. Each keeps a past of its own and is asked about the last hour.

All count distinct authors, as the engine does, where their definitions count accounts, documents or mentions: a single
loud account would otherwise decide the comparison.
"""

import math
import statistics
from collections.abc import Mapping
from typing import Final, Protocol

from streams.comparing.usage import HOUR

DAY: Final = 1440


class Method(Protocol):
    """A definition of hot, which learns every so many minutes."""

    every: int

    def see(self, bucket: int, term: str, author: int) -> None:
        """Note one use."""

    def score(self, bucket: int, term: str, hour: int) -> float:
        """Return how hot a term is.

        Args:
            bucket: the minute that ends now.
            hour: distinct authors of the last 60 minutes.
        """

    def learn(self, bucket: int, authors: Mapping[str, int], everyone: int) -> None:
        """Take in the `every` minutes that ended with `bucket`.

        Args:
            authors: distinct authors of each term used in them.
            everyone: distinct authors of any.
        """


class RawCount:
    """How many people used it within the hour."""

    every = DAY

    def see(self, bucket: int, term: str, author: int) -> None:
        """Keep no past."""

    def score(self, bucket: int, term: str, hour: int) -> float:
        """Return the count."""
        return float(hour)

    def learn(self, bucket: int, authors: Mapping[str, int], everyone: int) -> None:
        """Keep no past."""


class Mastodon:
    """Mastodon's score of a trending tag: (today - yesterday)² / yesterday, by accounts that used it.

    As `Trends::Tags` of Mastodon 4 reckons it: no fewer than five accounts, yesterday at least one. The decay of a
    score with a half-life of hours orders its list; it starts nothing.
    """

    every = DAY
    _LEAST: Final = 5

    def __init__(self) -> None:
        self._day = 0
        self._today: dict[str, set[int]] = {}
        self._yesterday: dict[str, int] = {}

    def see(self, bucket: int, term: str, author: int) -> None:
        """Add an account to today's."""
        day = bucket // DAY
        if day > self._day:
            self._yesterday = {name: len(kept) for name, kept in self._today.items()} if day == self._day + 1 else {}
            self._day, self._today = day, {}
        self._today.setdefault(term, set()).add(author)

    def score(self, bucket: int, term: str, hour: int) -> float:
        """Return the score, 0 for what is no more than yesterday."""
        observed = len(self._today.get(term, ()))
        expected = max(self._yesterday.get(term, 0), 1)
        return 0.0 if observed < self._LEAST or observed < expected else (observed - expected) ** 2 / expected

    def learn(self, bucket: int, authors: Mapping[str, int], everyone: int) -> None:
        """Days turn with what is seen."""


class SigniTrend:
    """How many standard deviations the share of an epoch is above its moving average, with a bias against rare terms.

    Schubert, Weiler and Kriegel (2014): (x - max(EWMA, β)) / (√EWMVar + β). Epochs of an hour, asked about every
    minute, with a half-life of a day; β is the share of one author; exact counts instead of hashed ones.
    """

    every = HOUR
    _KEPT: Final = math.exp(-math.log(2) * HOUR / DAY)
    _RARE: Final = 1.0

    def __init__(self) -> None:
        self._past: dict[str, tuple[int, float, float]] = {}
        self._everyone = 0.0
        self._epochs = 0

    def see(self, bucket: int, term: str, author: int) -> None:
        """Learn by the hour."""

    def score(self, bucket: int, term: str, hour: int) -> float:
        """Return the significance of the last 60 minutes."""
        if not self._epochs:
            return 0.0
        everyone = max(self._everyone / self._epochs, 1.0)
        bias = self._RARE / everyone
        mean, variance = self._now(bucket, term)
        return (hour / everyone - max(mean, bias)) / (math.sqrt(variance) + bias)

    def learn(self, bucket: int, authors: Mapping[str, int], everyone: int) -> None:
        """Move average and variance of what was used; the rest follows when it is used again."""
        self._everyone += everyone
        self._epochs += 1
        for term, count in authors.items():
            mean, variance = self._now(bucket - HOUR, term)
            change = count / max(everyone, 1) - mean
            moved = mean + (1 - self._KEPT) * change
            self._past[term] = (bucket, moved, self._KEPT * (variance + (1 - self._KEPT) * change**2))

    def _now(self, bucket: int, term: str) -> tuple[float, float]:
        """Return average and variance after the epochs in which a term was not used, in closed form."""
        if term not in self._past:
            return 0.0, 0.0
        last, mean, variance = self._past[term]
        kept = self._KEPT ** ((bucket - last) // HOUR)
        return mean * kept, kept * (variance + mean**2 * (1 - kept))


class SeasonalEsd:
    """The test statistic of a seasonal hybrid ESD: how many robust deviations the hour lies above what is seasonal.

    Vallis, Hochenbaum and Kejariwal (2014): (x - season - median) / MAD. The season is the median of this hour of the
    day, over a week of hours; the MAD is at least that of one author, since most terms are at nought most of the time.
    """

    every = HOUR
    _HOURS: Final = 24 * 7
    _LEAST_MAD: Final = 1.0

    def __init__(self) -> None:
        self._past: dict[str, dict[int, int]] = {}
        self._first = -1

    def see(self, bucket: int, term: str, author: int) -> None:
        """Note the hour in which the stream begins; terms learn by the hour."""
        if self._first < 0:
            self._first = bucket // HOUR

    def score(self, bucket: int, term: str, hour: int) -> float:
        """Return the statistic of the last 60 minutes."""
        now = bucket // HOUR
        begin = max(self._first, now - self._HOURS)
        past = self._past.get(term, {})
        counts = {at: past.get(at, 0) for at in range(begin, now)}
        if not counts:
            return 0.0
        season = {
            place: statistics.median([count for at, count in counts.items() if at % 24 == place])
            for place in {at % 24 for at in counts}
        }
        rest = [count - season[at % 24] for at, count in counts.items()]
        middle = statistics.median(rest)
        mad = statistics.median([abs(one - middle) for one in rest])
        return (hour - season.get(now % 24, 0.0) - middle) / max(mad, self._LEAST_MAD)

    def learn(self, bucket: int, authors: Mapping[str, int], everyone: int) -> None:
        """Keep the hour, for a week."""
        at = bucket // HOUR
        for term, count in authors.items():
            past = self._past.setdefault(term, {})
            past[at] = count
            for old in [old for old in past if old < at - self._HOURS]:
                del past[old]
