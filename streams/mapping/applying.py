"""From a record to posts by a mapping; what does not become one says which field is wrong, and why."""

from typing import Any, Final

import msgspec
from jmespath.exceptions import JMESPathError

from streams.contracts.posts import Post
from streams.mapping.language import DATES, FIELDS, Field, Mapping
from streams.mapping.markup import text_of
from streams.mapping.times import written

_LISTS: Final = frozenset({"media", "restricted"})
_NUMBERS: Final = frozenset({"followers"})


class Unmapped(msgspec.Struct, frozen=True):
    """A record, or one of its items, that is no post: which item, and each field's problem."""

    item: Any
    problems: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The reason of its dead letter."""
        return "missing_field" if all("nothing" in problem for problem in self.problems) else "unmapped"


def apply(mapping: Mapping, record: object) -> list[Post | Unmapped]:
    """Return the posts in a record, and what is none; an empty list for one that is to be skipped. Never raises."""
    if mapping.items is None:
        return _one(mapping, record)
    try:
        items = mapping.items.search(record)
    except JMESPathError as error:
        return [Unmapped(record, (f"items: {_line(error)}",))]
    if not isinstance(items, list):
        return [Unmapped(record, (f"items: {mapping.items.expression} matches no list",))]
    return [made for item in items for made in _one(mapping, item)]


def _one(mapping: Mapping, item: Any) -> list[Post | Unmapped]:
    made: dict[str, Any] = {}
    problems = []
    try:
        if mapping.skip is not None and mapping.skip.search(item):
            return []
    except JMESPathError as error:
        problems.append(f"skip: {_line(error)}")
    for field in mapping.fields:
        try:
            value = _value(field, item)
        except (ValueError, OverflowError, JMESPathError) as error:
            problems.append(f"{field.name}: {_line(error)}")
            continue
        if value is None or (value == "" and field.name != "text"):
            if FIELDS[field.name]:
                where = field.path.expression if field.path is not None else "the constant"
                problems.append(f"{field.name}: {where} matches nothing")
            continue
        made[field.name] = value
    return [Unmapped(item, tuple(problems))] if problems else [Post(**made)]


def _value(field: Field, item: Any) -> Any:
    found = field.value if field.path is None else field.path.search(item)
    if found is None:
        return None
    if field.name in DATES:
        return written(found, field.time, field.offset_min)
    if field.name in _LISTS:
        if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
            raise ValueError("is no list of texts")
        return found or None
    if field.name in _NUMBERS:
        if isinstance(found, bool) or not isinstance(found, int | float | str):
            raise ValueError("is no number")
        return int(found)
    # Platforms write ids as numbers, and so do spreadsheets; a truth value or an object is no id and no text.
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise ValueError(f"is {_kind(found)}, not a text")
    text = str(found)
    if field.html:
        text = text_of(text)
    return field.prefix + text if text else text


def _kind(value: object) -> str:
    names = {bool: "true or false", dict: "an object", list: "a list", float: "a fraction"}
    return names.get(type(value), type(value).__name__)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
