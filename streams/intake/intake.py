"""A record of `posts` becomes posts ready to count, and dead letters for the rest. Nothing is lost and nothing raises.

Duplicate ids are not looked for: counting unites them.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec

from streams.contracts.framing import ARRIVED_AT
from streams.contracts.posts import MOST_DAYS, UNKNOWN_DAYS, DeadLetter, Post, ReadPost
from streams.contracts.times import EARLIEST_MS, FUTURE_MS, format_time, to_ms
from streams.intake.cleaning import Cleaned, clean
from streams.intake.copies import copy_key, word_key
from streams.intake.decoding import Decoder
from streams.intake.described import MediaWords, media_words
from streams.intake.language import UNKNOWN, LanguageReader
from streams.intake.reasons import STAGE, Unusable
from streams.intake.settings import IntakeSettings
from streams.intake.stopwords import PURE_REPOSTS
from streams.intake.terms import terms_of
from streams.intake.words import Unit, units
from streams.privacy.optouts import OptOuts
from streams.privacy.restricted import carried
from streams.privacy.rotations import HASH_BYTES, fitting

_MILLISECONDS: Final = re.compile(rb"\d{1,15}")
_LONGEST_DATE: Final = 64
_DAY_MS: Final = 86_400_000
_MAX_PLACE: Final = 64
_NO_MEDIA: Final = MediaWords((), ())


class Record(msgspec.Struct, frozen=True):
    """A record as it stands in the log. `timestamp_ms` is the broker's or the producer's time."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    timestamp_ms: int
    headers: dict[str, bytes] = {}


class Taken(msgspec.Struct):
    """What became of a record: each of its items is a post or a dead letter, or was left out: its author opted out.

    `arrived_ms` is its arrival; with `heartbeat` it was an empty list, which only lets time pass.
    """

    posts: list[ReadPost]
    dead: list[DeadLetter]
    arrived_ms: int
    heartbeat: bool
    left_out: int = 0


def arrival_ms(record: Record) -> int:
    """Return when a record arrived: its header `arrived_at`, RFC 3339 with a zone or decimal milliseconds.

    Without the header, or with one that cannot be read or lies before 2005, it is the record's own timestamp: a bad
    header says nothing against the posts. A record without a timestamp arrived in 2005, so that time never begins
    before it.
    """
    header = record.headers.get(ARRIVED_AT)
    written = max(record.timestamp_ms, EARLIEST_MS)
    if header is None or len(header) > _LONGEST_DATE:
        return written
    if _MILLISECONDS.fullmatch(header):
        arrived = int(header)
    else:
        try:
            arrived = to_ms(msgspec.convert(header.decode(), datetime))
        except ValueError:
            return written
    return arrived if arrived >= EARLIEST_MS else written


class _Begun(msgspec.Struct, frozen=True, gc=False):
    """What is known of a post before its language."""

    created_ms: int
    arrived_ms: int
    author: int
    cleaned: Cleaned


_Read = ReadPost | Unusable | None
"""What becomes of a post; None if its author opted out."""


