"""Whether a changed schema would break someone who relies on the former one: what the published contract promises.

Who reads what we write must find every field that was promised, of a type that was promised; more fields are no harm.
Who writes what we read must not be asked for more, nor refused what was accepted.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def breaks(old: Schema, new: Schema, *, written_by_us: bool) -> list[str]:
    """Return what a change from `old` to `new` breaks, one line each.

    Args:
        old: the JSON Schema that was promised, as `Topic.schema` gives it.
        new: the one there would be.
        written_by_us: whether others read the values; otherwise others write them.
    """
    return list(_Comparison(old, new, written_by_us).of(old, new, ""))


class _Comparison:
    """Two schemas side by side, from their roots down."""

    def __init__(self, old_root: Schema, new_root: Schema, written_by_us: bool) -> None:
        self._old_root = old_root
        self._new_root = new_root
        self._ours = written_by_us

    def of(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        """Yield what breaks below `path`."""
        before, after = _kinds(old, self._old_root), _kinds(new, self._new_root)
        lost = after.keys() - before.keys() if self._ours else before.keys() - after.keys()
        if lost:
            verb = "may now be" if self._ours else "may no longer be"
            yield f"{path or 'the value'} {verb} {' or '.join(sorted(lost))}"
        for kind in sorted(before.keys() & after.keys()):
            yield from self._of_properties(before[kind], after[kind], path)
            yield from self._of_members(before[kind], after[kind], path)
            yield from self._of_values(before[kind].get("enum"), after[kind].get("enum"), path)

    def _of_properties(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        properties, now = old.get("properties", {}), new.get("properties", {})
        required, required_now = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(properties):
            inner = f"{path}.{name}" if path else name
            if name not in now:
                yield f"{inner} was removed"
                continue
            if self._ours and name in required - required_now:
                yield f"{inner} may now be absent"
            yield from self.of(properties[name], now[name], inner)
        if not self._ours:
            yield from (f"{path}.{name}".lstrip(".") + " is now required" for name in sorted(required_now - required))

    def _of_members(self, old: Schema, new: Schema, path: str) -> Iterator[str]:
        for member, mark in (("items", "[]"), ("additionalProperties", "{}")):
            before, after = old.get(member), new.get(member)
            if isinstance(before, dict) and isinstance(after, dict):
                yield from self.of(before, after, path + mark)

    def _of_values(self, old: list[Any] | None, new: list[Any] | None, path: str) -> Iterator[str]:
        wider, narrower = (new, old) if self._ours else (old, new)
        if narrower is not None and (wider is None or set(wider) - set(narrower)):
            yield f"{path or 'the value'} has other values than {', '.join(map(str, old or new or ()))}"


def _kinds(schema: Schema, root: Schema) -> dict[str, Schema]:
    """Return the alternatives of a schema by JSON type."""
    if "$ref" in schema:
        return _kinds(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        found: dict[str, Schema] = {}
        for alternative in schema["anyOf"]:
            found |= _kinds(alternative, root)
        return found
    kinds = schema.get("type", "anything")
    return dict.fromkeys([kinds] if isinstance(kinds, str) else kinds, schema)
