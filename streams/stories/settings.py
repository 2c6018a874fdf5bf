"""Settings of the story stage."""

from typing import Final

import msgspec

RULES_VERSION: Final = 1
"""Part of every id: change it when the rules of identity change, so that old and new ids cannot be confused."""


class StorySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the story stage may be told.

    `budget` false alerts a day; `lateness_ms` as everywhere; `overlap` share of posts that two terms or stories must
    have in common to be one; `quiet_minutes` without a significant term after which a story closes; `link_hours` for
    which a closed story still owns its terms, `memory_hours` for which one that was told is known by what it is about;
    `returns` share of posts that must be about a known story for it to be that one again; `escalation` factor in
    distinct authors since the last alert that is worth another; `muting` relevant alerts a day that muting may be
    expected to keep from people; `min_evidence` posts and `min_credibility` below which nobody is alerted;
    `max_stories` kept, closed ones included, and `max_terms` of one story.
    """

    budget: float = 1.0
    lateness_ms: int = 30_000
    overlap: float = 0.5
    quiet_minutes: int = 180
    link_hours: int = 24
    memory_hours: int = 96
    returns: float = 0.5
    escalation: float = 4.0
    muting: float = 0.25
    min_evidence: int = 5
    min_credibility: float = 0.5
    evidence: int = 32
    max_stories: int = 2_000
    max_terms: int = 256

    def __post_init__(self) -> None:
        if not self.budget > 0:
            raise ValueError(f"budget must be above 0, not {self.budget}")
        if not self.muting >= 0:
            raise ValueError(f"muting must be at least 0, not {self.muting}")
        if not 0 < self.overlap <= 1:
            raise ValueError(f"overlap must lie in (0, 1], not {self.overlap}")
        if not self.escalation > 1:
            raise ValueError(f"escalation must be above 1, not {self.escalation}")
