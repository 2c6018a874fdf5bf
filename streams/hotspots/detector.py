"""The detector of one shard: which terms burst in the bucket that closes. Deterministic: same input, same bytes.

It is called once a bucket, in order, for every bucket from the first on. The method is in docs/method.md.
"""

import math
from typing import Final

import msgspec
import numpy as np

from streams.contracts.bursts import RECORD_BYTES, BucketRecord, Burst, within
from streams.contracts.snapshots import StateUnreadable
from streams.hotspots.baselines import Baselines, PackedBaselines
from streams.hotspots.by_slot import beginnings
from streams.hotspots.columns import Array, Packed
from streams.hotspots.content import BucketContent
from streams.hotspots.habits import Habits, PackedHabits
from streams.hotspots.sampling import everyday_names, minutes_of, shares, smallest_hashes
from streams.hotspots.settings import SCALES, WINDOW, DetectorSettings
from streams.hotspots.tail import log10_tail
from streams.hotspots.vocabulary import Vocabulary
from streams.hotspots.window import PackedWindow, Window
from streams.privacy.rotations import NONE, Rotations

__all__ = ["Detector", "DetectorSettings", "DetectorStateError"]

STATE_VERSION: Final = 3
_WITHOUT_FREE_SLOTS: Final = 2
"""The version before knew no free slots. A state that has none is written as one of those, so that it reads it too."""
_REPORT_EVERY: Final = 5
"""A followed term that nobody used is reported every so many buckets only, so that it is seen to fade."""
_MOST_REPORTED: Final = 256
"""Terms a record tells of at most, the strongest: before baselines know a large stream, thousands are news at once."""
_LEAST_TESTS_PER_DAY: Final = 1e4
"""Until a day is known, and in a stream of hardly any posts, the threshold assumes at least this many tests."""


class DetectorStateError(StateUnreadable):
    """A stored state cannot be read: another version wrote it, or it is damaged."""


class _State(msgspec.Struct, array_like=True):
    version: int
    bucket: int
    terms: list[str]
    columns: Packed
    window: PackedWindow
    baselines: PackedBaselines
    habits: PackedHabits
    era: int = 0


