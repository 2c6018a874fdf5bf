"""Whether what is said of a term belongs to the story that has the term.

Words outlive stories: "rescue" of Monday's accident is no tie to Thursday's flood, and "toll" of a collapse is none to
a fire of the same evening.
"""

from array import array
from collections import Counter
from functools import cached_property
from typing import Final

from streams.contracts.bursts import Burst
from streams.counting.names import names_in
from streams.hotspots.settings import WINDOW
from streams.stories.acquaintance import Everyday, Places, Standing, share_about
from streams.stories.grouping import LEAST_COMPARABLE
from streams.stories.overlap import Sketch
from streams.stories.story import Story

_STILL: Final = 0.2
"""Share of a term's posts that must be its story's for it to stay, well under the share that brings it in."""


class Belonging:
    """A story in a bucket, made once for all of its terms that are spoken of then."""

    def __init__(self, story: Story, bucket: int, everyday: Everyday, places: Places) -> None:
        self._story, self._bucket = story, bucket
        self._everyday, self._places = everyday, places
        self._core = {term: held for term, held in story.terms.items() if held.significant}
        self._content = story.has_content_of_its_own()

    def has(self, burst: Burst) -> bool:
        """Say whether a term of the story still is one.

        It must share its posts with those of the others that burst in the story, or be about the story by what else
        they name. Within an hour of its burst a term stays with a story that rests on it alone, or on a post that is
        passed on.
        """
        held = self._story.terms[burst.term]
        anew = burst.significant and not (held.significant and self._bucket - held.significant < WINDOW)
        if not anew and (self._content or self._core.keys() <= {burst.term}):
            return True
        if self._share_with_others(burst) >= _STILL:
            return True
        itself = names_in(burst.term)
        standing = {name: by for name, by in self._standing.items() if name not in itself}
        return share_about(burst.sample, standing, self._places.unknown_to(self._story.profile)) >= _STILL

    @cached_property
    def _standing(self) -> Standing:
        return self._story.profile.standing(self._everyday)

    @cached_property
    def _posts(self) -> tuple[Sketch, Counter[int]]:
        """The posts of all terms that burst in the story, and how many of these terms have each."""
        current = [held.burst for held in self._core.values() if self._bucket - held.bucket < WINDOW]
        return Sketch(current), Counter(post for burst in current for post in array("Q", burst.hashes))

    def _share_with_others(self, burst: Burst) -> float:
        """Return the share of a term's posts that other terms have too."""
        posts, having = self._posts
        before = self._core.get(burst.term)
        alone: set[int] = set()
        if before is not None and self._bucket - before.bucket < WINDOW:
            alone = {post for post in array("Q", before.burst.hashes) if having[post] == 1}
        return Sketch((burst,)).share_within(posts, LEAST_COMPARABLE, without=alone)
