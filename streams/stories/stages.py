"""The life of a story: emerging, rising, peaking, fading, closed, from its size over time."""

from typing import Final

from streams.stories.settings import StorySettings
from streams.stories.story import Story

_RISE: Final = 2.0
"""Times its size at emergence from which a growing story rises."""
_PLATEAU_MINUTES: Final = 15
"""Minutes without a new maximum after which it no longer rises."""
_FADE: Final = 0.5
"""Share of its peak under which it fades."""


def measure(story: Story, bucket: int) -> None:
    """Take the size of a story from its terms of the last hour."""
    story.authors = max((held.burst.authors[-1] for held in story.current(bucket)), default=0)
    if not story.start_authors:
        story.start_authors = story.authors
    if story.authors > story.peak:
        story.peak, story.peaked = story.authors, bucket


def stage_of(story: Story, bucket: int, settings: StorySettings) -> str:
    """Return the stage of a story that has been measured. A story that grows again after fading rises again."""
    if bucket - story.significant >= settings.quiet_minutes:
        return "closed"
    if story.authors < _FADE * story.peak:
        return "fading"
    if story.stage == "emerging" and story.peak < _RISE * story.start_authors and bucket - story.bucket < 60:
        return "emerging"
    if bucket - story.peaked < _PLATEAU_MINUTES and story.peak >= _RISE * story.start_authors:
        return "rising"
    return "peaking" if story.stage != "fading" or story.authors >= story.peak else "fading"
