"""Watchlists over files, as the workers would count them: one partition, the same slices, the same board."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from agents.files import lines_of
from agents.settings import Settings
from streams.contracts.framing import ARRIVED_AT, messages_of
from streams.contracts.times import bucket_of
from streams.contracts.topics import POSTS
from streams.contracts.watchlists import Watchlist
from streams.counting import SliceBuilder
from streams.intake import Intake, Record
from streams.pipeline import sentiment_of
from streams.scoring import Scorer
from streams.watching.board import Decided, WatchBoard
from streams.watching.book import Book
from streams.watching.counting import PartitionCount
from streams.watching.mentioning import mentions_of
from streams.watching.query import asked


def watch_files(
    files: Iterable[Path],
    watchlists: Iterable[Watchlist],
    *,
    settings: Settings,
    intake: Intake,
    scorer: Scorer | None,
    on_bytes: Callable[[int], None] = lambda _: None,
) -> Decided:
    """Return every report and alert. Only posts that a watchlist is for are scored.

    Raises:
        BadQuery: a watchlist cannot be used.
        UnreadableFile: a file cannot be read.
    """
    book = Book()
    for watchlist in watchlists:
        book.put(watchlist)
    pipeline = settings.pipeline()
    count = PartitionCount(pipeline.lateness_ms)
    board = WatchBoard(pipeline.lateness_ms, pipeline.budget, rotations=intake.rotations)
    builder = SliceBuilder(0, 0, pipeline.lateness_ms)
    found = Decided()

    def cut() -> None:
        made = builder.cut()
        meant = [bool(book.meant(asked(post.terms), bucket_of(post.created_ms))) for post in made.posts]
        texts = [post.text for post, wanted in zip(made.posts, meant, strict=True) if wanted]
        scores = iter([] if scorer is None else scorer.score(texts))
        moods = [sentiment_of(next(scores, None)) if wanted else None for wanted in meant]
        for piece in mentions_of(made, moods, book, 1):
            for told in count.take(piece):
                decided = board.take(told, book)
                found.reports.extend(decided.reports)
                found.alerts.extend(decided.alerts)

    messages = messages_of(
        (line for path in files for line in lines_of(path, on_bytes)),
        posts_per_message=settings.posts_per_message,
        partitions=1,
        lateness_ms=pipeline.lateness_ms,
        now_ms=time.time_ns() // 1_000_000,
    )
    for offset, message in enumerate(messages):
        headers = {ARRIVED_AT: str(message.arrived_ms).encode()}
        taken = intake.take(Record(POSTS.name, 0, offset, message.value, message.arrived_ms, headers))
        builder.add(offset, taken.posts, taken.arrived_ms, heartbeat=taken.heartbeat)
        if len(builder) >= pipeline.slice_posts or taken.heartbeat:
            cut()
    return found
