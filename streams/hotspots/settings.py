"""Settings of the detector. Few, because each is a promise to keep; all but the budget have a reason next to them."""

import msgspec

SCALES = (1, 5, 15, 60)
"""Minutes over which distinct authors are counted. The last is also how late baselines are fed."""

WINDOW = SCALES[-1]

_MOST_SUPPORT = -2.0
"""What is more probable than this may lie within two standard deviations of its mean, where nothing is looked at."""


class DetectorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the detector may be told.

    `budget` false alerts a day over all shards (what sets the threshold); `min_authors` below which nothing is a crowd;
    `memory_hours` e-folding time of baselines; `warmup_hours` until warming is done: a day, because a daily habit
    cannot be told from news before; `dispersion` prior of the overdispersion (variance = mean + dispersion · mean²);
    `habits` whether the hours of earlier days and weeks are heeded;
    `max_terms` a shard keeps exact state for; `tracked_authors` a term's authors kept before their number is halved;
    `sample` evidence posts a term; `follow_minutes` how long a term is reported after it was last significant, used or
    not, `remember_hours` how long when it is used; `support_log10_p` and `support_authors` from which a term is
    reported that is no burst but may tie bursts together.
    """

    budget: float = 1.0
    min_authors: int = 5
    memory_hours: float = 48.0
    warmup_hours: float = 24.0
    dispersion: float = 0.1
    habits: bool = True
    max_terms: int = 250_000
    tracked_authors: int = 1024
    sample: int = 32
    follow_minutes: int = 90
    remember_hours: int = 24
    support_log10_p: float = -3.0
    support_authors: int = 3

    def __post_init__(self) -> None:
        for name in ("budget", "memory_hours", "warmup_hours", "dispersion"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        if not self.support_log10_p <= _MOST_SUPPORT:
            raise ValueError(f"support_log10_p must be at most {_MOST_SUPPORT}, not {self.support_log10_p}")
        for name in ("min_authors", "max_terms", "tracked_authors", "sample"):
            if getattr(self, name) < 2:
                raise ValueError(f"{name} must be at least 2, not {getattr(self, name)}")