class Intake:
    """Reads records. Holds no state between them but `opted_out`, whom it does not read; one instance per thread.

    Example:
        >>> intake = Intake(IntakeSettings(author_key=b"a secret"))
        >>> value = (
        ...     b'{"id":"1","platform":"x","author":"a","created_at":"2026-03-01T00:00:00Z","text":"Flood in #Turin"}'
        ... )
        >>> taken = intake.take(Record("posts", 0, 0, value, 1772323200000))
        >>> taken.posts[0].terms
        ('tag:turin', 'word:flood')
    """

    def __init__(self, settings: IntakeSettings) -> None:
        self._settings = settings
        self._decoder = Decoder(settings)
        self._languages = LanguageReader()
        self._authors = blake2b(digest_size=HASH_BYTES, key=fitting(settings.author_key))
        self.rotations = settings.rotations
        self.opted_out = OptOuts(self.authors)

    def take(self, record: Record) -> Taken:
        """Read one record. Never raises, whatever its bytes.

        Returns:
            A post or a dead letter for each item of a list, in order, or for the whole value; less what is left out.
        """
        arrived_ms = arrival_ms(record)
        taken = Taken([], [], arrived_ms, False)
        posts, items = self._decoder.decode(record.value)
        if posts is not None:
            taken.heartbeat = not posts
            originals: list[msgspec.Raw] = []
            for index, read in enumerate(self._read(posts, range(len(posts)), record, arrived_ms)):
                if isinstance(read, Unusable):
                    originals = originals or self._decoder.originals(record.value or b"")
                    taken.dead.append(self._dead(record, index, bytes(originals[index]), read))
                elif read is None:
                    taken.left_out += 1
                else:
                    taken.posts.append(read)
            return taken
        usable = [(max(index, 0), item) for index, _, item in items if isinstance(item, Post)]
        reads = iter(self._read([post for _, post in usable], [index for index, _ in usable], record, arrived_ms))
        for index, original, item in items:
            read = item if isinstance(item, Unusable) else next(reads)
            if isinstance(read, Unusable):
                taken.dead.append(self._dead(record, index, original, read))
            elif read is None:
                taken.left_out += 1
            else:
                taken.posts.append(read)
        return taken

    def again(self, record: Record, indices: Collection[int]) -> list[ReadPost]:
        """Read again only the posts that stand at `indices` of a record; what is no post there is left out."""
        return self._read_again(record, self._decoder.at(record.value, indices))

    def named(self, record: Record, post_id: str) -> list[ReadPost]:
        """Read again only the posts of a record that have this id."""
        found = self._decoder.numbered(record.value)
        return self._read_again(
            record, ((i, item) for i, item in found if isinstance(item, Post) and item.id == post_id)
        )

    def _read_again(self, record: Record, found: Iterable[tuple[int, Post | Unusable]]) -> list[ReadPost]:
        usable = [(index, item) for index, item in found if isinstance(item, Post)]
        read = self._read([post for _, post in usable], [index for index, _ in usable], record, arrival_ms(record))
        return [post for post in read if isinstance(post, ReadPost)]

    def author(self, platform: str, author: str, era: int = 0) -> int:
        """Return the keyed 64-bit hash by which an author is known inside Redian in an era, see `Rotations`."""
        hashed = self._authors.copy()
        hashed.update(f"{platform}\0{author}".encode())
        return self.rotations.onward(int.from_bytes(hashed.digest(), "little"), 0, era)

    def authors(self, platform: str, author: str) -> tuple[int, ...]:
        """Return the hashes of an author in every era."""
        return self.rotations.every(self.author(platform, author))

    def _read(self, posts: Sequence[Post], indices: Sequence[int], record: Record, arrived_ms: int) -> list[_Read]:
        """Return what becomes of posts of a record, each with its index in it.

        A step is done for all of them before the next: many times in a row it finds itself and its tables in the
        processor's caches, and 64 posts together cost four fifths of what they cost one by one.
        """
        begun = [self._begin(post, arrived_ms) for post in posts]
        langs = [
            self._languages.language(one.cleaned.text, post.lang) if isinstance(one, _Begun) else UNKNOWN
            for post, one in zip(posts, begun, strict=True)
        ]
        return [
            self._finish(post, one, lang, record, index) if isinstance(one, _Begun) else one
            for post, one, lang, index in zip(posts, begun, langs, indices, strict=True)
        ]

    def _begin(self, post: Post, arrived_ms: int) -> _Begun | Unusable | None:
        """Return a post's date, author and text; None for an author who opted out."""
        refused = self._refused(post)
        if refused is not None:
            return refused
        created_ms = _created_ms(post.created_at, arrived_ms)
        if isinstance(created_ms, Unusable):
            return created_ms
        author = self.author(post.platform, post.author, self.rotations.era_at(created_ms))
        if self.opted_out.covers(author, arrived_ms):
            return None
        return _Begun(created_ms, arrived_ms, author, clean(post.text, max_chars=self._settings.max_text_chars))

    def _finish(self, post: Post, begun: _Begun, lang: str, record: Record, index: int) -> ReadPost:
        """Return a post with its words and terms."""
        cleaned = begun.cleaned
        words: list[Unit] = []
        if cleaned.text.strip(" 。.!！").casefold() not in PURE_REPOSTS:
            words = units(cleaned.marked, lang)
        keys = [word.key for word in words if word is not None]
        copied = copy_key([*keys, *map(word_key, cleaned.tags)], self._settings.copy_min_words)
        terms = terms_of(cleaned, words, repost_of=post.repost_of, copy_key=copied)
        media = media_words(post.described, terms, self._languages) if post.described else _NO_MEDIA
        return ReadPost(
            id=post.id,
            platform=post.platform,
            author=begun.author,
            created_ms=begun.created_ms,
            arrived_ms=begun.arrived_ms,
            text=cleaned.text,
            lang=lang,
            terms=terms + media.terms,
            copy_key=copied,
            partition=record.partition,
            offset=record.offset,
            index=index,
            repost_of=post.repost_of or None,
            restricted=carried(post.restricted),
            described=media.described,
            media_terms=media.terms,
            tag_words=cleaned.tag_words,
            account_days=_account_days(post.author_since, begun.created_ms),
            place=" ".join(post.place.split())[:_MAX_PLACE] if post.place else "",
        )

    def _refused(self, post: Post) -> Unusable | None:
        settings = self._settings
        if not (post.id and post.platform and post.author):
            empty = next(name for name in ("id", "platform", "author") if not getattr(post, name))
            return Unusable("missing_field", f"`{empty}` is empty")
        longest = settings.max_id_chars
        if max(len(post.id), len(post.platform), len(post.author), len(post.repost_of or "")) > longest:
            return Unusable("field_too_long", f"id, platform, author or repost_of beyond {longest} characters")
        if len(post.text) > settings.max_text_chars:
            detail = f"{len(post.text)} characters of text, at most {settings.max_text_chars} are accepted"
            return Unusable("text_too_long", detail)
        return None

    def _dead(self, record: Record, index: int, original: bytes, why: Unusable) -> DeadLetter:
        return DeadLetter.of(
            original,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            index=index,
            stage=STAGE,
            reason=why.reason,
            detail=why.detail,
            most_bytes=self._settings.max_original_bytes,
        )


