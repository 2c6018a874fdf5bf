"""What people say of a hotspot that they were shown: whether it was one; and that they took up a recommendation."""

import msgspec

SCHEMA = 1

VERDICTS = ("relevant", "not-relevant", "duplicate", "wrong-merge")
"""Worth being told; not worth it (nothing happened, or nothing for us); a story told before; several stories in one."""

NOTE_CHARS = 500


class Feedback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A verdict on a hotspot, one of `VERDICTS`. Key: `hotspot_id`; a later one of the same person replaces it.

    `stage` and `judged_at` (event time) say what stood there when it was judged, `at` when that was; `by` is what the
    person calls themselves, "" for anyone. `note` is in their words, personal data masked. A duplicate may name the
    hotspot `of` which it is one.

    With the verdict `CLICKED` of `recommendations.py` it says that `item` of the answer to request `recommendation` was
    taken up; `stage` and `judged_at` are "" then.
    """

    schema: int = SCHEMA
    hotspot_id: str
    verdict: str
    at: str
    stage: str
    judged_at: str
    note: str = ""
    by: str = ""
    of: str = ""
    recommendation: str = ""
    item: str = ""
