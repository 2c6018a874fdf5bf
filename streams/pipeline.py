"""The stages composed in memory: what `backtest` runs, and what the agents must agree with to the byte.

Nothing here decides anything. Each method is one hop that the agents make through Kafka: records become slices, slices
become parts by shard, parts become bucket records, bucket records become hotspots and alerts, hotspots become briefs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from streams.briefs import EvidencePost, Ledger, is_due, offsets_before, original_of, write_brief
from streams.contracts.bursts import BucketRecord
from streams.contracts.feedback import Feedback
from streams.contracts.outputs import Alert, Brief, Hotspot, Source
from streams.contracts.posts import DeadLetter, ReadPost
from streams.contracts.slices import Part
from streams.contracts.times import format_time
from streams.counting import Slice, SliceBuilder, parts_of
from streams.hotspots.detector import DetectorSettings
from streams.hotspots.shard import Shard
from streams.intake import Intake, Record
from streams.linking import Gazetteer
from streams.linking.gazetteer import NOTHING
from streams.privacy.restricted import is_quotable
from streams.privacy.rotations import Rotations
from streams.scoring import Score, Scorer
from streams.stories import Stories, StorySettings
from streams.stories.heeding import Heeding

Triple = tuple[float, float, float]


class PipelineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What makes two runs over one log give the same output; units are in `config show`."""

    partitions: int = 4
    shards: int = 8
    slice_posts: int = 4096
    lateness_ms: int = 30_000
    budget: float = 1.0
    muting: float = 0.25
    gazetteer: Gazetteer = NOTHING

    def detector(self) -> DetectorSettings:
        """Return the detector's share."""
        return DetectorSettings(budget=self.budget)

    def stories(self) -> StorySettings:
        """Return the stories' share."""
        return StorySettings(budget=self.budget, lateness_ms=self.lateness_ms, muting=self.muting)

    def heeding(self, rotations: Rotations, feedback: Sequence[tuple[int, Feedback]] = ()) -> Heeding:
        """Return a story stage of these settings; `feedback` as `Pipeline` takes it."""
        stories = Stories(self.stories(), self.gazetteer, rotations)
        return Heeding(stories, self.shards, self.lateness_ms, feedback)


class Counts(msgspec.Struct):
    """What became of every item read. `late` posts are scored, not counted; `first_ms` and `last_ms` span all."""

    messages: int = 0
    posts: int = 0
    late: int = 0
    dead: dict[str, int] = {}
    first_ms: int | None = None
    last_ms: int | None = None

    def span(self, times: Iterable[int]) -> None:
        """Widen the span of event time to these."""
        known = [time for time in (self.first_ms, self.last_ms) if time is not None]
        times = [*known, *times]
        self.first_ms, self.last_ms = (min(times), max(times)) if times else (None, None)


class Outputs(msgspec.Struct):
    """What one step brought out, in order."""

    scored: list[tuple[ReadPost, Score | None]] = []
    dead: list[DeadLetter] = []
    records: list[BucketRecord] = []
    hotspots: list[Hotspot] = []
    alerts: list[Alert] = []
    briefs: list[Brief] = []


def sentiment_of(score: Score | None) -> Triple | None:
    """Return a score's sentiment as (negative, neutral, positive), None without one."""
    if score is None or not score.sentiment:
        return None
    labels = score.sentiment
    return labels["negative"], labels["neutral"], labels["positive"]


def posts_of(
    sources: Iterable[Source],
    read_back: Callable[[int, int], Record | None],
    intake: Intake,
    taken_back: Callable[[ReadPost], bool] = lambda _: False,
) -> list[EvidencePost]:
    """Return the posts at `sources` that may be quoted, without those that the log no longer holds.

    What the platform took back, or shows to some people alone, may not be.

    Args:
        sources: where they stand: partition, offset and index.
        read_back: returns the record at (partition, offset), or None where it has expired.
        intake: cleans the record as it did the first time.
        taken_back: whether a post was; a file of posts knows of no deletions.
    """
    found = []
    for source in sources:
        record = read_back(source.partition, source.offset)
        if record is None:
            continue
        found += [
            _evidence(post, intake, source.sentiment)
            for post in intake.again(record, (source.index,))
            if post.id == source.id and is_quotable(post.restricted) and not taken_back(post)
        ]
    return found


def original_among(
    records: Iterable[Record],
    post_id: str,
    intake: Intake,
    taken_back: Callable[[ReadPost], bool] = lambda _: False,
) -> EvidencePost | None:
    """Return the post of an id from the first of the records that holds it, if it was not taken back."""
    sought = post_id.encode()
    for record in records:
        if record.value is not None and sought in record.value:
            for post in intake.named(record, post_id):
                return None if taken_back(post) else _evidence(post, intake)
    return None