class Detector:
    """Distinct authors, baselines and significance of one shard's terms.

    Args:
        shard: which one, from 0.
        shards: how many there are; the budget is for all of them.
        settings: see `DetectorSettings`.
        rotations: of the author hashes.
    """

    def __init__(self, shard: int, shards: int, settings: DetectorSettings, rotations: Rotations = NONE) -> None:
        self._shard = shard
        self._shards = shards
        self._settings = settings
        self._rotations = rotations
        self._bucket = -1
        self._era = 0
        self._vocabulary = Vocabulary(settings.max_terms)
        self._window = Window(self._vocabulary, settings.tracked_authors)
        self._baselines = Baselines(self._vocabulary, settings)
        self._habits = Habits(self._vocabulary, settings)

    def close(self, bucket: int, content: BucketContent) -> BucketRecord:
        """Take in the final content of a bucket and say what bursts.

        Raises:
            ValueError: the bucket is not the one after the last.
        """
        if self._bucket >= 0 and bucket != self._bucket + 1:
            raise ValueError(f"shard {self._shard} closed bucket {self._bucket} and cannot close {bucket} next")
        self._rotate(bucket)
        self._bucket = bucket
        if bucket % WINDOW == 0:
            self._baselines.score_hour()
            self._habits.turn_hour(bucket)
        self._baselines.learn(self._window.advance(bucket))
        content = self._make_room(content)
        authors = len(beginnings(np.sort(content.author))) if content.posts else 0
        self._baselines.observe(authors, len(content.terms))
        slots = self._vocabulary.of(content.terms, bucket)
        used = self._window.add(bucket, content, slots) if content.terms else np.empty((0, len(SCALES)), np.int64)
        bursts = self._bursts(bucket, content, slots, used)
        return BucketRecord(
            shard=self._shard,
            shards=self._shards,
            bucket=bucket,
            posts=content.posts,
            tests=len(content.terms),
            warming=round(self._baselines.warming, 4),
            bursts=bursts,
            everyday=everyday_names(content, self._shard, self._shards),
        )

    def _rotate(self, bucket: int) -> None:
        """Carry the hour across a rotation that holds from `bucket` on, or did while no bucket closed."""
        before, now = self._era, self._rotations.era(bucket)
        if now > before:
            self._window.rehash(lambda authors: self._rotations.all_onward(authors, before, now), bucket - 1)
            self._era = now

    def pass_over(self, bucket: int) -> BucketRecord:
        """Go to `bucket` without a look at it and those before: all are empty, and so were the days before them."""
        self._bucket = bucket
        self._window.clear()
        return BucketRecord(
            shard=self._shard,
            shards=self._shards,
            bucket=bucket,
            posts=0,
            tests=0,
            warming=round(self._baselines.warming, 4),
            bursts=(),
            dormant=True,
        )

    def threshold(self) -> float:
        """Return the log10 of the probability below which a term bursts.

        Were all tests independent and every probability exact, terms of all shards together would pass it by chance
        `budget` times a day; overlapping windows make it rarer.
        """
        tests = max(self._baselines.tests_per_day, _LEAST_TESTS_PER_DAY) * len(SCALES) * self._shards
        return min(math.log10(self._settings.budget / tests), self._settings.support_log10_p)

    def _make_room(self, content: BucketContent) -> BucketContent:
        """Forget the least active terms where a bucket's would not fit, and what does not fit even so."""
        if not self._vocabulary.lacks_room(content.terms):
            return content
        gone = self._vocabulary.least_active(len(content.terms))
        self._habits.forget(gone)
        self._window.forget(gone)
        self._vocabulary.forget(gone)
        most = self._settings.max_terms
        if len(self._vocabulary) + len(content.terms) <= most:
            return content
        first = int(content.starts[most])
        return msgspec.structs.replace(
            content, terms=content.terms[:most], starts=content.starts[: most + 1], rows=content.rows[:first]
        )

    def _bursts(self, bucket: int, content: BucketContent, slots: Array, kept: Array) -> tuple[Burst, ...]:
        columns = self._vocabulary.columns
        crowd = kept[:, -1] >= self._settings.support_authors
        crowd |= columns["level"][slots] > 0
        crowd |= columns["followed"][slots] > 0
        places = crowd.nonzero()[0]
        tested, counts = slots[places], kept.take(places, axis=0)
        posts = content.starts[places + 1] - content.starts[places]
        if bucket % _REPORT_EVERY == 0:
            since = max(bucket - self._settings.follow_minutes, 1)
            followed = (columns["followed"] >= since).nonzero()[0]
            quiet = followed[columns["seen"][followed] < bucket]
            if len(quiet):
                tested = np.concatenate((tested, quiet))
                none = np.zeros((len(quiet), 1), np.int64)
                counts = np.concatenate((counts, np.concatenate((none, columns["count"][quiet]), axis=1)))
                posts = np.concatenate((posts, none[:, 0]))
        if not len(tested):
            return ()
        observed = counts << columns["level"][tested].astype(np.int64)[:, None]
        log10_p, scale, expected = self._significance(bucket, tested, observed)
        widest = observed[:, -1]
        significant = (log10_p <= self.threshold()) & (widest >= self._settings.min_authors)
        columns["followed"][tested[significant]] = bucket
        age = bucket - columns["followed"][tested]
        columns["followed"][tested[age > self._settings.remember_hours * 60]] = 0
        supports = (log10_p <= self._settings.support_log10_p) & (widest >= self._settings.support_authors)
        reported = ((columns["followed"][tested] > 0) | supports).nonzero()[0]
        if not len(reported):
            return ()
        if len(reported) > _MOST_REPORTED:
            strength = np.lexsort((columns["hash"][tested[reported]], log10_p[reported], ~significant[reported]))
            reported = reported[strength[:_MOST_REPORTED]]

        order = np.argsort(tested[reported])
        reported = reported[order]
        told = tested[reported]
        samples = smallest_hashes(self._window, told, len(columns), self._settings.sample)
        minutes = minutes_of(self._window, told, len(columns), bucket)
        minutes <<= columns["level"][told].astype(np.int64)[:, None]
        bursts = []
        for number, place in enumerate(reported.tolist()):
            sample, hashes = samples[int(told[number])]
            copies, top_author = shares(sample)
            one, five, quarter, hour = observed[place].tolist()
            bursts.append(
                Burst(
                    term=self._vocabulary.terms[int(tested[place])],
                    log10_p=round(float(log10_p[place]), 3),
                    scale_min=SCALES[int(scale[place])],
                    observed=int(observed[place, scale[place]]),
                    expected=round(float(expected[place, scale[place]]), 4),
                    authors=(one, five, quarter, hour),
                    posts=int(posts[place]),
                    significant=bool(significant[place]),
                    sample=sample,
                    series=tuple(minutes[number].tolist()),
                    copies=copies,
                    top_author=top_author,
                    hashes=hashes,
                )
            )
        return within(bursts, RECORD_BYTES)

    def _significance(self, bucket: int, slots: Array, observed: Array) -> tuple[Array, Array, Array]:
        """Return for each slot the smallest log10 p, the scale (its place) that gave it, and all expectations."""
        mean, size = self._baselines.expected(slots)
        habit = self._habits.expected(bucket, slots)
        crowd = observed[:, -1] >= self._settings.min_authors
        self._habits.note(bucket, slots[crowd], observed[crowd].astype(np.float64))
        if habit is not None:
            # A habit is one day's count: it is known no better than to its own Poisson error.
            usual = (habit > mean) & self._settings.habits
            size = np.where(usual, 1.0 / (1.0 / np.maximum(habit, 1.0) + self._settings.dispersion), size)
            mean = np.where(usual, habit, mean)
        # Below a crowd a scale proves nothing, but a few authors may still tie bursts together.
        least = np.where(crowd, self._settings.min_authors, self._settings.support_authors)
        # Within two standard deviations nothing is improbable enough to be told, but for terms that are followed.
        followed = self._vocabulary.columns["followed"][slots] > 0
        notable = observed > mean + 2 * np.sqrt(mean + mean * mean / size)
        enough = (observed >= least[:, None]) & (followed[:, None] | notable)
        log10_p = np.zeros(observed.shape)
        log10_p[enough] = log10_tail(np.maximum(observed[enough], 1), mean[enough], size[enough])
        scale = np.argmin(log10_p, axis=1)
        return log10_p[np.arange(len(slots)), scale], scale, mean

    def state(self) -> bytes:
        """Return everything the detector knows; restoring it continues byte for byte."""
        terms, columns = self._vocabulary.pack()
        state = _State(
            STATE_VERSION if len(self._vocabulary) < len(terms) else _WITHOUT_FREE_SLOTS,
            self._bucket,
            terms,
            columns,
            self._window.pack(),
            self._baselines.pack(),
            self._habits.pack(),
            self._era,
        )
        return msgspec.msgpack.encode(state)

    @classmethod
    def restore(
        cls, shard: int, shards: int, settings: DetectorSettings, state: bytes, rotations: Rotations = NONE
    ) -> "Detector":
        """Return the detector that `state` was taken of.

        Raises:
            DetectorStateError: the state has another version or is no state.
        """
        try:
            version = msgspec.msgpack.decode(state, type=list)[0]
            if version not in (_WITHOUT_FREE_SLOTS, STATE_VERSION):
                raise DetectorStateError(
                    f"the state of shard {shard}'s detector has version {version}, this program reads {STATE_VERSION}"
                )
            held = msgspec.msgpack.decode(state, type=_State)
            detector = cls(shard, shards, settings, rotations)
            detector._bucket, detector._era = held.bucket, held.era
            detector._vocabulary.unpack(held.terms, held.columns)
            detector._window.unpack(held.window)
            detector._baselines.unpack(held.baselines)
            detector._habits.unpack(held.habits)
        except (msgspec.MsgspecError, ValueError, IndexError, KeyError) as error:
            raise DetectorStateError(f"the state of shard {shard}'s detector is damaged: {error}") from error
        return detector
