"""What sources leave beside posts (how far each has come, what its platform took back), and whom none of them reads."""

import msgspec

SCHEMA = 1

SOURCE = "source"
"""Name of the header that says which source wrote a message on `posts`."""


class SourceCursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far a source has come, written after every post up to `cursor` was acknowledged. Newest value per source.

    `cursor` is the source's own text and means nothing to anyone else, absent before the first post. `since` says, by
    partition of `posts` (a JSON key, so in digits), from which offset on the ids are read back by which repeats are
    known after a restart.
    """

    schema: int = SCHEMA
    source: str
    cursor: str | None = None
    saved_at: str
    since: dict[str, int] = {}


class Deletion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A post, or with `id` absent everything of an author, that its platform took back.

    Whoever keeps or shows posts drops it: copies, evidence, quotations. Counts are not taken back: they say how many
    wrote, not what.
    """

    schema: int = SCHEMA
    platform: str
    id: str | None = None
    author: str | None = None
    deleted_at: str
    source: str

    @property
    def key(self) -> bytes:
        """The key on the compacted topic: one deletion of a thing is enough."""
        return f"{self.platform}\0{self.id or ''}\0{'' if self.id else self.author}".encode()


class OptOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An author who does not want to be read. Newest value per author.

    Posts that arrive in [`since`, `until`) are not taken, without `until` for good. Times are RFC 3339 and lie a little
    ahead when they are written, so that all who read posts begin at the same one.
    """

    schema: int = SCHEMA
    platform: str
    author: str
    since: str
    until: str | None = None

    @property
    def key(self) -> bytes:
        """The key on the compacted topic."""
        return f"{self.platform}\0{self.author}".encode()
