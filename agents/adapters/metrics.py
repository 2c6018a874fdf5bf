"""Every metric, once, here. Names and units follow Prometheus's practices; no label can be chosen by a post.

Labels are from closed sets: `stage` and `reason` from intake's list, alert stages from the contract, topics and
partitions from the registry, shards from the settings.
"""

from prometheus_client import Counter, Gauge, Histogram

_POSTS = (1, 4, 16, 64, 256, 1024, 4096, 16384)
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

# The way of a post.
POSTS_IN = Counter("redian_posts_in", "Items read from topic posts, usable or not.")
POSTS_OUT = Counter("redian_posts_out", "Posts counted and published with their scores.")
POSTS_DEAD = Counter("redian_posts_dead", "Items sent to the dead-letter topic.", ["stage", "reason"])
POSTS_LATE = Counter("redian_posts_late", "Posts that came after their bucket, scored and not counted.")
OFFSETS_SKIPPED = Counter(
    "redian_offsets_skipped", "Offsets that the log no longer held when they were due, transaction markers included."
)
ARRIVAL_TO_COUNTED_SECONDS = Histogram(
    "redian_arrival_to_counted_seconds",
    "From the arrival of a slice's oldest post to its acknowledgement by the broker. Replays measure their own age.",
    buckets=_SECONDS,
)
SLICE_POSTS = Histogram("redian_slice_posts", "Posts in a slice.", buckets=_POSTS)

# The encoder.
BATCH_POSTS = Histogram("redian_batch_posts", "Posts handed to the encoder at once.", buckets=_POSTS)
INFERENCE_SECONDS = Histogram("redian_inference_seconds", "Scoring the posts of one slice.", buckets=_SECONDS)
SCORE_CONFIDENCE = Gauge(
    "redian_score_confidence", "Mean probability of the likeliest mood, over ADWIN's present window.", ["lang"]
)
SCORE_DRIFTS = Counter("redian_score_drifts", "Times that the confidence of scores changed for good.", ["lang"])

# Counting and deciding.
LAG = Gauge("redian_consumer_lag_messages", "Messages that the group has not committed.", ["topic", "partition"])
WATERMARK_SECONDS = Gauge(
    "redian_watermark_timestamp_seconds", "How far event time has come in a shard, seconds since the epoch.", ["shard"]
)
TESTS = Counter("redian_tests", "Hypotheses tried: terms times scales.")
HOTSPOTS_LIVE = Gauge("redian_hotspots_live", "Hotspots that are not closed.")
ALERTS = Counter("redian_alerts", "Alerts published; a restart may repeat some.", ["stage"])
BRIEFS = Counter("redian_briefs", "Briefs published; a restart may repeat some.")

# Snapshots and recovery.
SNAPSHOT_SECONDS = Histogram("redian_snapshot_seconds", "Writing one snapshot.", ["topic"], buckets=_SECONDS)
SNAPSHOT_BYTES = Gauge("redian_snapshot_bytes", "Size of the last snapshot.", ["topic"])
RECOVERY_SECONDS = Histogram("redian_recovery_seconds", "Reading state back on assignment.", buckets=_SECONDS)
