"""Which posts stand for a story: a uniform sample of all that were counted for it, as surely about it as can be had."""

from collections import Counter
from collections.abc import Sequence

import xxhash

from streams.contracts.bursts import Evidence
from streams.stories.story import Held, Story

_CORE_TERMS = 12
"""Strongest terms that speak for the story; the tail of its terms are words that any story might use."""


def evidence_of(story: Story, bucket: int, size: int, least: int) -> tuple[Evidence, ...]:
    """Return up to `size` posts of the last hour, smallest hash first.

    A post with two or more of the story's core terms is surely about it; if there are not `least` of those, posts with
    one term stand in, those of the strongest terms first.
    """
    core = story.current(bucket)[:_CORE_TERMS]
    fresh = story.posts(bucket)
    carried: Counter[str] = Counter()
    for held in core:
        carried.update(post.id for post in held.burst.sample if post.id in fresh)
    sure = [post for post_id, post in fresh.items() if carried[post_id] >= 2]
    if len(sure) < least:
        sure = _strongest_first(core, fresh, max(least, len(sure)))
    sure.sort(key=lambda post: xxhash.xxh64_intdigest(post.id.encode()))
    return tuple(sure[:size])


def _strongest_first(core: Sequence[Held], fresh: dict[str, Evidence], least: int) -> list[Evidence]:
    chosen: dict[str, Evidence] = {}
    for held in core:
        chosen.update((post.id, post) for post in held.burst.sample if post.id in fresh)
        if len(chosen) >= least:
            break
    return list(chosen.values())
