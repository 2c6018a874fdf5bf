"""Snapshots: a state too large for one message, written in parts and made valid by its manifest.

Key of a part: "<state>/<writer>/<generation>/<number>"; of a manifest: "<state>/<writer>". Parts of the generation
before are tombstoned after the next manifest is acknowledged, so a reader always finds one complete generation.
"""

import msgspec

SCHEMA = 1
PART_BYTES = 240 * 1024
"""Size of a part: with its envelope it stays under 256 KiB."""


class StateUnreadable(Exception):
    """A snapshot is whole, and what it holds cannot be continued: another version wrote it.

    Falling back to an older snapshot or to none would quietly count anew, so it ends the worker instead. Fields may be
    added to a state, with a default, without a new version.
    """


class SnapshotRecord(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A part (`data` set, `number` its place) or a manifest (`parts` > 0, `sha256` over the joined parts).

    `generation` grows by one a snapshot of one writer; `sources` are the offsets of the state's input topic that the
    snapshot contains: next offset to read by partition.
    """

    schema: int = SCHEMA
    state: str
    generation: int
    number: int = -1
    data: bytes = b""
    parts: int = 0
    size: int = 0
    sha256: str = ""
    sources: dict[int, int] = {}
