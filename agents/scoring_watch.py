"""What scoring shows of itself: the scorer's counters as metrics, drift, the dead letter of a post it failed on."""

import logging
from itertools import islice

import msgspec
from faust.types import TP

from agents.adapters import metrics
from agents.rereading import LogUnreadable, reread
from agents.runtime import Runtime
from streams.contracts.posts import DeadLetter, ReadPost
from streams.contracts.topics import POSTS
from streams.intake.decoding import split
from streams.intake.reasons import SCORE_FAILED, SCORING
from streams.scoring import LABELS, Counted, Score
from streams.scoring.drift import LANGUAGES, ScoreDrift

log = logging.getLogger(__name__)


class ScoringWatch:
    """Watches one worker's scores."""

    def __init__(self) -> None:
        self._drift = ScoreDrift()
        self._told = Counted()

    def take(self, post: ReadPost, score: Score) -> None:
        """Take in a post's score."""
        if score.failed:
            metrics.SCORES_FAILED.inc()
        lang, drifted = self._drift.update(post.lang, score)
        for signal in drifted:
            metrics.SCORE_DRIFTS.labels(lang=lang, signal=signal).inc()
            log.warning("scores of language %s are not what they were: %s", lang, signal)

    def show(self, counted: Counted) -> None:
        """Bring the metrics up to what the scorer has counted."""
        before, self._told = self._told, msgspec.structs.replace(counted)
        for kind in ("remembered", "fresh"):
            metrics.SCORED_TEXTS.labels(kind=kind).inc(getattr(counted, kind) - getattr(before, kind))
        metrics.TEXTS_SPLIT.inc(counted.split - before.split)
        metrics.TEXTS_CUT.inc(counted.cut - before.cut)
        metrics.ENCODER_RETRIES.inc(counted.retried - before.retried)
        metrics.ENCODER_OUT_OF_MEMORY.inc(counted.halvings - before.halvings)
        for lang in LANGUAGES:
            if (mean := self._drift.confidence(lang)) is not None:
                metrics.SCORE_CONFIDENCE.labels(lang=lang).set(mean)
            for label in LABELS:
                if (share := self._drift.share(lang, label)) is not None:
                    metrics.SCORE_SHARE.labels(lang=lang, label=label).set(share)
            if (distance := self._drift.distance(lang)) is not None:
                metrics.SCORE_DISTANCE.labels(lang=lang).set(distance)


async def letter_of(runtime: Runtime, post: ReadPost) -> DeadLetter:
    """Return the dead letter of a post that the model failed on, with its original as far as the log gives it.

    The post itself is counted and published with a flag: only its score is missing.
    """
    original = b""
    try:
        async for record in reread(runtime.consumer, TP(POSTS.name, post.partition), post.offset, post.offset + 1):
            original = _item(record.value or b"", post.index)
    except LogUnreadable:
        log.warning("the original of post %s could not be read again", post.id)
    return DeadLetter.of(
        original,
        topic=POSTS.name,
        partition=post.partition,
        offset=post.offset,
        index=post.index,
        stage=SCORING,
        reason=SCORE_FAILED,
        detail="the model gave no finite numbers for this text; it is counted, without a score",
    )


def _item(value: bytes, index: int) -> bytes:
    """Return an item of a value as it was written; the value itself where it is no list."""
    if not value.lstrip().startswith(b"["):
        return value
    return next(islice(split(value), index, None), b"")
