"""Events of Bluesky's Jetstream, as its documentation gives them, and what each means for Redian."""

from datetime import datetime
from typing import Any, Final

import msgspec

from agents.adapters.sources.source import Batch, Malformed
from streams.contracts.posts import Post
from streams.contracts.sources import Deletion
from streams.contracts.times import format_time, to_ms
from streams.ingesting.dates import claimed
from streams.privacy.restricted import ADULT, SENSITIVE

PLATFORM: Final = "bluesky"
COLLECTION: Final = "app.bsky.feed.post"


class _Reference(msgspec.Struct):
    uri: str


class _Reply(msgspec.Struct):
    parent: _Reference


class _Label(msgspec.Struct):
    val: str


class _Labels(msgspec.Struct):
    values: list[_Label] = []


class _Record(msgspec.Struct):
    text: str
    created_at: str | None = msgspec.field(default=None, name="createdAt")
    langs: list[str] | None = None
    reply: _Reply | None = None
    labels: Any = None


class _Commit(msgspec.Struct):
    operation: str
    collection: str
    rkey: str
    record: _Record | None = None


class _Account(msgspec.Struct):
    active: bool
    status: str | None = None


class _Event(msgspec.Struct):
    did: str
    time_us: int
    kind: str
    commit: _Commit | None = None
    account: _Account | None = None


class _Kind(msgspec.Struct):
    collection: str = ""


class _Envelope(msgspec.Struct):
    """As much as tells whether an event concerns us, and how far it brings the cursor."""

    time_us: int = 0
    commit: _Kind | None = None


_LABELS: Final = {"porn": ADULT, "sexual": ADULT, "nudity": ADULT, "graphic-media": SENSITIVE}
"""What authors label their posts with (com.atproto.label.defs#selfLabels)."""

_EVENT: Final = msgspec.json.Decoder(_Event)
_ENVELOPE: Final = msgspec.json.Decoder(_Envelope)


def read(data: bytes | str, source: str) -> Batch:
    """Return what an event brings: a post, a deletion, something malformed, or only a cursor. Never raises."""
    try:
        event = _EVENT.decode(data)
    except (ValueError, RecursionError) as error:
        return _malformed(data.encode() if isinstance(data, str) else data, error)
    cursor = str(event.time_us)
    commit = event.commit
    if commit is not None and commit.collection == COLLECTION:
        uri = f"at://{event.did}/{COLLECTION}/{commit.rkey}"
        if commit.operation == "create" and commit.record is not None:
            return Batch(posts=(_post(event, commit.rkey, commit.record, uri),), cursor=cursor)
        if commit.operation == "delete":
            return Batch(deleted=(_deletion(event, source, id=uri),), cursor=cursor)
    if event.account is not None and not event.account.active and event.account.status == "deleted":
        return Batch(deleted=(_deletion(event, source, author=event.did),), cursor=cursor)
    return Batch(cursor=cursor)


def _malformed(data: bytes, error: Exception) -> Batch:
    try:
        envelope = _ENVELOPE.decode(data)
    except (ValueError, RecursionError):
        return Batch(malformed=(Malformed(data, "not_json", str(error)),))
    cursor = str(envelope.time_us) if envelope.time_us > 0 else None
    if envelope.commit is not None and envelope.commit.collection != COLLECTION:
        return Batch(cursor=cursor)
    reason = "missing_field" if "missing required" in str(error) else "wrong_type"
    return Batch(malformed=(Malformed(data, reason, str(error)),), cursor=cursor)


def _post(event: _Event, rkey: str, record: _Record, uri: str) -> Post:
    return Post(
        id=uri,
        platform=PLATFORM,
        author=event.did,
        created_at=format_time(claimed(_ms(record.created_at), event.time_us // 1000)),
        text=record.text,
        lang=record.langs[0] if record.langs else None,
        reply_to=record.reply.parent.uri if record.reply else None,
        url=f"https://bsky.app/profile/{event.did}/post/{rkey}",
        restricted=_restricted(record),
    )


def _restricted(record: _Record) -> list[str] | None:
    """Return what the author's own labels say; labels of a form that nobody knows yet say nothing."""
    if record.labels is None:
        return None
    try:
        labels = msgspec.convert(record.labels, _Labels)
    except ValueError:
        return None
    return sorted({_LABELS[label.val] for label in labels.values if label.val in _LABELS}) or None


def _deletion(event: _Event, source: str, *, id: str | None = None, author: str | None = None) -> Deletion:  # noqa: A002
    deleted_at = format_time(event.time_us // 1000)
    return Deletion(platform=PLATFORM, id=id, author=author, deleted_at=deleted_at, source=source)


def _ms(date: str | None) -> int | None:
    try:
        return None if date is None else to_ms(msgspec.convert(date, datetime))
    except (ValueError, OverflowError):
        return None
