"""The registry of topics: each described once, here, and created, checked, documented and consumed from this table."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from streams.contracts.answers import Answer, Question
from streams.contracts.bursts import BucketRecord
from streams.contracts.content import Content, ContentRequest
from streams.contracts.feedback import Feedback
from streams.contracts.outputs import Alert, Brief, Hotspot
from streams.contracts.outside import Listing, SeenOutside
from streams.contracts.posts import DeadLetter, Post, ScoredPost
from streams.contracts.profiles import Profile
from streams.contracts.recommendations import Recommendation, RecommendationRequest
from streams.contracts.slices import Part
from streams.contracts.snapshots import SnapshotRecord
from streams.contracts.sources import Deletion, OptOut, SourceCursor
from streams.contracts.subscriptions import Delivery, Subscriber, SubscriberState
from streams.contracts.watchlists import MentionSlice, WatchAlert, WatchBucket, Watchlist, WatchReport

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic. `partitions` names the setting that sizes it, or is a number. `retention_ms` -1 keeps for ever.

    `value` is the type of a value (for JSON topics `many` says that a list of them is a value too), `encoding` is
    "json" or "msgpack", `owner` the one part of Redian, or of the outside, that writes it.
    """

    name: str
    key: str
    value: type
    many: bool = False
    encoding: str = "json"
    cleanup: str = "delete"
    retention_ms: int
    partitions: str | int
    owner: str
    about: str
    max_message_bytes: int = 1_048_576

    def count(self, sizes: Mapping[str, int]) -> int:
        """Return how many partitions the topic has, given the settings that size topics."""
        return self.partitions if isinstance(self.partitions, int) else sizes[self.partitions]

    @property
    def segment_ms(self) -> int:
        """For how long one segment is written: it leaves as a whole, so its oldest values stay so much longer.

        Kafka's default of a week would make nine days of two.
        """
        return max(self.retention_ms // 12, 0)

    def config(self) -> dict[str, str]:
        """Return the topic's configuration in Kafka's names."""
        config = {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
        }
        if self.segment_ms:
            config["segment.ms"] = str(self.segment_ms)
        if self.cleanup == "compact":
            # Snapshots replace each other every few seconds: without small segments none of them would be compacted.
            config |= {
                "segment.bytes": str(64 * 1024 * 1024),
                "min.cleanable.dirty.ratio": "0.2",
                "delete.retention.ms": "60000",
                # Kafka never compacts the segment it writes, nor a log with little to gain: without a limit, what was
                # erased stays on a quiet topic for a week or for good.
                "max.compaction.lag.ms": str(30 * 60_000),
            }
        return config

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema (2020-12) of a value; of its JSON form where the wire has MessagePack."""
        (value,), components = msgspec.json.schema_components([self.value], ref_template="#/$defs/{name}")
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.name,
            "description": self.about,
            **({"anyOf": [value, {"type": "array", "items": value}]} if self.many else value),
            "$defs": components,
        }


POSTS: Final = Topic(
    name="posts", key="none", value=Post, many=True, retention_ms=2 * DAY_MS, partitions="posts_partitions",
    owner="sources", about="Posts as they are written: one post or a list of posts a message.",
)  # fmt: skip
SCORED: Final = Topic(
    name="posts.scored", key="none", value=ScoredPost, many=True, retention_ms=2 * DAY_MS,
    partitions="posts_partitions", owner="agents.posts", about="Every usable post with language, terms and scores.",
)  # fmt: skip
DEAD: Final = Topic(
    name="posts.dead", key="none", value=DeadLetter, retention_ms=14 * DAY_MS, partitions=1, owner="agents.posts",
    about="What could not be used: original bytes, place, stage and reason.",
)  # fmt: skip
CURSORS: Final = Topic(
    name="sources.cursors", key="source", value=SourceCursor, cleanup="compact", retention_ms=-1, partitions=1,
    owner="sources", about="How far each source has come.",
)  # fmt: skip
DELETED: Final = Topic(
    name="posts.deleted", key="platform, id or author", value=Deletion, cleanup="compact,delete",
    retention_ms=30 * DAY_MS, partitions=1, owner="sources",
    about="Posts and authors that their platform took back: drop what you keep of them.",
)  # fmt: skip
OPT_OUTS: Final = Topic(
    name="optouts", key="platform, author", value=OptOut, cleanup="compact", retention_ms=-1, partitions=1,
    owner="redian optout", about="Authors who do not want to be read. Holds their ids: for Redian alone.",
)  # fmt: skip
OUTSIDE_LISTINGS: Final = Topic(
    name="outside.listings", key="none", value=Listing, retention_ms=7 * DAY_MS, partitions=1, owner="sources",
    about="What came onto somebody else's list of what is hot, with the list's own times.",
)  # fmt: skip
OUTSIDE_SEEN: Final = Topic(
    name="outside.seen", key="hotspot_id, list", value=SeenOutside, cleanup="compact,delete", retention_ms=30 * DAY_MS,
    partitions=1, owner="agents.outside", about="Which hotspots a list has too, and how much later or earlier.",
)  # fmt: skip
TERMS: Final = Topic(
    name="terms", key="shard", value=Part, encoding="msgpack", retention_ms=2 * DAY_MS,
    partitions="terms_partitions", owner="agents.posts", about="Slices by shard: the repartition by term.",
)  # fmt: skip
BURSTS: Final = Topic(
    name="bursts", key="shard", value=BucketRecord, encoding="msgpack", retention_ms=2 * DAY_MS, partitions=1,
    owner="agents.shards", about="What each shard found in each closed bucket; between them lessons, from verdicts.",
)  # fmt: skip
SHARD_SNAPSHOTS: Final = Topic(
    name="shards.snapshots", key="snapshot key", value=SnapshotRecord, encoding="msgpack", cleanup="compact",
    retention_ms=-1, partitions="terms_partitions", owner="agents.shards", about="State of the shards, in parts.",
)  # fmt: skip
STORY_SNAPSHOTS: Final = Topic(
    name="stories.snapshots", key="snapshot key", value=SnapshotRecord, encoding="msgpack", cleanup="compact",
    retention_ms=-1, partitions=1, owner="agents.stories", about="State of the stories, in parts.",
)  # fmt: skip
HOTSPOTS: Final = Topic(
    name="hotspots", key="hotspot_id", value=Hotspot, cleanup="compact,delete", retention_ms=30 * DAY_MS, partitions=1,
    owner="agents.stories", about="The newest state of each hotspot.",
)  # fmt: skip
ALERTS: Final = Topic(
    name="alerts", key="hotspot_id", value=Alert, retention_ms=30 * DAY_MS, partitions=1, owner="agents.stories",
    about="One alert when a hotspot emerges and one for each escalation.",
)  # fmt: skip
BRIEFS: Final = Topic(
    name="briefs", key="hotspot_id", value=Brief, retention_ms=30 * DAY_MS, partitions=1, owner="agents.briefs",
    about="Hotspots in words, each sentence with its posts.",
)  # fmt: skip

SUBSCRIBERS: Final = Topic(
    name="subscribers", key="name", value=Subscriber, cleanup="compact", retention_ms=-1, partitions=1,
    owner="agents.subscribers", about="Who is told, by which rule and channel. Holds secrets: for Redian alone.",
)  # fmt: skip
SUBSCRIBER_STATES: Final = Topic(
    name="subscribers.states", key="name", value=SubscriberState, cleanup="compact", retention_ms=-1, partitions=1,
    owner="agents.subscribers", about="How far each subscriber was told: its queue and what is tried again when.",
)  # fmt: skip
DELIVERIES: Final = Topic(
    name="subscribers.log", key="name", value=Delivery, retention_ms=14 * DAY_MS, partitions=1,
    owner="agents.subscribers", about="Every attempt to tell a subscriber, and what came of it.",
)  # fmt: skip
FEEDBACK: Final = Topic(
    name="feedback", key="hotspot_id", value=Feedback, retention_ms=365 * DAY_MS, partitions=1, owner="agents.web",
    about="What people say of hotspots: relevant, not, duplicate, wrong merge; and which recommendations they took up.",
)  # fmt: skip
QUESTIONS: Final = Topic(
    name="questions", key="question id", value=Question, retention_ms=7 * DAY_MS, partitions=1, owner="whoever asks",
    about="Questions of customers and analysts.",
)  # fmt: skip
ANSWERS: Final = Topic(
    name="answers", key="question_id", value=Answer, retention_ms=7 * DAY_MS, partitions=1, owner="agents.support",
    about="Answers with citations, and what is handed to a person with its context.",
)  # fmt: skip
CONTENT_REQUESTS: Final = Topic(
    name="content.requests", key="request id", value=ContentRequest, retention_ms=7 * DAY_MS, partitions=1,
    owner="whoever asks", about="Requests for news items, articles, advertisements, posts, replies and reports.",
)  # fmt: skip
CONTENT: Final = Topic(
    name="content", key="request_id", value=Content, retention_ms=7 * DAY_MS, partitions=1, owner="agents.content",
    about="What came of requests for content: each sentence with its posts, or why there is none.",
)  # fmt: skip
PROFILES: Final = Topic(
    name="profiles", key="author", value=Profile, cleanup="compact", retention_ms=-1, partitions="posts_partitions",
    owner="agents.profiles",
    about="What authors, known by a hash alone, are interested in: newest value per author and partition.",
)  # fmt: skip
RECOMMENDATION_REQUESTS: Final = Topic(
    name="recommendations.requests", key="request id", value=RecommendationRequest, retention_ms=7 * DAY_MS,
    partitions=1, owner="whoever asks", about="For whom something that may interest them is asked.",
)  # fmt: skip
RECOMMENDATIONS: Final = Topic(
    name="recommendations", key="request_id", value=Recommendation, retention_ms=7 * DAY_MS, partitions=1,
    owner="agents.recommending", about="Hotspots and posts for someone, with why, and how likely each was chosen.",
)  # fmt: skip
WATCHLISTS: Final = Topic(
    name="watchlists", key="name", value=Watchlist, cleanup="compact", retention_ms=-1, partitions=1,
    owner="redian watch", about="The watchlists; an empty value removes one.",
)  # fmt: skip
MENTIONS: Final = Topic(
    name="mentions", key="none", value=MentionSlice, encoding="msgpack", retention_ms=2 * DAY_MS,
    partitions="posts_partitions", owner="agents.posts", about="The posts that some watchlist is for, slice by slice.",
)  # fmt: skip
MENTIONS_SNAPSHOTS: Final = Topic(
    name="mentions.snapshots", key="snapshot key", value=SnapshotRecord, encoding="msgpack", cleanup="compact",
    retention_ms=-1, partitions="posts_partitions", owner="agents.watchlists",
    about="What is counted of open buckets, in parts.",
)  # fmt: skip
WATCH_BUCKETS: Final = Topic(
    name="watchlists.buckets", key="partition", value=WatchBucket, encoding="msgpack", retention_ms=2 * DAY_MS,
    partitions=1, owner="agents.watchlists", about="What each partition says of the watchlists in each closed bucket.",
)  # fmt: skip
WATCH_SNAPSHOTS: Final = Topic(
    name="watchlists.snapshots", key="snapshot key", value=SnapshotRecord, encoding="msgpack", cleanup="compact",
    retention_ms=-1, partitions=1, owner="agents.watchlists", about="History of the watchlists, in parts.",
)  # fmt: skip
WATCH_REPORTS: Final = Topic(
    name="watchlists.reports", key="name", value=WatchReport, cleanup="compact,delete", retention_ms=30 * DAY_MS,
    partitions=1, owner="agents.watchlists", about="How each watchlist stands: newest value by name.",
)  # fmt: skip
WATCH_ALERTS: Final = Topic(
    name="watchlists.alerts", key="name", value=WatchAlert, retention_ms=30 * DAY_MS, partitions=1,
    owner="agents.watchlists", about="The mood of a watchlist turned beyond chance.",
)  # fmt: skip

TOPICS: Final = (
    POSTS, SCORED, DEAD, CURSORS, DELETED, OPT_OUTS, OUTSIDE_LISTINGS, OUTSIDE_SEEN,
    TERMS, BURSTS, SHARD_SNAPSHOTS, STORY_SNAPSHOTS, HOTSPOTS, ALERTS, BRIEFS,
    SUBSCRIBERS, SUBSCRIBER_STATES, DELIVERIES, FEEDBACK, QUESTIONS, ANSWERS,
    CONTENT_REQUESTS, CONTENT, PROFILES, RECOMMENDATION_REQUESTS, RECOMMENDATIONS,
    WATCHLISTS, MENTIONS, MENTIONS_SNAPSHOTS, WATCH_BUCKETS, WATCH_SNAPSHOTS, WATCH_REPORTS, WATCH_ALERTS,
)  # fmt: skip
