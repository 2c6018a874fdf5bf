"""The engine with one of its parts left out, so that what the part is good for can be counted."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from streams.hotspots.settings import DetectorSettings
from streams.pipeline import PipelineSettings
from streams.stories import StorySettings


class Ablated(PipelineSettings, frozen=True, kw_only=True):
    """Settings of an engine that lacks a part."""

    detecting: Mapping[str, Any] = {}
    telling: Mapping[str, Any] = {}

    def detector(self) -> DetectorSettings:
        """Return the detector's share, changed."""
        return msgspec.structs.replace(super().detector(), **self.detecting)

    def stories(self) -> StorySettings:
        """Return the stories' share, changed."""
        return msgspec.structs.replace(super().stories(), **self.telling)


ABLATIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "a crowd is two, not five": {"detecting": {"min_authors": 2}},
    "counts scatter as Poisson says": {"detecting": {"dispersion": 1e-9}},
    "no habits: hours of earlier days are forgotten": {"detecting": {"habits": False}},
    "words are told of on the first day": {"detecting": {"warmup_hours": 1e-6}},
    "terms of one story are not tied by posts": {"telling": {"overlap": 1.0}},
    "stories are not known again by names": {"telling": {"returns": 1.01}},
    "credibility keeps nobody quiet": {"telling": {"min_credibility": 0.0}},
}
"""What is left out, and the settings that do it."""


def without(settings: PipelineSettings, part: str) -> Ablated:
    """Return settings without a part of ABLATIONS."""
    kept: dict[str, Any] = {name: getattr(settings, name) for name in settings.__struct_fields__}
    return Ablated(**kept, **ABLATIONS[part])
