"""Why a post could not be used: a closed list, because metrics count by it and people search by it."""

from typing import Final

import msgspec

STAGE: Final = "intake"

REASONS: Final = (
    "empty",  # a record without a value (a tombstone), or with no bytes
    "too_large",  # more bytes than max_value_bytes
    "list_too_long",  # more items than max_list
    "too_deep",  # nested deeper than max_depth
    "not_utf8",  # bytes that are no UTF-8
    "not_json",  # truncated or malformed JSON
    "lone_surrogate",  # an escape such as \ud800 without its other half
    "wrong_type",  # not an object, or a field of another type
    "missing_field",  # a required field is absent or empty
    "field_too_long",  # id, platform, author or repost_of beyond max_id_chars
    "text_too_long",  # text beyond max_text_chars
    "bad_date",  # created_at is not RFC 3339 with a zone
    "too_old",  # created before 2005
    "in_future",  # created more than five minutes after its arrival
)


SCORING: Final = "scoring"
"""The stage that comes next; a post that it fails on is counted all the same, see `agents/scoring_watch.py`."""
SCORE_FAILED: Final = "score_failed"
"""Its one reason: the model gave no finite numbers."""


class Unusable(msgspec.Struct, frozen=True):
    """An item that is no post: a reason from `REASONS` and one line for a person."""

    reason: str
    detail: str