def _evidence(post: ReadPost, intake: Intake, sentiment: tuple[float, ...] = ()) -> EvidencePost:
    rotations = intake.rotations
    # By the newest key, so that who wrote before and after a rotation is one voice; a brief tells no hash.
    author = rotations.onward(post.author, rotations.era_at(post.created_ms), len(rotations))
    return EvidencePost(
        post.id,
        post.text,
        post.lang,
        author,
        post.created_ms,
        sentiment,
        post.platform,
        post.partition,
        post.offset,
        post.index,
    )


class Pipeline:
    """All stages over a log held elsewhere.

    Args:
        settings: see there.
        intake: decodes and cleans.
        scorer: scores texts, None with the encoder off.
        read_back: gives a record of the log again, for briefs.
        feedback: verdicts by the time of `judged_at`; each is learnt before whatever is decided after that.
    """

    def __init__(
        self,
        settings: PipelineSettings,
        intake: Intake,
        scorer: Scorer | None,
        read_back: Callable[[int, int], Record | None],
        feedback: Sequence[tuple[int, Feedback]] = (),
    ) -> None:
        self.counts = Counts()
        self._settings = settings
        self._intake = intake
        self._scorer = scorer
        self._read_back = read_back
        self._builders = {
            number: SliceBuilder(number, 0, settings.lateness_ms) for number in range(settings.partitions)
        }
        detector = settings.detector()
        self._shards = [
            Shard(number, settings.shards, settings.lateness_ms, detector, intake.rotations)
            for number in range(settings.shards)
        ]
        self._heeding = settings.heeding(intake.rotations, feedback)
        self._ledger = Ledger()

    @property
    def stories(self) -> Stories:
        """The story stage, for a look at what is live."""
        return self._heeding.stories

    def take(self, record: Record) -> Iterator[Outputs]:
        """Take the next record of its partition and yield what it brought out, if anything."""
        taken = self._intake.take(record)
        self.counts.messages += 1
        for letter in taken.dead:
            self.counts.dead[letter.reason] = self.counts.dead.get(letter.reason, 0) + 1
        builder = self._builders[record.partition]
        builder.add(record.offset, taken.posts, taken.arrived_ms, heartbeat=taken.heartbeat)
        if taken.dead:
            yield Outputs(dead=taken.dead)
        if len(builder) >= self._settings.slice_posts or taken.heartbeat:
            yield self._count(builder.cut())

    def _count(self, made: Slice) -> Outputs:
        outputs = Outputs()
        scores: list[Score | None] = [None] * len(made.posts)
        if self._scorer is not None:
            scores = list(self._scorer.score([post.text for post in made.posts]))
        outputs.scored = list(zip(made.posts, scores, strict=True))
        self.counts.posts += len(made.posts)
        self.counts.span(post.created_ms for post in made.posts)
        self.counts.late = sum(builder.late for builder in self._builders.values())
        for part in parts_of(
            made,
            [sentiment_of(score) for score in scores],
            shards=self._settings.shards,
            partitions=self._settings.partitions,
        ):
            self._apply(part, outputs)
        return outputs

    def _apply(self, part: Part, outputs: Outputs) -> None:
        for record in self._shards[part.shard].apply(part):
            outputs.records.append(record)
            self._decide(record, outputs)

    def _decide(self, record: BucketRecord, outputs: Outputs) -> None:
        for outcome in self._heeding.take(record):
            outputs.hotspots.extend(outcome.hotspots)
            outputs.alerts.extend(outcome.alerts)
            for hotspot in outcome.hotspots:
                previous = self._ledger.before(hotspot)
                if is_due(hotspot, previous):
                    brief = self._brief(hotspot, previous)
                    self._ledger.keep(brief)
                    outputs.briefs.append(brief)

    def _brief(self, hotspot: Hotspot, previous: Brief | None) -> Brief:
        posts = posts_of(hotspot.sources, self._read_back, self._intake)
        brief = write_brief(hotspot, posts, previous)
        if (sought := original_of(hotspot, brief)) is None:
            return brief
        partitions = range(self._settings.partitions)
        newest_first = reversed(offsets_before(hotspot.sources))
        there = (self._read_back(partition, offset) for offset in newest_first for partition in partitions)
        original = original_among((record for record in there if record is not None), sought, self._intake)
        return write_brief(hotspot, posts, previous, original)


def summary_of(counts: Counts, totals: Mapping[str, int]) -> dict[str, object]:
    """Return the account of a run: every line is a post (`late` ones scored, not counted) or dead by reason."""
    dead = dict(sorted(counts.dead.items()))
    lines = counts.posts + sum(dead.values())
    return {
        "lines": lines,
        "scored": counts.posts,
        "dead": dead,
        "late": counts.late,
        "messages": counts.messages,
        "from": None if counts.first_ms is None else format_time(counts.first_ms),
        "to": None if counts.last_ms is None else format_time(counts.last_ms),
        **totals,
    }
