"""What is known of an author by what they write: interests, mood, hours, languages, what they spread. Decayed sums."""

import msgspec

SCHEMA = 1

HALF_LIFE_MS = 7 * 24 * 3_600_000
"""A post counts half after this long."""

PROFILE_TERMS = 24
PROFILE_SPREADS = 8


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one partition of `posts.scored` says of an author. Newest value per author and partition; unite partitions.

    Sums of posts, each counted 2^(-age / 7 days) at `updated_at`, so profiles of several partitions add up once they
    are decayed to one time. `author` is 16 hex digits of a keyed hash. `terms` are interests, `spreads` the posts,
    addresses and domains passed on; both name only what five authors or more have. `hours` are of the day, UTC.
    `mood` are shares over the `scored` posts. `reposts` of the `posts` pass another on. `position` is the newest post
    that was counted: `offset << 16 | index` in its partition of `posts`. `era` is how many times the key of the hash
    had been rotated.
    """

    schema: int = SCHEMA
    author: str
    platform: str
    updated_at: str
    posts: float
    reposts: float
    terms: dict[str, float]
    languages: dict[str, float]
    hours: tuple[float, ...]
    spreads: dict[str, float] = {}
    mood: dict[str, float] | None = None
    scored: float = 0.0
    position: int = -1
    era: int = 0
