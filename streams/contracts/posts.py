"""Posts on their way in: as a source writes them, as intake reads them, as they are published with their scores."""

from hashlib import sha256
from typing import Final

import msgspec

SCHEMA = 1

POSITION_BITS = 16
"""A position in a partition is `offset << POSITION_BITS | index`: one order over all posts, also inside a message."""

UNKNOWN_DAYS = -1
"""The age of an account of which the source does not say when it was opened."""
MOST_DAYS = 32_767
"""The age of every account that is older."""


def position_of(offset: int, index: int) -> int:
    """Return the position of a post of a message."""
    return offset << POSITION_BITS | index


class Described(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a picture or a recording of a post holds, in words of a machine.

    `kind` is how it was told: "ocr" (writing that was read), "caption" or "speech"; others are carried. `media` is the
    place in the post's `media`, `by` names the model.
    """

    kind: str
    text: str
    by: str = ""
    media: int = 0


class Post(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A post as a source writes it. A value on `posts` is one of these or a list of them, in JSON.

    `created_at` is RFC 3339 with a zone. `author` is the platform's own id and leaves Redian only as a keyed hash.
    `restricted` is what the platform says of who may see it: "adult", "sensitive", "withheld:DE"; others are carried.
    `media` are addresses; `described` is what they hold, where whoever wrote the post had that told. `author_since` is
    when the author's account was opened, in RFC 3339 too; `place` the name of where the post was written.
    """

    id: str
    platform: str
    author: str
    created_at: str
    text: str
    lang: str | None = None
    repost_of: str | None = None
    reply_to: str | None = None
    url: str | None = None
    media: list[str] | None = None
    followers: int | None = None
    author_since: str | None = None
    place: str | None = None
    restricted: list[str] | None = None
    described: list[Described] | None = None


class ReadPost(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A post after intake: cleaned, dated, with its terms. Lives in memory only, in no cycle (`gc`).

    `author` is a keyed 64-bit hash; `text` is cleaned; `terms` are unique, each "kind:text" (see `terms.py`);
    `copy_key` is a 64-bit key that near-duplicate texts share, 0 for a text too short to say; times in milliseconds.
    `described` is what its media hold, cleaned; `media_terms` are the terms that nothing but that brought.
    `tag_words` are words that its hashtags are made of: no terms, but they tell what it is about. `account_days` is how
    old the author's account was, in whole days (at most MOST_DAYS), UNKNOWN_DAYS where the source does not say; `place`
    where it was written, "" if nobody says.
    """

    id: str
    platform: str
    author: int
    created_ms: int
    arrived_ms: int
    text: str
    lang: str
    terms: tuple[str, ...]
    copy_key: int
    partition: int
    offset: int
    index: int
    repost_of: str | None = None
    restricted: tuple[str, ...] = ()
    described: tuple[Described, ...] = ()
    media_terms: tuple[str, ...] = ()
    tag_words: tuple[str, ...] = ()
    account_days: int = UNKNOWN_DAYS
    place: str = ""

    @property
    def position(self) -> int:
        """Where the post stands in its partition."""
        return position_of(self.offset, self.index)


class Model(msgspec.Struct, frozen=True):
    """Which model gave a score: its name and the sha256 of its weights, in hex."""

    name: str
    sha256: str


class ScoredPost(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A post with its scores, for other teams. A value on `posts.scored` is a list of these, in JSON.

    `author` is 16 hex digits of a keyed hash. `sentiment` and `emotion` map label to probability; `irony`, `offensive`
    and `hate` are the probability of that; `heads` has what an operator's own model tells besides. Each is absent with
    the encoder off and where the model in use does not tell it. `restricted` is what the platform says of who may see
    the post (see `Post`): whoever shows the original keeps to it. `media_terms` are those of `terms` that only its
    pictures or recordings brought, as a machine described them.
    (`partition`, `offset`, `index`) say where the original stands on `posts`: redelivery repeats a post with the same
    three.
    """

    schema: int = SCHEMA
    id: str
    platform: str
    author: str
    created_at: str
    lang: str
    terms: tuple[str, ...]
    partition: int
    offset: int
    index: int
    repost_of: str | None = None
    sentiment: dict[str, float] | None = None
    model: Model | None = None
    flags: tuple[str, ...] = ()
    emotion: dict[str, float] | None = None
    irony: float | None = None
    offensive: float | None = None
    hate: float | None = None
    heads: dict[str, dict[str, float]] | None = None
    restricted: tuple[str, ...] = ()
    media_terms: tuple[str, ...] = ()


ORIGINAL_BYTES: Final = 64 * 1024
"""What a dead letter keeps of its original."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be used, with its original bytes, in JSON (base64). Larger originals keep 64 KiB and their sha256.

    `reason` is from a closed list (metrics count by it), `detail` one human line. `index` is the place in a list value,
    -1 for a whole value. (`topic`, `partition`, `offset`, `index`) identify it: redelivery repeats the same letter.
    """

    schema: int = SCHEMA
    topic: str
    partition: int
    offset: int
    index: int
    stage: str
    reason: str
    detail: str
    original: bytes
    size: int
    sha256: str

    @classmethod
    def of(
        cls,
        original: bytes,
        *,
        topic: str,
        partition: int,
        offset: int,
        index: int,
        stage: str,
        reason: str,
        detail: str,
        most_bytes: int = ORIGINAL_BYTES,
    ) -> "DeadLetter":
        """Return the letter of an original, of which `most_bytes` are kept."""
        return cls(
            topic=topic,
            partition=partition,
            offset=offset,
            index=index,
            stage=stage,
            reason=reason,
            detail=detail,
            original=original[:most_bytes],
            size=len(original),
            sha256=sha256(original).hexdigest(),
        )