def _created_ms(created_at: str, arrived_ms: int) -> int | Unusable:
    """Return when a post was created (ms), or why its date cannot be used."""
    try:
        created_ms = _ms(created_at)
    except (ValueError, OverflowError):
        return Unusable("bad_date", "created_at is not RFC 3339 with a time zone")
    if created_ms < EARLIEST_MS:
        return Unusable("too_old", f"created at {format_time(max(created_ms, -62_135_596_800_000))}, before 2005")
    if created_ms > arrived_ms + FUTURE_MS:
        ahead_s = (created_ms - arrived_ms) // 1000
        return Unusable(
            "in_future", f"created {ahead_s} s after it arrived, at most {FUTURE_MS // 1000} s are accepted"
        )
    return created_ms


def _account_days(author_since: str | None, created_ms: int) -> int:
    """Return the age of an account when it wrote (days). A date that cannot be used says nothing against the post."""
    if not author_since:
        return UNKNOWN_DAYS
    try:
        days = (created_ms - _ms(author_since)) // _DAY_MS
    except (ValueError, OverflowError):
        return UNKNOWN_DAYS
    return min(days, MOST_DAYS) if days >= 0 else UNKNOWN_DAYS


def _ms(written: str) -> int:
    if len(written) > _LONGEST_DATE:
        raise ValueError("too long for a date")
    return to_ms(msgspec.convert(written, datetime))
