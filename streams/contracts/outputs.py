"""What leaves Redian: hotspots, alerts and briefs, in JSON, keyed by hotspot id. The published contract."""

import msgspec

SCHEMA = 1

STAGES = ("emerging", "rising", "peaking", "fading", "closed")


class Source(msgspec.Struct, frozen=True):
    """Where an evidence post stands on `posts`, so that its text can be read back.

    `sentiment` is the post's own, as (negative, neutral, positive); empty without scores.
    """

    id: str
    partition: int
    offset: int
    index: int
    sentiment: tuple[float, ...] = ()


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why a hotspot was flagged, in figures a person can check.

    `observed` distinct authors used `term` within `scale_min` minutes where `expected` were usual; `p_value` is the
    probability of that many or more. `distinct_authors` counts the evidence's last hour. `sentiment` is the mean over
    the evidence sample, absent without scores. `series` are distinct authors a minute, the newest last. `places` are
    shares of the evidence that says where it was written.
    """

    term: str
    observed: int
    expected: float
    scale_min: int
    p_value: float
    distinct_authors: int
    languages: dict[str, float]
    platforms: dict[str, float]
    top_terms: tuple[str, ...]
    series: tuple[int, ...]
    sentiment: dict[str, float] | None = None
    places: dict[str, float] = {}


class Moved(msgspec.Struct, frozen=True):
    """What a feature of a hotspot adds to the log-odds of its relevance, such as ("term #giveaway", -2.1)."""

    feature: str
    by: float


class Relevance(msgspec.Struct, frozen=True, kw_only=True):
    """How likely people think a hotspot worth being told of, learnt from `verdicts` of theirs, and what moved that.

    A `muted` one alerts no one.
    """

    probability: float
    verdicts: int
    moved: tuple[Moved, ...] = ()
    muted: bool = False


class Known(msgspec.Struct, frozen=True):
    """A known entity: its id with the scheme, such as "iso3166:CN", its kind ("country", "city"…), its English name."""

    id: str
    kind: str
    name: str


class RankParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rank is the product of: surprise in (0, 1], size as log2(1 + people), credibility, relevance."""

    surprise: float
    size: float
    credibility: float
    relevance: float = 1.0


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a hotspot grows: people a minute over the last quarter of an hour, and how that changes, a minute."""

    speed: float
    acceleration: float


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """A guess of how many people an hour a hotspot will have had at its most, `within_min` minutes after it emerged.

    In four of five cases it is from `low` to `high`, by what became of hotspots before; `learnt_of` so many of them
    on this stream.
    """

    within_min: int
    low: int
    likely: int
    high: int
    learnt_of: int


class Hotspot(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one story, newest value per id (compacted topic `hotspots`).

    `sources` say where the posts of `evidence` stand in the log; `alerts` is how many alerts there have been.

    Times are RFC 3339; `emitted_at` is the end plus lateness of the bucket that brought this state. `warming` below 1
    says that baselines are still learning, and such a hotspot alerts no one. `credibility` is in [0, 1] with reasons.
    `relevance` is learnt from verdicts on topic `feedback`, null before the first; `rank` is weighed by it. `entities`
    are those of a gazetteer that the terms name.
    """

    schema: int = SCHEMA
    hotspot_id: str
    stage: str
    emitted_at: str
    started_at: str
    updated_at: str
    terms: tuple[str, ...]
    why: Why
    peak_authors: int
    rank: float
    warming: float
    credibility: float
    credibility_reasons: tuple[str, ...]
    evidence: tuple[str, ...]
    merged: tuple[str, ...] = ()
    simulated: bool = False
    sources: tuple[Source, ...] = ()
    alerts: int = 0
    relevance: Relevance | None = None
    entities: tuple[Known, ...] = ()
    rank_parts: RankParts | None = None
    pace: Pace | None = None
    size: Size | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Told once when a hotspot emerges and once for each escalation.

    `evidence` are post ids, a uniform sample of all that were counted, `sources` the same posts in the log.
    """

    schema: int = SCHEMA
    alert_id: str
    hotspot_id: str
    stage: str
    emitted_at: str
    started_at: str
    terms: tuple[str, ...]
    why: Why
    rank: float
    credibility: float
    credibility_reasons: tuple[str, ...]
    evidence: tuple[str, ...]
    sources: tuple[Source, ...]
    simulated: bool = False
    relevance: Relevance | None = None
    entities: tuple[Known, ...] = ()
    rank_parts: RankParts | None = None
    pace: Pace | None = None
    size: Size | None = None


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of a brief and the ids of the posts that support it, the one it was taken from first."""

    text: str
    evidence: tuple[str, ...]


class Voice(msgspec.Struct, frozen=True):
    """One side of the mood: "negative" or "positive", its share of the posts, and the post that speaks best for it."""

    side: str
    share: float
    text: str
    evidence: tuple[str, ...]


class Doubt(msgspec.Struct, frozen=True):
    """What is unconfirmed. `reason`: "hedged" (said with reserve), "denied" or "figures differ" (by `evidence`)."""

    reason: str
    text: str
    evidence: tuple[str, ...]


class Quoted(msgspec.Struct, frozen=True):
    """A post that a brief quotes or names, and where it stands on `posts`."""

    id: str
    platform: str
    partition: int
    offset: int
    index: int


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """A hotspot in words, one for each alert and each change of stage.

    Extracted: the headline and every sentence are from the posts they name, the source first. `what`, `who`, `where`
    and `when` are names and terms with the posts that use them; `figures` state what was counted; `changes` say what
    is new since the brief `previous`. `expired` posts of the evidence could not be read. `authors` is the number of the
    last hour, `alerts` how many alerts there have been. `quoted` are the posts that anything in it rests on.

    When one of them is taken back, the brief is written again under the same `brief_id`, without it and with the next
    `revision`: keep the highest. The last brief of a hotspot on the topic is always its newest.
    """

    schema: int = SCHEMA
    brief_id: str
    hotspot_id: str
    stage: str
    emitted_at: str
    lang: str
    headline: str
    sentences: tuple[Sentence, ...]
    figures: tuple[str, ...]
    mood: dict[str, float] | None = None
    expired: int = 0
    simulated: bool = False
    headline_evidence: tuple[str, ...] = ()
    what: tuple[Sentence, ...] = ()
    who: tuple[Sentence, ...] = ()
    where: tuple[Sentence, ...] = ()
    when: tuple[Sentence, ...] = ()
    mood_before: dict[str, float] | None = None
    voices: tuple[Voice, ...] = ()
    unconfirmed: tuple[Doubt, ...] = ()
    changes: tuple[str, ...] = ()
    previous: str | None = None
    authors: int = 0
    alerts: int = 0
    quoted: tuple[Quoted, ...] = ()
    revision: int = 0
