"""Snapshots as records: a state cut into parts with a manifest, and the newest complete one found among many.

Writers may overlap (one that lost its partitions does not know it yet), so every key names its writer. A state is a
function of the prefix of the log it contains: of all complete snapshots the one that contains most is right.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from streams.contracts.decoding import packed_decoder
from streams.contracts.snapshots import PART_BYTES, SnapshotRecord

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = packed_decoder(SnapshotRecord)


class Snapshot(msgspec.Struct, frozen=True):
    """A complete snapshot: the state's bytes and the next offset to read by partition of its input."""

    state: str
    writer: str
    generation: int
    data: bytes
    sources: dict[int, int]


def part_key(state: str, writer: str, generation: int, number: int) -> str:
    """Return the key of one part."""
    return f"{state}/{writer}/{generation}/{number}"


def manifest_key(state: str, writer: str) -> str:
    """Return the key under which a writer keeps its newest manifest of a state."""
    return f"{state}/{writer}"


def records_of(snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    """Yield (key, value) of a snapshot in the order in which they must be acknowledged, the manifest last."""
    data = snapshot.data
    parts = max(1, -(-len(data) // PART_BYTES))
    for number in range(parts):
        piece = SnapshotRecord(
            state=snapshot.state,
            generation=snapshot.generation,
            number=number,
            data=data[number * PART_BYTES : (number + 1) * PART_BYTES],
        )
        yield part_key(snapshot.state, snapshot.writer, snapshot.generation, number), _ENCODER.encode(piece)
    manifest = SnapshotRecord(
        state=snapshot.state,
        generation=snapshot.generation,
        parts=parts,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sources=snapshot.sources,
    )
    yield manifest_key(snapshot.state, snapshot.writer), _ENCODER.encode(manifest)


class Found(msgspec.Struct, frozen=True):
    """What a reader found: the newest complete snapshot by state, every key seen, and what was unusable and why."""

    newest: dict[str, Snapshot]
    keys: frozenset[str]
    unusable: tuple[str, ...]


def newest_of(records: Iterable[tuple[str, bytes | None]]) -> Found:
    """Find, for each state, the complete snapshot that contains most of its input.

    Args:
        records: (key, value) in log order; a value of None is a tombstone. A record that cannot be decoded, a manifest
            with parts missing or another hash is reported and passed over: an older snapshot serves, at the price of
            a longer replay.
    """
    values: dict[str, bytes] = {}
    manifests: dict[str, list[bytes]] = {}
    for key, value in records:
        if value is None:
            values.pop(key, None)
            manifests.pop(key, None)
            continue
        values[key] = value
        if key.count("/") == 1:
            manifests.setdefault(key, []).append(value)
    unusable: list[str] = []
    newest: dict[str, Snapshot] = {}
    for key, written in manifests.items():
        for value in reversed(written):
            outcome = _assemble(key, value, values)
            if isinstance(outcome, str):
                unusable.append(outcome)
                continue
            best = newest.get(outcome.state)
            if best is None or _reach(outcome) > _reach(best):
                newest[outcome.state] = outcome
            break
    return Found(newest, frozenset(values), tuple(unusable))


def _reach(snapshot: Snapshot) -> int:
    return sum(snapshot.sources.values())


def _assemble(key: str, value: bytes, values: Mapping[str, bytes]) -> Snapshot | str:
    state, writer = key.split("/")
    try:
        manifest = _DECODER.decode(value)
        pieces = []
        for number in range(manifest.parts):
            piece = values.get(part_key(state, writer, manifest.generation, number))
            if piece is None:
                return f"{key} generation {manifest.generation}: part {number} of {manifest.parts} is missing"
            pieces.append(_DECODER.decode(piece).data)
    except ValueError as error:
        return f"{key}: {error}"
    if not all(offset >= 0 for offset in manifest.sources.values()):
        return f"{key} generation {manifest.generation}: its offsets are none"
    data = b"".join(pieces)
    if hashlib.sha256(data).hexdigest() != manifest.sha256:
        return f"{key} generation {manifest.generation}: its sha256 does not agree"
    return Snapshot(state, writer, manifest.generation, data, manifest.sources)
