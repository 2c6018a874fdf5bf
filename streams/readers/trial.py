"""A simulated reader before the story stage: judges alerts as they come, and keeps what was thought of each before.

Assumed: of the alerts people judge one in two, half an hour later at the mean, as the truth says and without a slip;
what is muted is listed, and nobody judges it there.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec
import xxhash

from streams.contracts.bursts import BucketRecord
from streams.contracts.feedback import Feedback
from streams.contracts.outputs import Alert, Hotspot
from streams.contracts.times import bucket_end_ms, format_time, to_ms
from streams.evaluation import label_of
from streams.readers.interests import Interest
from streams.relevance.learner import PRIOR
from streams.stories.heeding import Heeding
from streams.stories.publish import rank_of

SHARE: Final = 0.5
"""Of the hotspots that alerted, those that are judged."""
_MEAN_WAIT_MS: Final = 30 * 60_000


class Shown(msgspec.Struct, frozen=True):
    """A hotspot when its first alert was due: its rank unweighed, how likely relevant it was thought, and if it was.

    Relevant is what the reader wants and was not told of by another hotspot.
    """

    at_ms: int
    rank: float
    thought: float
    relevant: bool


class Said(msgspec.Struct, frozen=True):
    """A verdict: when its alert was told, when it was given, and how far it was from what had been thought."""

    alerted_ms: int
    at_ms: int
    error: float


class Trial:
    """One reader with a story stage of their own.

    Args:
        heeding: the stage, as it begins.
        interest: what the reader wants.
        label: the event of each post, as in `Truth`.
        seed: another one has other alerts judged, and sooner or later.
    """

    def __init__(self, heeding: Heeding, interest: Interest, label: Mapping[str, str], seed: int = 1) -> None:
        self.interest = interest
        self.shown: dict[str, Shown] = {}
        self.said: list[Said] = []
        self.feedback: list[tuple[int, Feedback]] = []
        """What was said, as `redian backtest --feedback` takes it."""
        self.alerts = 0
        self.muted: list[tuple[str, bool]] = []
        """Each alert that was muted: of which hotspot, and whether it was relevant."""
        self.anew_ms: list[int] = []
        """When the learner began anew."""
        self._heeding = heeding
        self._label = label
        self._seed = seed
        self._told: dict[str, str] = {}
        self._judged: set[str] = set()

    def take(self, record: BucketRecord) -> None:
        """Take the next record of its shard."""
        taught = self._heeding.stories.taught
        for outcome in self._heeding.take(record):
            for hotspot in outcome.muted:
                self.muted.append((hotspot.hotspot_id, self._look(hotspot).relevant))
            for alert in outcome.alerts:
                self.alerts += 1
                self._judge(alert, self._look(alert))
        if self._heeding.stories.taught < taught:
            self.anew_ms.append(bucket_end_ms(record.bucket))

    def _look(self, told: Alert | Hotspot) -> Shown:
        """Return what there is to see, and keep it if it is the first time."""
        at_ms = to_ms(datetime.fromisoformat(told.emitted_at))
        event = label_of(told.evidence, self._label)
        known = self._told.get(event, told.hotspot_id) != told.hotspot_id
        thought = told.relevance.probability if told.relevance is not None else PRIOR
        assert told.rank_parts is not None
        rank = rank_of(msgspec.structs.replace(told.rank_parts, relevance=1.0))
        shown = Shown(at_ms, rank, thought, event in self.interest.at(at_ms) and not known)
        self.shown.setdefault(told.hotspot_id, shown)
        return shown

    def _judge(self, alert: Alert, shown: Shown) -> None:
        """Say what the reader thinks of an alert, some time later, if they judge it at all."""
        event = label_of(alert.evidence, self._label)
        known = self._told.setdefault(event, alert.hotspot_id) != alert.hotspot_id
        if alert.hotspot_id in self._judged:
            return
        self._judged.add(alert.hotspot_id)
        if self._chance("judges", alert) >= SHARE:
            return
        wait_ms = self.interest.waits_ms - math.log(1.0 - self._chance("waits", alert)) * _MEAN_WAIT_MS
        at_ms = shown.at_ms + 1 + int(wait_ms)
        verdict = "relevant" if shown.relevant else "duplicate" if known else "not-relevant"
        at = format_time(at_ms)
        said = Feedback(hotspot_id=alert.hotspot_id, verdict=verdict, at=at, stage=alert.stage, judged_at=at)
        self._heeding.judge(at_ms, said)
        self.feedback.append((at_ms, said))
        self.said.append(Said(shown.at_ms, at_ms, abs(shown.relevant - shown.thought)))

    def _chance(self, of: str, alert: Alert) -> float:
        """Return a number in [0, 1) that depends on the seed and the hotspot alone."""
        return xxhash.xxh3_64_intdigest(f"{self._seed}|{of}|{alert.hotspot_id}".encode()) / 2**64
