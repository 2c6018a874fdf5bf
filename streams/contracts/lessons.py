"""Lessons: verdicts of people, with what the hotspot looked like, in the order in which the story stage learns them.

They stand on topic `bursts`, between the records of buckets, so that the log alone says which alert knew of which
verdict: a worker that reads it again decides the same. A lesson is a map, a record of a bucket an array.
"""

import msgspec

SCHEMA = 1

LESSON_KEY = b"lesson"


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict on a hotspot and the `features` that the hotspot had.

    `number` is the offset of the verdict on topic `feedback`; a lesson whose number was learnt before, or a higher one,
    is a repeat. `by` is who judged.
    """

    schema: int = SCHEMA
    number: int
    hotspot_id: str
    verdict: str
    features: dict[str, float]
    by: str = ""
