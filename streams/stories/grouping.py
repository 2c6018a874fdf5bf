"""Which story a bursting term belongs to: the one it shares its posts with, or a new one of its own."""

import math
from collections.abc import Iterable, Sequence

from streams.contracts.bursts import Burst
from streams.stories.overlap import Sketch
from streams.stories.settings import StorySettings
from streams.stories.story import Story

LEAST_COMPARABLE = 3
"""Posts that must be comparable before a share of them means anything."""


def sketch_of(story: Story, bucket: int, *, core: bool = False) -> Sketch:
    """Return the posts of a story in the last hour.

    Args:
        core: only those of terms that have burst in this story, not of those that merely keep it company.
    """
    return Sketch(held.burst for held in story.current(bucket) if held.significant or not core)


class Grouping:
    """One bucket's assignment of new significant terms to stories.

    Args:
        stories: the live ones, oldest first.
    """

    def __init__(self, stories: Iterable[Story], bucket: int, settings: StorySettings) -> None:
        self._settings = settings
        self._sketches: dict[str, Sketch] = {}
        self._cores: dict[str, Sketch] = {}
        for story in stories:
            sketch = sketch_of(story, bucket)
            if sketch.hashes:
                self._sketches[story.id] = sketch
                self._cores[story.id] = sketch_of(story, bucket, core=True)
        self.fresh: list[list[Burst]] = []
        self._fresh_sketches: list[Sketch] = []
        self._known: set[int] = set().union(*(sketch.hashes for sketch in self._sketches.values()))
        """Posts of all of these."""

    def support(self, burst: Burst) -> str | None:
        """Return the story that a term which does not burst keeps company: most of its posts are by the story's core.

        The core alone counts, so that company does not bring further company.
        """
        sketch = Sketch((burst,))
        shares = [(sketch.share_within(core, LEAST_COMPARABLE), story_id) for story_id, core in self._cores.items()]
        share, story_id = max(shares, default=(0.0, ""))
        return story_id if share >= self._settings.overlap else None

    def place(self, burst: Burst) -> str | None:
        """Return the id of the story that a bursting term joins; None if others explain it or it begins one.

        Strongest terms must come first. Terms that begin stories gather in `fresh`, one list a story.
        """
        sketch = Sketch((burst,))
        best, best_share = None, 0.0
        for story_id, other in self._sketches.items():
            share = self._share(sketch, other)
            if share > best_share:
                best, best_share = story_id, share
        fresh, fresh_share = -1, 0.0
        for number, other in enumerate(self._fresh_sketches):
            share = self._share(sketch, other)
            if share > fresh_share:
                fresh, fresh_share = number, share
        if max(best_share, fresh_share) >= self._settings.overlap:
            if best_share >= fresh_share:
                return best
            self.fresh[fresh].append(burst)
            self._fresh_sketches[fresh] = Sketch(self.fresh[fresh])
        elif self._explained(burst, sketch):
            return None
        else:
            self.fresh.append([burst])
            self._fresh_sketches.append(sketch)
        self._known |= sketch.hashes
        return None

    def _share(self, term: Sketch, story: Sketch) -> float:
        """Return what a term and a story have in common, as a share of the smaller of the two."""
        return max(term.share_within(story, LEAST_COMPARABLE), story.share_within(term, 2 * LEAST_COMPARABLE))

    def _explained(self, burst: Burst, sketch: Sketch) -> bool:
        """Say whether a term would be no burst without the posts of known stories: a word that several of them use."""
        if not sketch.hashes:
            return True
        own = len(sketch.hashes - self._known) / len(sketch.hashes)
        if own == 1.0:
            return False
        left = math.floor(burst.observed * own)
        # Chance that a Poisson count reaches what is left, against the count it would have needed alone.
        return left < 5 or _log10_poisson_tail(left, max(burst.expected, 0.05)) > -4.0


def shared_between(first: Story, second: Story, bucket: int) -> float:
    """Return the share of the smaller of two stories that is also the other's."""
    one, two = sketch_of(first, bucket, core=True), sketch_of(second, bucket, core=True)
    if len(one.hashes) > len(two.hashes):
        one, two = two, one
    return one.share_within(two, 2 * LEAST_COMPARABLE)


def _log10_poisson_tail(count: int, mean: float) -> float:
    """Return log10 of (about) P(N ≥ count): the first term of the tail with a geometric bound on the rest."""
    if count <= mean:
        return 0.0
    first = count * math.log(mean) - mean - math.lgamma(count + 1)
    return min(0.0, (first - math.log1p(-mean / (count + 1))) / math.log(10))


def evidence_order(bursts: Sequence[Burst]) -> list[Burst]:
    """Return bursts by strength: p, then bytes."""
    return sorted(bursts, key=lambda burst: (burst.log10_p, burst.term.encode()))
