"""Makes lessons of verdicts: looks up what the hotspot was like; and reads them from the log, if they hold together."""

import math
from collections import OrderedDict
from typing import Final

import msgspec

from streams.contracts.decoding import packed_decoder
from streams.contracts.feedback import VERDICTS, Feedback
from streams.contracts.lessons import SCHEMA, Lesson
from streams.contracts.outputs import Alert, Hotspot
from streams.relevance.features import features_of

KEPT: Final = 5_000
"""Hotspots whose features are known: the latest. A verdict on an older one teaches nothing."""
_MOST_FEATURES: Final = 64
_MOST_CHARS: Final = 300
_DECODER = packed_decoder(Lesson)
_MAPS: Final = frozenset((*range(0x80, 0x90), 0xDE, 0xDF))
"""First bytes of a MessagePack map."""


class Lessons:
    """What hotspots looked like when they were last alerted; of those that never were, when they last changed."""

    def __init__(self) -> None:
        self._features: OrderedDict[str, dict[str, float]] = OrderedDict()
        self._alerted: set[str] = set()

    def alert(self, alert: Alert) -> None:
        """Remember an alert: it is what people were told."""
        self._alerted.add(alert.hotspot_id)
        self._keep(alert.hotspot_id, features_of(alert))

    def hotspot(self, hotspot: Hotspot) -> None:
        """Remember a hotspot that nobody was alerted of, and who judges it saw it in the list."""
        if hotspot.hotspot_id not in self._alerted:
            self._keep(hotspot.hotspot_id, features_of(hotspot))

    def _keep(self, hotspot_id: str, features: dict[str, float]) -> None:
        self._features[hotspot_id] = features
        self._features.move_to_end(hotspot_id)
        while len(self._features) > KEPT:
            gone, _ = self._features.popitem(last=False)
            self._alerted.discard(gone)

    def of(self, feedback: Feedback, number: int) -> Lesson | None:
        """Return the lesson of a verdict, None for what is no verdict or is on a hotspot that is not known.

        Args:
            number: its offset on topic `feedback`.
        """
        features = self._features.get(feedback.hotspot_id)
        if features is None or feedback.verdict not in VERDICTS:
            return None
        return Lesson(
            number=number,
            hotspot_id=feedback.hotspot_id,
            verdict=feedback.verdict,
            features=features,
            by=feedback.by,
        )


def is_lesson(value: bytes) -> bool:
    """Say whether a value of topic `bursts` claims to be a lesson: a map, where a record of a bucket is an array."""
    return value[:1] != b"" and value[0] in _MAPS


def read_lesson(value: bytes) -> Lesson:
    """Read a lesson.

    Raises:
        msgspec.MsgspecError: `value` is none, of another schema, or does not hold together.
    """
    lesson = _DECODER.decode(value)
    if lesson.schema != SCHEMA:
        raise msgspec.ValidationError(f"schema {lesson.schema} is not {SCHEMA}")
    if lesson.verdict not in VERDICTS or lesson.number < 0:
        raise msgspec.ValidationError("no verdict")
    if len(lesson.features) > _MOST_FEATURES or not all(
        len(name) <= _MOST_CHARS and math.isfinite(value) and 0.0 <= value <= 1.0
        for name, value in lesson.features.items()
    ):
        raise msgspec.ValidationError("features out of range")
    return lesson
