"""Watchlists: what somebody wants to keep an eye on, what is counted of it, and what is reported and alerted."""

import msgspec

SCHEMA = 1

MAX_WATCHLISTS = 200


class Watchlist(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A brand, a person or a topic, as a boolean query over words (see docs/watchlists.md). Key: `name`.

    `synonyms` replace a word of the query by any of several; `aspects` are the list's own, beside price, quality,
    service and delivery; `group` names the lists among which its share of voice is taken. Posts created before `since`
    (RFC 3339) do not count, so that every worker begins at the same minute.
    """

    schema: int = SCHEMA
    name: str
    query: str
    since: str
    synonyms: dict[str, tuple[str, ...]] = {}
    aspects: dict[str, tuple[str, ...]] = {}
    group: str = ""


class Mention(msgspec.Struct, frozen=True, array_like=True):
    """A post of the sample: smallest hashes first. `mood` is positive less negative, in thousandths; 0 unscored."""

    hash: int
    id: str
    author: int
    mood: int
    offset: int
    index: int
    terms: tuple[str, ...]


class Tally(msgspec.Struct, array_like=True):
    """What one partition says of one watchlist in one bucket: unions and sums of whole numbers, in any order the same.

    `votes` is the mood of each author's first post, in thousandths, of the authors whose hash is below `below`;
    `aspects` are (posts, sum of moods) by name, `sample` the mentions of the smallest hashes, `speakers` the smallest
    hashes of the authors that speak of an aspect: as many as it takes to know that it is no few people's.
    """

    watchlist: str
    revision: int
    posts: int = 0
    below: int = (1 << 64) - 1
    votes: dict[int, int] = {}
    scored: bool = False
    aspects: dict[str, tuple[int, int]] = {}
    sample: list[Mention] = []
    speakers: dict[str, tuple[int, ...]] = {}


class For(msgspec.Struct, frozen=True, array_like=True):
    """The watchlist that a post is for, in which version, and the aspects of it that the post speaks of."""

    watchlist: str
    revision: int
    aspects: tuple[str, ...]


class Mentioned(msgspec.Struct, frozen=True, array_like=True):
    """A post that some watchlist is for. `seen` is how far time had run before it, `mood` null without a score."""

    position: int
    id: str
    author: int
    created_ms: int
    seen: int
    mood: int | None
    terms: tuple[str, ...]
    lists: tuple[For, ...]


class MentionSlice(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The posts of positions [start, end) of a partition of `posts` that some watchlist is for; see `Part`."""

    schema: int = SCHEMA
    partition: int
    partitions: int
    start: int
    end: int
    watermark: int
    idle: bool
    posts: tuple[Mentioned, ...]


class WatchBucket(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Everything one partition says of one bucket, in `of` messages numbered `number`.

    With `idle` the partition has been read to its end and is silent: nobody waits for it.
    """

    schema: int = SCHEMA
    partition: int
    partitions: int
    bucket: int
    tallies: tuple[Tally, ...]
    number: int = 0
    of: int = 1
    idle: bool = False


class Reason(msgspec.Struct, frozen=True):
    """A phrase that one side uses more than the rest: how many of its posts, of the others', and some of its posts."""

    phrase: str
    share: float
    elsewhere: float
    posts: tuple[str, ...]


class AspectMood(msgspec.Struct, frozen=True):
    """Posts of the last hour that speak of an aspect, and their mean mood between -1 and 1; see `WatchReport`."""

    posts: int
    mood: float | None


class WatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """How a watchlist stands: newest value per name (compacted topic `watchlists.reports`).

    `posts` and `authors` are of the last hour, `posts_before` the posts that are usual in it, null while unknown;
    `share_of_voice` is its part of the authors of its group. `mood` is
    between -1 and 1 over the authors of the last half hour, `mood_before` what is usual, both null without scores.
    `learning` below 1 says that what is usual is not known yet. `series` are posts a minute, the newest last. Of an
    aspect that fewer than five authors speak of nothing is said.
    """

    schema: int = SCHEMA
    name: str
    query: str
    emitted_at: str
    posts: int
    authors: int
    share_of_voice: float | None
    mood: float | None
    mood_before: float | None
    mood_p: float | None
    learning: float
    aspects: dict[str, AspectMood]
    negative: tuple[Reason, ...]
    positive: tuple[Reason, ...]
    series: tuple[int, ...]
    posts_before: float | None = None


class WatchAlert(msgspec.Struct, frozen=True, kw_only=True):
    """Told when the mood of a watchlist turns beyond chance: once a turn. `direction` is "worse" or "better"."""

    schema: int = SCHEMA
    alert_id: str
    name: str
    emitted_at: str
    direction: str
    mood: float
    mood_before: float
    p_value: float
    authors: int
    reasons: tuple[Reason, ...]
