"""Finds what is left of an author in the values of topics: texts, ids of the author and of their posts, their hash.

Reads whatever may stand on a topic; what cannot be decoded is searched byte by byte.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from streams.contracts.decoding import json_decoder
from streams.contracts.posts import DeadLetter
from streams.contracts.topics import ANSWERS, BRIEFS, CONTENT, DEAD, POSTS, Topic

TEXT: Final = "text"
AUTHOR: Final = "id"
POST: Final = "post ids"
HASH: Final = "hash"
KINDS: Final = (TEXT, AUTHOR, POST, HASH)
"""What a value may hold of an author, the most telling first."""

_UNMISTAKABLE: Final = 8
"""Characters from which on an author's id inside of a longer string is taken for theirs: some platforms make ids of
posts of it."""

_TEXTS: Final = (POSTS, DEAD, BRIEFS, ANSWERS, CONTENT)
"""Topics on which what is theirs comes with words of theirs."""


class _Known(msgspec.Struct):
    """As much of a post as says whose it is."""

    id: str
    platform: str
    author: str


_LIST: Final = json_decoder(list[_Known])
_ANY: Final = msgspec.json.Decoder()
_LETTER: Final = json_decoder(DeadLetter)


class Traces:
    """What an author is known by.

    Args:
        platform: where they write.
        author: their id there.
        hashes: those by which Redian knows them, one for every key that was ever in force; none where they are not at
            hand.
        posts: ids of posts of theirs, as far as they are known.
    """

    def __init__(self, platform: str, author: str, hashes: Sequence[int], posts: Iterable[str] = ()) -> None:
        self._platform = platform
        self._author = author
        self._inside = None
        if len(author) >= _UNMISTAKABLE:
            self._inside = re.compile(rf"(?<![^\W_]){re.escape(author)}(?![^\W_])")
        self._hex = frozenset(f"{hashed:016x}" for hashed in hashes)
        self._hashed = tuple(
            form for hashed in hashes for form in (hashed.to_bytes(8, "little"), msgspec.msgpack.encode(hashed))
        )
        self.posts: set[str] = set(posts)
        """Ids of their posts; `learn` adds to it."""

    def learn(self, topic: Topic, value: bytes) -> None:
        """Note the ids of their posts that a value tells: posts themselves, and ids of posts with their own inside."""
        if topic is POSTS:
            self.posts.update(post.id for post in _posts(value) if self._wrote(post))
        elif topic.encoding == "json" and self._inside is not None and self._author.encode() in value:
            self.posts.update(text for text in self._strings(_decoded(value)) if self._is_id(text))

    def found_in(self, topic: Topic, value: bytes) -> frozenset[str]:
        """Return what a value of a topic holds of them, of `KINDS`."""
        if topic.encoding == "msgpack":
            return frozenset(self._in_msgpack(value))
        if topic is DEAD:
            found = self._in_letter(value)
        elif topic is POSTS:
            found = {AUTHOR, POST} if any(self._wrote(post) for post in _posts(value)) else set()
            found = found or self._in_json(value)
        else:
            found = self._in_json(value)
        return frozenset({TEXT, *found} if found & {AUTHOR, POST} and topic in _TEXTS else found)

    def _wrote(self, post: _Known) -> bool:
        return (post.platform, post.author) == (self._platform, self._author)

    def _is_id(self, text: str) -> bool:
        return text != self._author and " " not in text and self._names(text)

    def _names(self, text: str) -> bool:
        return text == self._author or (self._inside is not None and self._inside.search(text) is not None)

    def _in_letter(self, value: bytes) -> set[str]:
        try:
            return self._in_json(_LETTER.decode(value).original)
        except ValueError:
            return self._in_json(value)

    def _in_json(self, value: bytes) -> set[str]:
        decoded = _decoded(value)
        if decoded is None:
            return {AUTHOR} if len(self._author) >= _UNMISTAKABLE and self._author.encode() in value else set()
        found = set()
        for text in self._strings(decoded):
            if text in self.posts:
                found.add(POST)
            elif text in self._hex:
                found.add(HASH)
            elif self._names(text):
                found.add(AUTHOR)
        return found

    def _in_msgpack(self, value: bytes) -> Iterator[str]:
        if any(needle in value for needle in self._hashed):
            yield HASH
        if any(msgspec.msgpack.encode(post) in value for post in self.posts):
            yield POST

    def _strings(self, value: Any) -> Iterator[str]:
        """Yield the strings of a value but for what is said of other platforms."""
        waiting = [value]
        while waiting:
            held = waiting.pop()
            if isinstance(held, str):
                yield held
            elif isinstance(held, list):
                waiting += held
            elif isinstance(held, dict) and held.get("platform", self._platform) == self._platform:
                waiting += held.values()


def _posts(value: bytes) -> list[_Known]:
    """Return the posts of a value of `posts`, one or a list; none where it is neither."""
    try:
        return _LIST.decode(value)
    except ValueError:
        pass
    decoded = _decoded(value)
    found = []
    for item in decoded if isinstance(decoded, list) else [decoded]:
        try:
            found.append(msgspec.convert(item, _Known))
        except ValueError:
            continue
    return found


def _decoded(value: bytes) -> Any:
    """Return what JSON says, None where it is none."""
    try:
        return _ANY.decode(value)
    except (ValueError, RecursionError):
        return None
