"""Records to batches: by a mapping, or as they are if they have the form of a post already."""

from collections.abc import Iterable
from typing import Any

import msgspec

from agents.adapters.sources.source import Batch, Malformed
from streams.contracts.posts import Post
from streams.mapping import Mapping, apply


def batch_of(
    mapping: Mapping | None, records: Iterable[dict[str, Any] | list[Any] | Malformed], cursor: str | None
) -> Batch:
    """Return the posts in records and what is none."""
    posts: list[Post] = []
    malformed: list[Malformed] = []
    for record in records:
        if isinstance(record, Malformed):
            malformed.append(record)
        elif mapping is None:
            _as_it_is(record, posts, malformed)
        else:
            for made in apply(mapping, record):
                if isinstance(made, Post):
                    posts.append(made)
                else:
                    malformed.append(Malformed(_encoded(made.item), made.reason, "; ".join(made.problems)))
    return Batch(posts=posts, malformed=malformed, cursor=cursor)


def _as_it_is(record: dict[str, Any] | list[Any], posts: list[Post], malformed: list[Malformed]) -> None:
    for item in record if isinstance(record, list) else [record]:
        try:
            posts.append(msgspec.convert(item, Post))
        except msgspec.ValidationError as error:
            reason = "missing_field" if "missing required" in str(error) else "wrong_type"
            malformed.append(Malformed(_encoded(item), reason, str(error)))


def _encoded(item: Any) -> bytes:
    return msgspec.json.encode(item)
