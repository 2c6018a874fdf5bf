"""Every metric, once, here. Names and units follow Prometheus's practices; no label can be chosen by a post.

`docs/metrics.md` is generated from this module: a comment above definitions is the title of their section, and every
label is told in `LABELS`.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from streams.contracts.answers import STATUSES
from streams.contracts.content import FALLBACKS, REFUSALS
from streams.contracts.feedback import VERDICTS as VERDICT_NAMES
from streams.contracts.outputs import STAGES
from streams.contracts.subscriptions import CHANNELS, OUTCOMES
from streams.contracts.topics import CONTENT_REQUESTS, RECOMMENDATION_REQUESTS
from streams.intake.reasons import REASONS, SCORE_FAILED, SCORING
from streams.intake.reasons import STAGE as INTAKE
from streams.scoring.drift import LANGUAGES, SIGNALS

LABELS: Final = {
    "stage": "of a dead letter the stage that refused it, of an alert the stage of its story",
    "reason": "why an item was refused: the list of `streams/intake/reasons.py`, of a source those of "
    "`agents/adapters/sources/source.py`; of content `FALLBACKS` and `REFUSALS` of `streams/contracts/content.py`",
    "direction": "of tokens: `in`, what a language model read, `out`, what it wrote",
    "lang": "`en`, `zh` or `other`; of a source also `none`, where the platform does not say",
    "kind": "`remembered`: seen before; `fresh`: encoded",
    "keys": "fingerprint of the keys of author hashes, as `redian key show` reckons it; it tells nothing of them",
    "label": "a mood: `negative`, `neutral`, `positive`",
    "signal": "what drifted: `confidence`, `share` of a mood, `distance` of texts from the first ones",
    "topic": "a topic of the registry",
    "partition": "a partition of that topic",
    "shard": "number of a shard, below `REDIAN_SHARDS`",
    "check": "a check of `/readyz`",
    "model": "name of the model's folder",
    "asked": "the provider of the settings: `auto`, `cpu`, `cuda`, `tensorrt`",
    "provider": "the provider in use: `cpu`, `cuda`, `tensorrt`, or `off` without a model",
    "use": "what a language model is asked for: `content`, `answers`",
    "verdict": "of people on a hotspot: `relevant`, `not-relevant`, `duplicate`, `wrong-merge`",
    "version": "version of Redian",
    "level": "severity of a log line",
    "source": "name of a source, by what the operator chose to read",
    "list": "name of an outside list, by what the operator chose to read",
    "order": "`earlier`: told before it was on the list; `later`",
    "way": "of a reply: `call`, in the answer to the call; `message`, later; `lost`, told to nobody or nobody knows",
    "channel": f"how a subscriber is told: {', '.join(f'`{channel}`' for channel in CHANNELS)}",
    "outcome": f"of a delivery {', '.join(f'`{outcome}`' for outcome in OUTCOMES)}; of media "
    "`described`, `wordless`, `refused` (by address, kind or size), `failed`, `late`, `crowded`; of a judge "
    "`answered`, `unknown`, or why the signs decide: `rate`, `spend`, `failed`",
    "status": "of a subscriber `active`, `failing`, `disabled`, `paused`; of an answer one of `STATUSES`; "
    "of content and recommendations `made`, `refused`, `repeated`",
}
"""What the values of a label are: closed sets all, none that a post can choose."""

_POSTS = (1, 4, 16, 64, 256, 1024, 4096, 16384)
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

# The way of a post.
POSTS_IN = Counter("redian_posts_in", "Items read from topic posts, usable or not.")
POSTS_OUT = Counter("redian_posts_out", "Posts counted and published with their scores.")
POSTS_DEAD = Counter("redian_posts_dead", "Items sent to the dead-letter topic.", ["stage", "reason"])
DEAD_BUDGET_SPENT = Gauge(
    "redian_dead_budget_spent", "1 on a worker that reads no more posts, because too many could not be used."
)
POSTS_OPTED_OUT = Counter("redian_posts_opted_out", "Posts of authors who opted out, left out at intake.")
POSTS_LATE = Counter("redian_posts_late", "Posts that came after their bucket, scored and not counted.")
OFFSETS_SKIPPED = Counter(
    "redian_offsets_skipped", "Offsets that the log no longer held when they were due, transaction markers included."
)
ARRIVAL_TO_COUNTED_SECONDS = Histogram(
    "redian_arrival_to_counted_seconds",
    "From the arrival of a slice's oldest post to its acknowledgement by the broker. Replays measure their own age.",
    buckets=_SECONDS,
)
OLDEST_POST_AGE_SECONDS = Gauge(
    "redian_oldest_post_age_seconds",
    "How long the oldest message that was read and is not counted yet stands in the log, by its record's time; else 0.",
)
SLICE_POSTS = Histogram("redian_slice_posts", "Posts in a slice.", buckets=_POSTS)

# The encoder.
BATCH_POSTS = Histogram("redian_batch_posts", "Posts handed to the encoder at once.", buckets=_POSTS)
ENCODER_PROVIDER = Gauge(
    "redian_encoder_provider", "1 for the model and the provider in use.", ["model", "asked", "provider"]
)
SCORED_TEXTS = Counter(
    "redian_scored_texts", "Texts scored: encoded, or remembered from the same text before.", ["kind"]
)
TEXTS_SPLIT = Counter("redian_texts_split", "Long texts read in windows.")
TEXTS_CUT = Counter("redian_texts_cut", "Texts of which only the beginning was read: REDIAN_SCORE_WINDOWS.")
ENCODER_RETRIES = Counter("redian_encoder_retries", "Rows encoded again alone, because their batch came back broken.")
ENCODER_OUT_OF_MEMORY = Counter(
    "redian_encoder_out_of_memory", "Times that memory ran out and the batches were halved for good."
)
SCORES_FAILED = Counter("redian_scores_failed", "Posts for which the model gave no finite numbers.")
INFERENCE_SECONDS = Histogram("redian_inference_seconds", "Scoring the posts of one slice.", buckets=_SECONDS)
SCORE_CONFIDENCE = Gauge(
    "redian_score_confidence", "Mean probability of the likeliest mood, over ADWIN's present window.", ["lang"]
)
SCORE_SHARE = Gauge("redian_score_share", "Share of each mood, over ADWIN's present window.", ["lang", "label"])
SCORE_DISTANCE = Gauge(
    "redian_score_distance", "Mean distance of texts from the middle of the first ones, over ADWIN's window.", ["lang"]
)
SCORE_DRIFTS = Counter("redian_score_drifts", "Times that scores changed for good.", ["lang", "signal"])

# Counting and deciding.
LAG = Gauge("redian_consumer_lag_messages", "Messages that the group has not committed.", ["topic", "partition"])
WATERMARK_SECONDS = Gauge(
    "redian_watermark_timestamp_seconds", "How far event time has come in a shard, seconds since the epoch.", ["shard"]
)
TESTS = Counter("redian_tests", "Hypotheses tried: terms times scales.")
HOTSPOTS_LIVE = Gauge("redian_hotspots_live", "Hotspots that are not closed, on the worker that decides; else 0.")
FALSE_ALERTS_A_DAY = Gauge("redian_false_alerts_a_day", "REDIAN_BUDGET: false alerts a day that are accepted.")
FALSE_ALERTS_LEFT = Gauge(
    "redian_false_alerts_left",
    "What is left of that budget, on the worker that decides; near 0, weak stories are told to no one.",
)
ALERTS = Counter("redian_alerts", "Alerts published; a restart may repeat some.", ["stage"])
ALERTS_MUTED = Counter("redian_alerts_muted", "Alerts kept from people because of their verdicts on others like them.")
VERDICTS = Counter("redian_verdicts", "Verdicts of people that were learnt; a restart may repeat some.", ["verdict"])
VERDICTS_UNUSED = Counter(
    "redian_verdicts_unused", "Verdicts that teach nothing: `unreadable`, or on an `unknown` hotspot.", ["reason"]
)
RELEVANCE_ERROR = Gauge(
    "redian_relevance_error",
    "Mean distance between what people said of late and what was expected of them, 0 to 1, on the worker that decides.",
)
BRIEFS = Counter("redian_briefs", "Briefs published; a restart may repeat some.")
BRIEFS_REVISED = Counter("redian_briefs_revised", "Briefs written again without posts that were taken back.")

# Subscribers, on the worker that tells them.
DELIVERIES = Counter(
    "redian_deliveries", "Attempts to tell a subscriber, and alerts that gave way.", ["channel", "outcome"]
)
DELIVERY_SECONDS = Histogram(
    "redian_delivery_seconds", "One attempt to tell a subscriber.", ["channel"], buckets=_SECONDS
)
DELIVERIES_WAITING = Gauge("redian_deliveries_waiting", "Alerts in the queues of all subscribers.")
SUBSCRIBERS = Gauge("redian_subscribers", "Subscribers by how they do.", ["status"])

# What people ask.
ANSWERS = Counter("redian_answers", "Questions answered, declined or refused; a restart may repeat one.", ["status"])
ANSWER_SECONDS = Histogram("redian_answer_seconds", "Answering one question.", buckets=_SECONDS)
JUDGED_ANSWERS = Counter(
    "redian_judged_answers",
    "Questions that a language model decided, or was to decide.",
    ["outcome"],
)
QUOTABLE_PASSAGES = Gauge("redian_quotable_passages", "Passages that answers may quote, on the worker that answers.")
UNREADABLE_DOCUMENTS = Gauge("redian_unreadable_documents", "Documents of the operator that could not be read.")

# Content on request.
CONTENT = Counter("redian_content", "Requests for content made, refused, or passed over as repeats.", ["status"])
CONTENT_SECONDS = Histogram("redian_content_seconds", "Making one piece of content.", buckets=_SECONDS)
CONTENT_FALLBACKS = Counter(
    "redian_content_fallbacks", "Pieces that a language model was to tell and does not.", ["reason"]
)
GENERATOR_TOKENS = Counter("redian_generator_tokens", "Tokens that the server counted.", ["direction"])
GENERATOR_SPEND = Counter(
    "redian_generator_spend", "What the language model may have cost, at the prices of the settings."
)
GENERATOR_SPENT_TODAY = Gauge(
    "redian_generator_spent_today",
    "The same in 24 hours, on the worker that makes content or answers; at the limit it is not asked.",
    ["use"],
)

# Profiles.
PROFILES = Gauge("redian_profiles", "Authors whose profile is kept, of the partitions held.")
PROFILES_TAKEN_BACK = Counter("redian_profiles_taken_back", "Profiles removed: erased, opted out, silent, or no room.")

# Recommendations.
RECOMMENDATIONS = Counter(
    "redian_recommendations", "Requests for recommendations made, refused, or passed over as repeats.", ["status"]
)
CLICKS_LEARNT = Gauge(
    "redian_clicks_learnt", "Clicks that recommendations have learnt from, on the worker that makes them."
)

# Watchlists.
WATCHLISTS = Gauge("redian_watchlists", "Watchlists in force.")
MOOD_ALERTS = Counter("redian_mood_alerts", "Alerts that a mood turned beyond chance; a restart may repeat one.")

# Snapshots and recovery.
SNAPSHOT_SECONDS = Histogram("redian_snapshot_seconds", "Writing one snapshot.", ["topic"], buckets=_SECONDS)
SNAPSHOT_BYTES = Gauge("redian_snapshot_bytes", "Size of the last snapshot.", ["topic"])
SNAPSHOT_TIMESTAMP_SECONDS = Gauge(
    "redian_snapshot_timestamp_seconds",
    "When no state of this worker was last due to be written to this topic. Seconds since the epoch.",
    ["topic"],
)
RECOVERY_SECONDS = Histogram("redian_recovery_seconds", "Reading state back on assignment.", buckets=_SECONDS)

# The worker.
BUILD = Gauge("redian_build_info", "1, with the version that runs.", ["version"])
AUTHOR_KEYS = Gauge(
    "redian_author_keys", "1, with the fingerprint of the keys of author hashes: the same at every worker.", ["keys"]
)
READY = Gauge("redian_ready", "Whether a check of /readyz holds: 1 or 0.", ["check"])
ASSIGNED_PARTITIONS = Gauge("redian_assigned_partitions", "Partitions that this worker holds.", ["topic"])
GROUP_GENERATION = Gauge("redian_group_generation", "Number of the group's generation: each rebalance makes a new one.")
DATA_DIR_BYTES = Gauge("redian_data_dir_bytes", "Size of the file system that holds REDIAN_DATA_DIR.")
DATA_DIR_FREE_BYTES = Gauge("redian_data_dir_free_bytes", "What is free of it.")
LOG_LINES = Counter("redian_log_lines", "Log lines, those held back as repeats included.", ["level"])

# Sources: `source` is the name that the operator gave by choosing what to read.
SOURCE_POSTS = Counter("redian_source_posts", "Posts of a source written and acknowledged.", ["source"])
SOURCE_REPEATS = Counter("redian_source_repeats", "Posts that a source brought again, not written.", ["source"])
SOURCE_OPTED_OUT = Counter("redian_source_opted_out", "Posts of authors who opted out, not written.", ["source"])
SOURCE_MALFORMED = Counter("redian_source_malformed", "Items of a source that are no posts.", ["source", "reason"])
SOURCE_DELETIONS = Counter("redian_source_deletions", "Deletions that a source told.", ["source"])
SEEN_OUTSIDE = Counter(
    "redian_seen_outside", "Hotspots told that an outside list has too, earlier or later than it.", ["list", "order"]
)
LEAD_MEDIAN_SECONDS = Gauge(
    "redian_lead_median_seconds", "Median lead over an outside list, of the hotspots on both in 30 days.", ["list"]
)
SOURCE_REPLIES = Counter(
    "redian_source_replies", "Answers to people who wrote to a source: told, or lost for good.", ["source", "way"]
)
SOURCE_MISSED_SECONDS = Counter(
    "redian_source_missed_seconds", "Stretches that the platform no longer had when the source came back.", ["source"]
)
SOURCE_INTERRUPTIONS = Counter("redian_source_interruptions", "Readings ended before their time.", ["source", "reason"])
SOURCE_CONNECTED = Gauge("redian_source_connected", "1 while a source reads, 0 while it waits.", ["source"])
SOURCE_LATENESS_SECONDS = Histogram(
    "redian_source_lateness_seconds", "From the creation of a post to its arrival here.", ["source"], buckets=_SECONDS
)
SOURCE_AHEAD = Counter("redian_source_ahead", "Posts dated after their arrival: clocks that go wrong.", ["source"])
SOURCE_LANGUAGES = Counter(
    "redian_source_languages", "Posts of a source by the language that the platform says.", ["source", "lang"]
)
SOURCE_LAST_SECONDS = Gauge("redian_source_last_timestamp_seconds", "When the last new post came.", ["source"])
SOURCE_STALLED = Gauge(
    "redian_source_stalled", "1 while a source is silent for longer than its daily rhythm explains.", ["source"]
)
SOURCE_DRIFTED = Gauge(
    "redian_source_drifted", "1 while most items of a source are malformed: its form has changed.", ["source"]
)
MEDIA_DESCRIBED = Counter(
    "redian_media_described",
    "Media of posts that describers were to tell; a post goes on whatever came of it.",
    ["outcome"],
)

# What is known beforehand begins at 0, so that a rate sees the first event.
for _reason in REASONS:
    POSTS_DEAD.labels(stage=INTAKE, reason=_reason)
for _stage in STAGES:
    ALERTS.labels(stage=_stage)
for _verdict in VERDICT_NAMES:
    VERDICTS.labels(verdict=_verdict)
for _reason in ("unreadable", "unknown"):
    VERDICTS_UNUSED.labels(reason=_reason)
for _status in STATUSES:
    ANSWERS.labels(status=_status)
for _outcome in ("answered", "unknown", "rate", "spend", "failed"):
    JUDGED_ANSWERS.labels(outcome=_outcome)
for _status in ("made", "refused", "repeated"):
    CONTENT.labels(status=_status)
    RECOMMENDATIONS.labels(status=_status)
for _reason in FALLBACKS:
    CONTENT_FALLBACKS.labels(reason=_reason)
for _reason in REFUSALS:
    POSTS_DEAD.labels(stage=CONTENT_REQUESTS.name, reason=_reason)
for _reason in ("unreadable", "bad_request"):
    POSTS_DEAD.labels(stage=RECOMMENDATION_REQUESTS.name, reason=_reason)
for _direction in ("in", "out"):
    GENERATOR_TOKENS.labels(direction=_direction)
for _channel in CHANNELS:
    for _outcome in OUTCOMES:
        DELIVERIES.labels(channel=_channel, outcome=_outcome)
for _told in ("described", "wordless", "refused", "failed", "late", "crowded"):
    MEDIA_DESCRIBED.labels(outcome=_told)
for _lang in LANGUAGES:
    for _signal in SIGNALS:
        SCORE_DRIFTS.labels(lang=_lang, signal=_signal)
for _kind in ("remembered", "fresh"):
    SCORED_TEXTS.labels(kind=_kind)
POSTS_DEAD.labels(stage=SCORING, reason=SCORE_FAILED)
for _level in ("debug", "info", "warning", "error", "critical"):
    LOG_LINES.labels(level=_level)
