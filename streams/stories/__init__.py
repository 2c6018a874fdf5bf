"""From bursting terms to stories: merging, life cycle, credibility, the budget and the decision to alert."""

from streams.stories.settings import StorySettings
from streams.stories.state import StoriesStateError
from streams.stories.stories import Outcome, Stories

__all__ = ["Outcome", "Stories", "StoriesStateError", "StorySettings"]
