"""Which posts a shard has counted, partition by partition, and how far time has come: what makes recounting harmless.

A part is applied only where it continues what is covered, and only beyond it. So applying a slice twice, late, cut
otherwise, or from a worker that lost its partitions changes nothing.
"""

import msgspec

from streams.contracts.slices import Part

UNSEEN = -1
AHEAD_LIMIT = 4096
"""Parts held because one before them is missing. Beyond this something is lost and waiting longer helps nobody."""


class CoverageGap(Exception):
    """A part before those held has not come for so long that the log must have a hole."""


class Covered(msgspec.Struct):
    """One partition: positions below `next` are counted, and time ran to `watermark` in them.

    `first` is the earliest time seen, the base of the first bucket; `ahead` are parts that wait for one before them.
    With `torn` what precedes the next part is lost, so it is applied wherever it begins.
    """

    next: int = 0
    watermark: int = UNSEEN
    first: int = UNSEEN
    idle: bool = False
    ahead: list[Part] = []
    torn: bool = False


class Applicable(msgspec.Struct, frozen=True):
    """A part that may be counted now: only its positions from `since` on are new; time stood at `watermark` before."""

    part: Part
    since: int
    watermark: int


class Coverage:
    """Coverage of all partitions of `posts`, for one shard.

    `torn` says that partitions not heard of yet have lost their beginning.
    """

    def __init__(self, partitions: dict[int, Covered] | None = None, expected: int = 0, *, torn: bool = False) -> None:
        self.partitions = partitions if partitions is not None else {}
        self.expected = expected
        self.torn = torn

    def tear(self) -> None:
        """Note that parts are lost for good: each partition goes on with the next part that comes."""
        self.torn = True
        for covered in self.partitions.values():
            covered.torn = True

    def offer(self, part: Part) -> list[Applicable]:
        """Take a part and return what can be counted now, in order.

        Raises:
            CoverageGap: more parts wait for a missing one than may be held.
        """
        self.expected = max(self.expected, part.partitions)
        covered = self.partitions.setdefault(part.partition, Covered(torn=self.torn))
        if covered.torn:
            covered.torn = False
            covered.next = max(covered.next, min([part.start, *(held.start for held in covered.ahead)]))
        if part.start > covered.next:
            covered.ahead.append(part)
            if len(covered.ahead) > AHEAD_LIMIT:
                raise CoverageGap(
                    f"partition {part.partition} is covered to offset {covered.next >> 16}, "
                    f"and {len(covered.ahead)} parts after it wait for the one that continues it"
                )
            return []
        applicable = self._take(covered, part)
        while covered.ahead:
            fitting = [held for held in covered.ahead if held.start <= covered.next]
            if not fitting:
                break
            covered.ahead = [held for held in covered.ahead if held.start > covered.next]
            for held in sorted(fitting, key=lambda held: (held.start, held.end)):
                applicable += self._take(covered, held)
        return applicable

    def _take(self, covered: Covered, part: Part) -> list[Applicable]:
        if part.end <= covered.next:
            if part.idle and part.end == covered.next:
                covered.idle = True
            return []
        if all(other.idle for other in self.partitions.values()):
            # Silence is over: who is silent still must say so again, else the first to speak would run ahead alone.
            for other in self.partitions.values():
                other.idle = False
        applicable = Applicable(part, covered.next, covered.watermark)
        if covered.first == UNSEEN:
            covered.first = part.first
        covered.next = part.end
        covered.watermark = max(covered.watermark, part.watermark)
        covered.idle = part.idle
        return [applicable]

    def watermark(self) -> int:
        """Return how far time has come in every partition that is not idle, -1 while one is unknown.

        With all partitions idle everything is read, and the furthest of them counts.
        """
        if not self.expected or len(self.partitions) < self.expected:
            return UNSEEN
        speaking = [covered.watermark for covered in self.partitions.values() if not covered.idle]
        if speaking:
            return min(speaking)
        return max(covered.watermark for covered in self.partitions.values())

    def first(self) -> int:
        """Return the earliest first time of the partitions that have one, -1 if none has."""
        return min((c.first for c in self.partitions.values() if c.first != UNSEEN), default=UNSEEN)
