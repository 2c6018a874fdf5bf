"""What is measured: scoring beside a bare session on the same tokens; intake to hotspots beside `json.loads`."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from agents.bench.paired import Work
from streams.contracts.framing import ARRIVED_AT, messages_of
from streams.contracts.topics import POSTS
from streams.counting import SliceBuilder, parts_of
from streams.intake import Intake, Record
from streams.intake.intake import Taken
from streams.pipeline import Pipeline, PipelineSettings
from streams.scoring import Encoded, Encoder, Head, Scorer, TokenIds
from streams.scoring.heads import Floats

NEVER_MS = 1 << 42
"""A present that no post is ahead of."""

SESSION = "bare session"
DECODING = "json.loads"


class _Recording:
    """An encoder that remembers what it was asked."""

    def __init__(self, encoder: Encoder) -> None:
        self.provider = encoder.provider
        self.heads = encoder.heads
        self.batches: list[tuple[TokenIds, TokenIds]] = []
        self._encoder = encoder

    def encode(self, ids: TokenIds, mask: TokenIds) -> Encoded:
        self.batches.append((ids, mask))
        return self._encoder.encode(ids, mask)

    def contributions(self, ids: TokenIds, mask: TokenIds, head: Head) -> tuple[Floats, Floats]:
        return self._encoder.contributions(ids, mask, head)


def records_of(lines: Iterable[bytes], posts: int, settings: PipelineSettings, posts_per_message: int) -> list[Record]:
    """Return the first `posts` lines as the records that `replay` would write."""
    messages = messages_of(
        islice(lines, posts),
        posts_per_message=posts_per_message,
        partitions=settings.partitions,
        lateness_ms=settings.lateness_ms,
        now_ms=NEVER_MS,
    )
    ends = [0] * settings.partitions
    records = []
    for message in messages:
        offset = ends[message.partition]
        ends[message.partition] += 1
        headers = {ARRIVED_AT: str(message.arrived_ms).encode()}
        records.append(Record(POSTS.name, message.partition, offset, message.value, message.arrived_ms, headers))
    return records


def texts_of(records: Iterable[Record], intake: Intake) -> list[str]:
    """Return the texts of the posts in records, cleaned, each once."""
    return list(dict.fromkeys(post.text for record in records for post in intake.take(record).posts if post.text))


def scoring(scorer: Scorer, texts: Sequence[str], beside: Scorer | None = None) -> dict[str, Work]:
    """Return the scoring stage (tokens, batches, session, scores) and the session alone on the same token ids.

    Args:
        scorer: without memory, so that it encodes each text in each round.
        texts: each of them once.
        beside: another model whose session alone is run too, on the token ids that it makes of the texts.
    """
    cases = {SESSION: session(scorer, texts), "scoring stage": lambda: scorer.score(texts)}
    if beside is not None:
        cases[f"bare session of {beside.model.name}"] = session(beside, texts)
    return cases


def session(scorer: Scorer, texts: Sequence[str]) -> Work:
    """Return the session alone on the batches that the scoring stage makes of texts, each of them once."""
    recording = _Recording(scorer.encoder)
    Scorer(recording, scorer.tokenizer, scorer.model, token_budget=scorer.token_budget, cache_size=0).score(texts)

    def run() -> None:
        for ids, mask in recording.batches:
            scorer.encoder.encode(ids, mask)

    return run


def session_seconds(scorer: Scorer, texts: Sequence[str]) -> Callable[[], float]:
    """Return what runs a bare session on texts and tells its processor seconds.

    A text that repeats is run once, and counts as often as it came by what its tokens cost.
    """
    once = list(dict.fromkeys(filter(str.strip, texts)))
    tokens = {
        text: sum(map(len, found.windows)) for text, found in zip(once, scorer.tokenizer.tokens(once), strict=True)
    }
    repeated = sum(tokens.get(text, 0) for text in texts) / max(sum(tokens.values()), 1)
    run = session(scorer, once)

    def seconds() -> float:
        began = time.process_time()
        run()
        return (time.process_time() - began) * repeated

    return seconds


def stages(records: Sequence[Record], settings: PipelineSettings, intake: Intake) -> dict[str, Work]:
    """Return the stages up to hotspots, without a model and without a broker, each alone and all together."""
    taken = [(record, intake.take(record)) for record in records]

    def decode() -> None:
        for record in records:
            json.loads(record.value or b"null")

    def read() -> None:
        for record in records:
            intake.take(record)

    def whole() -> None:
        held = {(record.partition, record.offset): record for record in records}
        pipeline = Pipeline(settings, intake, None, lambda partition, offset: held.get((partition, offset)))
        for record in records:
            for _ in pipeline.take(record):
                pass

    return {DECODING: decode, "intake": read, "counting": lambda: _count(taken, settings), "pipeline": whole}


def _count(taken: Sequence[tuple[Record, Taken]], settings: PipelineSettings) -> None:
    builders = [SliceBuilder(number, 0, settings.lateness_ms) for number in range(settings.partitions)]
    for record, found in taken:
        builder = builders[record.partition]
        builder.add(record.offset, found.posts, found.arrived_ms, heartbeat=found.heartbeat)
        if len(builder) >= settings.slice_posts or found.heartbeat:
            made = builder.cut()
            none = [None] * len(made.posts)
            parts_of(made, none, shards=settings.shards, partitions=settings.partitions)
