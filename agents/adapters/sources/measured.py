"""What is measured of a source: completeness, lateness, repeats, languages, drift of form, silence."""

from collections import Counter
from datetime import datetime
from typing import Final

import msgspec

from agents.adapters import metrics
from agents.adapters.sources.source import Batch
from streams.contracts.posts import Post
from streams.contracts.times import to_ms

WINDOW: Final = 200
"""Items over which the share of malformed ones is judged."""


def created_ms(post: Post) -> int | None:
    """Return when a post says it was created (ms), None if that is no date: intake will say so."""
    try:
        return to_ms(msgspec.convert(post.created_at, datetime))
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None


def _language(post: Post) -> str:
    """Return the language that the platform says, of a closed set."""
    if not post.lang:
        return "none"
    said = post.lang[:2].lower()
    return said if said in ("en", "zh") else "other"


class Measured:
    """The metrics of one source."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._posts = metrics.SOURCE_POSTS.labels(source=name)
        self._repeats = metrics.SOURCE_REPEATS.labels(source=name)
        self._opted_out = metrics.SOURCE_OPTED_OUT.labels(source=name)
        self._deletions = metrics.SOURCE_DELETIONS.labels(source=name)
        self._missed = metrics.SOURCE_MISSED_SECONDS.labels(source=name)
        self._connected = metrics.SOURCE_CONNECTED.labels(source=name)
        self._lateness = metrics.SOURCE_LATENESS_SECONDS.labels(source=name)
        self._ahead = metrics.SOURCE_AHEAD.labels(source=name)
        self._last = metrics.SOURCE_LAST_SECONDS.labels(source=name)
        self._stalled = metrics.SOURCE_STALLED.labels(source=name)
        self._drifted = metrics.SOURCE_DRIFTED.labels(source=name)
        self._items = self._malformed = 0

    def batch(self, batch: Batch, *, fresh: int, repeats: int, opted_out: int, now_ms: int) -> None:
        """Note what a batch brought."""
        if repeats:
            self._repeats.inc(repeats)
        if opted_out:
            self._opted_out.inc(opted_out)
        if fresh:
            self._last.set(now_ms / 1000)
        if batch.deleted:
            self._deletions.inc(len(batch.deleted))
        if batch.missed_ms:
            self._missed.inc(batch.missed_ms / 1000)
        for found in batch.malformed:
            metrics.SOURCE_MALFORMED.labels(source=self._name, reason=found.reason).inc()
        for lang, posts in Counter(_language(post) for post in batch.posts).items():
            metrics.SOURCE_LANGUAGES.labels(source=self._name, lang=lang).inc(posts)
        self._items += len(batch.posts) + len(batch.malformed)
        self._malformed += len(batch.malformed)
        if self._items >= WINDOW:
            self._drifted.set(2 * self._malformed > self._items)
            self._items = self._malformed = 0

    def written(self, posts: int) -> None:
        """Note posts that were acknowledged."""
        self._posts.inc(posts)

    def arrived(self, late_ms: int) -> None:
        """Note how long after its creation a post arrived; below 0, some clock goes wrong."""
        if late_ms < 0:
            self._ahead.inc()
        self._lateness.observe(max(late_ms, 0) / 1000)

    def interrupted(self, reason: str) -> None:
        """Note that a reading ended before its time."""
        metrics.SOURCE_INTERRUPTIONS.labels(source=self._name, reason=reason).inc()

    def connected(self, yes: bool) -> None:
        """Note whether the source reads."""
        self._connected.set(yes)

    def stalled(self, yes: bool) -> None:
        """Note whether it is silent for longer than its rhythm explains."""
        self._stalled.set(yes)
