"""Whether a part that was decoded holds together: what a shard would otherwise find out in the middle of counting.

A part comes from a topic that others can reach by mistake, so lengths, ranges and order are judged before it is
applied. That its figures are true nobody can judge here: only Redian may write to `terms` (see docs/security.md).
"""

from operator import lt
from typing import Final

import numpy as np

from streams.contracts.decoding import MOST_COUNTED
from streams.contracts.posts import MOST_DAYS, UNKNOWN_DAYS
from streams.contracts.slices import POST_NAMES, SCHEMA, Part
from streams.contracts.terms import MAX_TERM_CHARS
from streams.contracts.times import EARLIEST_MS, LATEST_MS

_MAX_POSITION: Final = 1 << 62
_MAX_PARTITIONS: Final = 1 << 16
_MAX_SHARDS: Final = 1 << 16
_MAX_STRING: Final = 256
_WIDTHS: Final = {"position": 8, "author": 8, "created": 8, "seen": 8, "copy": 8, "sentiment": 12}


def fault_of(part: Part) -> str | None:
    """Return what is wrong with a part, None if it can be applied."""
    if part.schema != SCHEMA:
        return f"schema {part.schema} is not {SCHEMA}"
    if not 0 <= part.partition < part.partitions <= _MAX_PARTITIONS:
        return f"partition {part.partition} of {part.partitions}"
    if not 0 <= part.shard < _MAX_SHARDS:
        return f"shard {part.shard}"
    if not 0 <= part.start <= part.end <= _MAX_POSITION:
        return f"positions {part.start} to {part.end}"
    if not all(time == -1 or EARLIEST_MS <= time <= LATEST_MS for time in (part.first, part.watermark)):
        return f"times {part.first} and {part.watermark}"
    rows = len(part.ids)
    if not len(part.lang) == len(part.platform) == rows <= part.posts <= MOST_COUNTED:
        return "columns of different lengths"
    for name, width in _WIDTHS.items():
        if len(getattr(part, name)) != width * rows:
            return f"column {name} has {len(getattr(part, name))} bytes for {rows} posts"
    if len(part.names) not in (0, 4 * POST_NAMES * rows):
        return f"column names has {len(part.names)} bytes for {rows} posts"
    if len(part.accounts) not in (0, rows) or len(part.places) not in (0, rows):
        return "columns of different lengths"
    if part.accounts and not (min(part.accounts) >= UNKNOWN_DAYS and max(part.accounts) <= MOST_DAYS):
        return "the age of an account out of range"
    strings = (part.ids, part.lang, part.platform, part.places, part.terms)
    if any(max(map(len, column), default=0) > _MAX_STRING for column in strings):
        return f"a string of more than {_MAX_STRING} characters"
    return _fault_of_postings(part, rows) or _fault_of_columns(part)


def _fault_of_postings(part: Part, rows: int) -> str | None:
    if len(part.counts) != 4 * len(part.terms) or len(part.rows) % 4:
        return "postings of different lengths"
    if max(map(len, part.terms), default=0) > MAX_TERM_CHARS:
        return f"a term of more than {MAX_TERM_CHARS} characters"
    if not all(map(lt, part.terms, part.terms[1:])):
        return "terms out of order"
    listed = np.frombuffer(part.rows, "<u4")
    if int(np.frombuffer(part.counts, "<u4").sum(dtype=np.uint64)) != len(listed):
        return "postings of different lengths"
    return f"a row beyond {rows}" if len(listed) and int(listed.max()) >= rows else None


def _fault_of_columns(part: Part) -> str | None:
    position = np.frombuffer(part.position, "<i8")
    if not len(position):
        return None
    if position[0] < part.start or position[-1] >= part.end or bool((position[1:] <= position[:-1]).any()):
        return "positions out of order"
    created, seen = np.frombuffer(part.created, "<i8"), np.frombuffer(part.seen, "<i8")
    if int(created.min()) < EARLIEST_MS or int(seen.min()) < -1 or max(int(created.max()), int(seen.max())) > LATEST_MS:
        return "times out of range"
    return None
