"""From the bytes of a value to its items: posts, or the reason why one is none. Limits hold before anything is parsed.

A list is decoded in one go. Only if that fails is it cut into its items by its brackets and commas alone, so that an
item that is too deep, not UTF-8 or not JSON cannot spoil its neighbours.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

import msgspec

from streams.contracts.posts import Post
from streams.intake.reasons import Unusable
from streams.intake.settings import IntakeSettings

# Each always matches at a quote, closed or not, so a text of escaped quotes cannot make the search quadratic.
_STRING: Final = rb'"(?:[^"\\]++|\\.)*+"?'
_STRINGS: Final = re.compile(_STRING, re.DOTALL)
_STRUCTURE: Final = re.compile(_STRING + rb"|[\[{]++|[\]}]++|,", re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_AS_ROUND: Final = bytes.maketrans(b"[]{}", b"()()")
_ESCAPED_SURROGATE: Final = re.compile(rb"\\u([dD][89a-fA-F])[0-9a-fA-F]{2}|\\.", re.DOTALL)
_SPACE: Final = b" \t\r\n"

Item = tuple[int, bytes, Post | Unusable]
"""Index in the list (-1 for a whole value), the item's own bytes, and what they are."""


def is_deeper(data: bytes, levels: int) -> bool:
    """Say whether brackets in `data` nest deeper than `levels`, without parsing it and in linear time.

    Innermost pairs are removed `levels` times; what is still nested then is too deep. Brackets never closed count too.
    """
    if data.count(b"[") + data.count(b"{") <= levels:
        return False
    brackets = _STRINGS.sub(b"", data).translate(_AS_ROUND, _NOT_BRACKETS)
    for _ in range(levels):
        left = brackets.replace(b"()", b"")
        if len(left) == len(brackets):
            break
        brackets = left
    return b"()" in brackets or brackets.count(b"(") > levels


def split(data: bytes) -> Iterator[bytes]:
    """Yield the items of a JSON list by its brackets and commas alone, whatever the items hold.

    Of a truncated list the last item is what is left of it. `data` must start with "[" after white space.
    """
    depth, start = 0, data.index(b"[") + 1
    for found in _STRUCTURE.finditer(data):
        token = found.group()
        opener = token[:1]
        if opener in b"[{":
            depth += len(token)
        elif opener in b"]}":
            if depth <= len(token):
                end = found.start() + depth - 1
                # A list that a brace closes is none: the brace stays in what is left, so that no byte is lost.
                rest = data[end + (data[end : end + 1] == b"]") :].strip(_SPACE)
                yield data[start:end].strip(_SPACE)
                if rest:
                    yield rest
                return
            depth -= len(token)
        elif opener == b"," and depth == 1:
            yield data[start : found.start()].strip(_SPACE)
            start = found.end()
    yield data[start:].strip(_SPACE)


class Decoder:
    """Decodes values of `posts` under the limits of `settings`."""

    def __init__(self, settings: IntakeSettings) -> None:
        self._settings = settings
        self._post = msgspec.json.Decoder(Post)
        self._posts = msgspec.json.Decoder(list[Post])
        self._raw = msgspec.json.Decoder(list[msgspec.Raw])

    def decode(self, value: bytes | None) -> tuple[list[Post] | None, list[Item]]:
        """Return either all the posts of a faultless list, or its items one by one. Never raises.

        The first form is the common case and costs one decoding; the bytes of an item are found later, if needed at
        all, by `originals`.
        """
        settings = self._settings
        if not value:
            return None, [(-1, b"", Unusable("empty", "the record has no value"))]
        if len(value) > settings.max_value_bytes:
            detail = f"{len(value)} bytes, at most {settings.max_value_bytes} are accepted"
            return None, [(-1, value, Unusable("too_large", detail))]
        if value.lstrip(_SPACE)[:1] != b"[":
            return None, [(-1, value, self._item(value))]
        # One level more than an item may have: the list itself.
        if not is_deeper(value, settings.max_depth + 1):
            try:
                value.decode()
                posts = self._posts.decode(value)
            except ValueError:
                pass
            else:
                return (posts, []) if len(posts) <= settings.max_list else (None, [self._too_long(value)])
        items: list[Item] = []
        for index, item in enumerate(split(value)):
            if index >= settings.max_list:
                return None, [self._too_long(value)]
            items.append((index, item, self._item(item)))
        return None, items

    def at(self, value: bytes | None, indices: Collection[int]) -> list[tuple[int, Post | Unusable]]:
        """Return the items of a value that stand at `indices`, in order, as `decode` does, but read no others."""
        if value and len(value) <= self._settings.max_value_bytes and value.lstrip(_SPACE)[:1] == b"[":
            try:
                items = self.originals(value)
            except (ValueError, RecursionError):
                pass  # not one faultless list: item by item, then
            else:
                if len(items) > self._settings.max_list:
                    return []
                return [(index, self._item(bytes(items[index]))) for index in sorted(indices) if index < len(items)]
        return [(index, item) for index, item in self.numbered(value) if index in indices]

    def numbered(self, value: bytes | None) -> Iterable[tuple[int, Post | Unusable]]:
        """Return what `decode` found with its index in the list, 0 for a whole value."""
        posts, items = self.decode(value)
        return enumerate(posts) if posts is not None else ((max(index, 0), item) for index, _, item in items)

    def originals(self, value: bytes) -> list[msgspec.Raw]:
        """Return the bytes of each item of a list that decoded."""
        return self._raw.decode(value)

    def _too_long(self, value: bytes) -> Item:
        return -1, value, Unusable("list_too_long", f"more than {self._settings.max_list} posts in one value")

    def _item(self, item: bytes) -> Post | Unusable:
        if is_deeper(item, self._settings.max_depth):
            return Unusable("too_deep", f"nested deeper than {self._settings.max_depth} levels")
        try:
            item.decode()
            return self._post.decode(item)
        except UnicodeDecodeError as error:
            return Unusable("not_utf8", f"byte {error.start} is not UTF-8")
        except msgspec.ValidationError as error:
            reason = "missing_field" if "missing required field" in str(error) else "wrong_type"
            return Unusable(reason, _one_line(str(error)))
        except ValueError as error:
            if _has_lone_surrogate(item):
                return Unusable("lone_surrogate", "an escape names half of a surrogate pair")
            return Unusable("not_json", _one_line(str(error)))


def _one_line(message: str) -> str:
    return " ".join(message.split())[:200]


def _has_lone_surrogate(item: bytes) -> bool:
    """Say whether an escape of half a pair stands without its other half."""
    high_ends = -1
    for found in _ESCAPED_SURROGATE.finditer(item):
        start, lead = found.start(), found.group(1)
        high = lead is not None and lead[1:] in b"89abAB"
        low = lead is not None and not high
        if high_ends >= 0 and not (low and start == high_ends):
            return True
        if low and start != high_ends:
            return True
        high_ends = found.end() if high else -1
    return high_ends >= 0
