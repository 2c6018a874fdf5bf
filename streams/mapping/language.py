"""The mapping language: where in a record the fields of a post stand. TOML or JSON, loaded as data and nothing else.

platform = "weibo"
items = "statuses"                         # where the records are, if one value holds many
skip = "deleted"                           # records of which this is true are left out

[post]
id = "mid"                                 # a JMESPath expression
author = "user.id"
text = { path = "longText.content || text", html = true }
created_at = { path = "created_at", time = "%a %b %d %H:%M:%S %z %Y" }
lang = { value = "zh" }
repost_of = "retweeted_status.mid"
"""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from streams.contracts.posts import Post
from streams.mapping.times import FORMS

FIELDS: Final = {field.name: field.required for field in msgspec.structs.fields(Post)}
DATES: Final = ("created_at", "author_since")
LARGEST: Final = 64 * 1024
_KEYS: Final = ("path", "value", "time", "offset", "html", "prefix")
_TOP: Final = ("platform", "items", "skip", "post")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class MappingError(Exception):
    """A mapping that cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Path:
    """A compiled expression. A plain path of names, the common case, is followed without the interpreter."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self._names = tuple(expression.split(".")) if _PLAIN.fullmatch(expression) else None
        self._compiled = jmespath.compile(expression)

    def search(self, record: object) -> Any:
        """Return what stands there, None for nothing.

        Raises:
            JMESPathError: a function met a type that it does not take.
        """
        if self._names is None:
            return self._compiled.search(record)
        found: Any = record
        for name in self._names:
            found = found.get(name) if isinstance(found, dict) else None
            if found is None:
                return None
        return found


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """How one field of a post is made: from a path or a constant; dates by a form; markup removed; a prefix before."""

    name: str
    path: Path | None = None
    value: str | int | None = None
    time: str = "rfc3339"
    offset_min: int | None = None
    html: bool = False
    prefix: str = ""


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping that can be used."""

    fields: tuple[Field, ...]
    items: Path | None = None
    skip: Path | None = None


def read_mapping(content: bytes) -> Mapping:
    """Return the mapping in a file: JSON if it begins with a brace, else TOML.

    Raises:
        MappingError: with every problem found.
    """
    try:
        if len(content) > LARGEST:
            raise ValueError(f"larger than {LARGEST} bytes")
        text = content.decode()
        data = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise MappingError([f"the file is neither TOML nor JSON: {error}"]) from None
    problems: list[str] = []
    mapping = _mapping(data, problems)
    if problems or mapping is None:
        raise MappingError(problems)
    return mapping


def _mapping(data: dict[str, Any], problems: list[str]) -> Mapping | None:
    problems += [f"{key} is unknown; there are {', '.join(_TOP)}" for key in data if key not in _TOP]
    post = data.get("post")
    if not isinstance(post, dict):
        problems.append("a table [post] with the fields is missing")
        return None
    fields = [field for name, given in post.items() if (field := _field(name, given, problems)) is not None]
    if "platform" in data and "platform" not in post:
        if isinstance(data["platform"], str) and data["platform"]:
            fields.append(Field(name="platform", value=data["platform"]))
        else:
            problems.append("platform should be a text")
    named = {field.name for field in fields} | set(post)
    problems += [
        f"{name} is missing: every post needs it" for name, needed in FIELDS.items() if needed and name not in named
    ]
    items, skip = (_path(key, data[key], problems) if key in data else None for key in ("items", "skip"))
    return Mapping(fields=tuple(fields), items=items, skip=skip)


def _field(name: str, given: Any, problems: list[str]) -> Field | None:
    if name not in FIELDS:
        problems.append(f"post.{name} is no field; there are {', '.join(FIELDS)}")
        return None
    table = {"path": given} if isinstance(given, str) else given
    found = list(_faults(name, table))
    problems += found
    if found:
        return None
    path = _path(f"post.{name}", table["path"], problems) if "path" in table else None
    if "path" in table and path is None:
        return None
    return Field(
        name=name,
        path=path,
        value=table.get("value"),
        time=table.get("time", "rfc3339"),
        offset_min=_minutes(table["offset"]) if "offset" in table else None,
        html=bool(table.get("html")),
        prefix=table.get("prefix", ""),
    )


def _faults(name: str, table: Any) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"post.{name} should be a path or a table"
        return
    for key in table:
        if key not in _KEYS:
            yield f"post.{name}.{key} is unknown; there are {', '.join(_KEYS)}"
    if ("path" in table) == ("value" in table):
        yield f"post.{name} needs either a path or a value"
    if "value" in table and (isinstance(table["value"], bool) or not isinstance(table["value"], str | int)):
        yield f"post.{name}.value should be a text or a number"
    if "html" in table and not isinstance(table["html"], bool):
        yield f"post.{name}.html should be true or false"
    if "prefix" in table and not isinstance(table["prefix"], str):
        yield f"post.{name}.prefix should be a text"
    if ("time" in table or "offset" in table) and name not in DATES:
        yield f"post.{name} is no date: time and offset belong to {' and '.join(DATES)}"
    form = table.get("time", "rfc3339")
    if not isinstance(form, str) or (form not in FORMS and "%" not in form):
        yield f"post.{name}.time should be one of {', '.join(FORMS)}, or a format with %"
    if "offset" in table and _minutes(table["offset"]) is None:
        yield f"post.{name}.offset should look like +08:00"


def _minutes(offset: Any) -> int | None:
    found = _OFFSET.fullmatch(offset) if isinstance(offset, str) else None
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def _path(where: str, expression: Any, problems: list[str]) -> Path | None:
    try:
        if not isinstance(expression, str):
            raise ValueError("should be a text")
        return Path(expression)
    except (JMESPathError, ValueError, RecursionError) as error:
        problems.append(f"{where} is no JMESPath: {' '.join(str(error).split())[:200]}")
        return None
