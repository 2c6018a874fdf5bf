"""Which posts of a slice some watchlist is for, in pieces small enough for a message: topic `mentions`."""

from collections.abc import Sequence
from typing import Final

from streams.contracts.posts import ReadPost
from streams.contracts.times import bucket_of
from streams.contracts.watchlists import For, Mentioned, MentionSlice
from streams.counting import Slice
from streams.watching.book import Book
from streams.watching.query import asked

POSTS: Final = 256
"""Posts in a piece: at most some 200 KiB."""
_TERMS: Final = 24
_KINDS: Final = ("word:", "phrase:", "tag:")

Moods = Sequence[tuple[float, float, float] | None]


def mentions_of(made: Slice, moods: Moods, book: Book, partitions: int) -> list[MentionSlice]:
    """Return the pieces of a slice, at least one: a piece without posts tells how far time has come.

    Args:
        made: the slice.
        moods: (negative, neutral, positive) of each of its posts, or None.
        book: the watchlists.
        partitions: number of partitions of `posts`.
    """
    found = []
    for row, post in enumerate(made.posts):
        seen = asked(post.terms)
        meant = book.meant(seen, bucket_of(post.created_ms))
        if not meant:
            continue
        lists = tuple(
            For(
                watched.watchlist.name,
                watched.revision,
                tuple(name for name, literals in watched.aspects if any(literal.matches(seen) for literal in literals)),
            )
            for watched in meant
        )
        found.append((row, post, lists))
    groups = [found[begin : begin + POSTS] for begin in range(0, len(found), POSTS)] or [[]]
    pieces = []
    start = made.start
    for number, group in enumerate(groups):
        last = number == len(groups) - 1
        # The next piece begins at its first post: up to there time had run as far as just before that post.
        following = None if last else groups[number + 1][0]
        end = made.end if following is None else following[1].position
        watermark = made.watermark if following is None else made.seen[following[0]]
        posts = tuple(_mentioned(post, made.seen[row], moods[row], lists) for row, post, lists in group)
        pieces.append(
            MentionSlice(
                partition=made.partition,
                partitions=partitions,
                start=start,
                end=end,
                watermark=watermark,
                idle=made.idle and last,
                posts=posts,
            )
        )
        start = end
    return pieces


def _mentioned(post: ReadPost, seen: int, mood: tuple[float, float, float] | None, lists: tuple[For, ...]) -> Mentioned:
    return Mentioned(
        position=post.position,
        id=post.id,
        author=post.author,
        created_ms=post.created_ms,
        seen=seen,
        mood=None if mood is None else round(1000 * (mood[2] - mood[0])),
        terms=tuple(term for term in post.terms if term.startswith(_KINDS))[:_TERMS],
        lists=lists,
    )
