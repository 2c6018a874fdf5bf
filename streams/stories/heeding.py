"""The story stage over bucket records, with verdicts that it learns at their times: what a replay decides."""

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush

from streams.contracts.bursts import BucketRecord
from streams.contracts.feedback import Feedback
from streams.contracts.times import bucket_end_ms
from streams.relevance import Lessons
from streams.stories.gather import Gather
from streams.stories.stories import Outcome, Stories


class Heeding:
    """Stories that heed verdicts.

    Args:
        stories: the stage.
        shards: how many speak of each bucket.
        lateness_ms: how long after its end a bucket is decided.
        feedback: verdicts with their event times (ms); of two at one time the first given is learnt first.
    """

    def __init__(
        self, stories: Stories, shards: int, lateness_ms: int, feedback: Sequence[tuple[int, Feedback]] = ()
    ) -> None:
        self.stories = stories
        self._lateness_ms = lateness_ms
        self._gather = Gather(shards)
        self._lessons = Lessons()
        self._waiting = [(at_ms, place, said) for place, (at_ms, said) in enumerate(feedback)]
        heapify(self._waiting)
        self._given = len(self._waiting)
        self._heard = 0

    def judge(self, at_ms: int, said: Feedback) -> None:
        """Take a verdict of a time that is still to come; it is learnt before whatever is decided after that."""
        heappush(self._waiting, (at_ms, self._given, said))
        self._given += 1

    def take(self, record: BucketRecord) -> Iterator[Outcome]:
        """Take the next record of its shard and yield what each bucket that it completes brought out."""
        for bucket, records in self._gather.offer(record):
            self._learn(bucket_end_ms(bucket) + self._lateness_ms)
            outcome = self.stories.close(bucket, records)
            for alert in outcome.alerts:
                self._lessons.alert(alert)
            for hotspot in outcome.hotspots:
                self._lessons.hotspot(hotspot)
            yield outcome

    def _learn(self, until_ms: int) -> None:
        """Learn the verdicts on what stood before `until_ms`."""
        while self._waiting and self._waiting[0][0] < until_ms:
            *_, said = heappop(self._waiting)
            lesson = self._lessons.of(said, self._heard)
            self._heard += 1
            if lesson is not None:
                self.stories.learn(lesson)
