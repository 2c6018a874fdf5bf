"""Profiles from a file of posts: what the agent of `posts.scored` would keep of them, without a broker or scores."""

from collections.abc import Iterable, Iterator
from typing import Final

from agents.posts import scored_post
from agents.settings import Settings
from agents.startup import make_intake
from streams.contracts.posts import ScoredPost
from streams.contracts.profiles import Profile
from streams.intake import Intake, Record
from streams.profiles.book import Book

_LATE_MS: Final = 4_102_444_800_000
"""Arrival after any post that a file can hold (the year 2100): nothing is refused as written in the future."""


def scored_from(lines: Iterable[bytes], settings: Settings) -> Iterator[tuple[str, ScoredPost]]:
    """Return the usable posts of a file as they would be published without an encoder, with their cleaned texts."""
    return _scored(lines, make_intake(settings))


def _scored(lines: Iterable[bytes], intake: Intake) -> Iterator[tuple[str, ScoredPost]]:
    for number, line in enumerate(lines):
        for post in intake.take(Record("posts", 0, number, line, _LATE_MS)).posts:
            yield post.text, scored_post(post, None, None)


def profiles_from(lines: Iterable[bytes], settings: Settings) -> dict[str, Profile]:
    """Return the profiles by author; at most as many as the settings keep for each partition."""
    intake = make_intake(settings)
    book = Book(settings.profiles, intake.rotations)
    for _, post in _scored(lines, intake):
        book.take(post)
    return {author: told for author, told in book.changed() if told is not None}
