"""What is usual for a term: a decayed mean count at every scale, its uncertainty, and how far counts scatter.

Sums are over buckets of the past, weighted by exp(age / memory), and fed an hour late, so that a burst does not raise
its own bar. The time of day enters through exposure: the unit of a baseline is not the minute but the author seen, so
an hour in which twice as many people write is expected to bring twice as many of every term.
"""

import math
from typing import Final

import msgspec
import numpy as np

from streams.hotspots.by_slot import beginnings
from streams.hotspots.columns import Array
from streams.hotspots.settings import SCALES, WINDOW, DetectorSettings
from streams.hotspots.vocabulary import Vocabulary
from streams.hotspots.window import Leaving

_SHAPE: Final = 0.05
"""Shape of the prior of a term's rate: small, since most terms are hardly ever used and a few are everywhere."""
_EXPOSURE: Final = 1.0
"""Exposure of the prior, in windows: an unseen term is as likely as if one window had been watched before."""
_PRIOR_WEIGHT: Final = 10.0
"""How much squared mean the prior dispersion is worth."""
_HOURLY_DECAY: Final = 0.98
_MOST_DISPERSION: Final = 4.0
_RESCALE: Final = 1e6
_WITHIN: Final = np.minimum(np.arange(WINDOW + 1)[:, None], SCALES) / SCALES
"""[buckets since its author's use before, scale]: in which share of the windows that hold its bucket a use counts."""


class PackedBaselines(msgspec.Struct, frozen=True, array_like=True):
    """What baselines hold beside the vocabulary's columns."""

    volumes: list[int]
    volume: float
    tests: float
    minutes: float
    weight: float
    buckets: int


class Baselines:
    """Baselines of all terms of a shard; per term they live in the vocabulary's columns `sum`, `excess`, `pending`."""

    def __init__(self, vocabulary: Vocabulary, settings: DetectorSettings) -> None:
        self._vocabulary = vocabulary
        self._settings = settings
        self._growth = math.exp(1 / (settings.memory_hours * 60))
        self._volumes: list[int] = []
        self._volume = 0.0
        self._tests = 0.0
        self._minutes = 0.0
        self._weight = 1.0
        self.buckets = 0

    @property
    def warming(self) -> float:
        """How far baselines have learned, 1.0 when done."""
        return min(1.0, self.buckets / (self._settings.warmup_hours * 60))

    @property
    def tests_per_day(self) -> float:
        """Terms tested a day, from the recent past."""
        return self._tests / max(self._minutes, 1.0) * 1440 if self._minutes else 0.0

    def learn(self, leaving: Leaving | None) -> None:
        """Take in the uses of the bucket that is now an hour old, with its volume."""
        self.buckets += 1
        if len(self._volumes) < WINDOW:
            return
        self._weight *= self._growth
        self._volume += self._weight * self._volumes[0]
        if leaving is not None:
            columns = self._vocabulary.columns
            starts = beginnings(leaving.slot)
            slots = leaving.slot[starts]
            authors = np.ldexp(self._weight, columns["level"][slots].astype(np.int32))
            # `take` copies rows whole, several times as fast as an index in brackets.
            added = np.add.reduceat(_WITHIN.take(leaving.gap, axis=0), starts, axis=0) * authors[:, None]
            columns["sum"][slots] = columns["sum"].take(slots, axis=0) + added
        if self._weight > _RESCALE:
            self._vocabulary.columns["sum"][:] /= self._weight
            self._volume /= self._weight
            self._weight = 1.0

    def observe(self, authors: int, tests: int) -> None:
        """Note the volume of the bucket that closes: distinct authors, and terms tested."""
        self._volumes.append(authors)
        if len(self._volumes) > WINDOW:
            del self._volumes[0]
        self._tests = self._tests / self._growth + tests
        self._minutes = self._minutes / self._growth + 1.0

    def expected(self, slots: Array) -> tuple[Array, Array]:
        """Return mean and size of the count of each slot at every scale, for the window that ends now (float64 [n, 4]).

        A gamma prior of the rate per exposure, and Poisson counts, give a negative binomial whose size is the number of
        windows' worth of uses seen; overdispersion adds its part: 1 / size = 1 / (prior + seen) + dispersion.
        """
        columns = self._vocabulary.columns
        seen = columns["sum"].take(slots, axis=0) / self._weight
        shape = _SHAPE + seen
        mean = shape / (_EXPOSURE + self._windows())
        size = 1.0 / (1.0 / shape + self._dispersion(slots)[:, None])
        return mean, size

    def score_hour(self) -> None:
        """Learn the scatter of the hour that ends now; it counts from the next hour on."""
        columns = self._vocabulary.columns
        if not len(columns):
            return
        columns["excess"][:] = columns["excess"] * _HOURLY_DECAY + columns["pending"]
        columns["pending"][:] = 0
        if self._volume <= 0:
            return
        seen = columns["sum"][:, -1] / self._weight
        mean = (_SHAPE + seen) / (_EXPOSURE + self._windows()[-1])
        rows = np.flatnonzero(mean > 0.2)
        count = np.ldexp(columns["count"][rows, -1].astype(np.float64), columns["level"][rows].astype(np.int32))
        squared = mean[rows] ** 2
        columns["pending"][rows] = np.stack([(count - mean[rows]) ** 2 - mean[rows], squared], axis=1)

    def pack(self) -> PackedBaselines:
        """Return the state beside the columns."""
        return PackedBaselines(
            list(self._volumes), self._volume, self._tests, self._minutes, self._weight, self.buckets
        )

    def unpack(self, packed: PackedBaselines) -> None:
        """Take over what `pack` returned."""
        self._volumes = list(packed.volumes)
        self._volume, self._tests, self._minutes = packed.volume, packed.tests, packed.minutes
        self._weight, self.buckets = packed.weight, packed.buckets

    def _windows(self) -> Array:
        """How many windows like the one that ends now the past is worth, by scale.

        The volume of a short window is at least its share of the hour: a quiet minute proves nothing. A sudden flow
        (a source that catches up) raises what is expected at once.
        """
        hour = sum(self._volumes) / len(self._volumes)
        past = self._volume / self._weight
        return np.array([past / max(sum(self._volumes[-scale:]), hour * scale, 1.0) for scale in SCALES])

    def _dispersion(self, slots: Array) -> Array:
        """Overdispersion of each slot by moments, shrunk to the prior by the squared mean behind it."""
        excess = self._vocabulary.columns["excess"].take(slots, axis=0)
        prior = self._settings.dispersion
        found = (prior * _PRIOR_WEIGHT + excess[:, 0]) / (_PRIOR_WEIGHT + excess[:, 1])
        dispersion: Array = np.clip(found, prior / 2, _MOST_DISPERSION)
        return dispersion
