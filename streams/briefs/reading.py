"""From bytes to a hotspot, if it holds together and its evidence can stand in a log, and to a brief written before."""

import math
from typing import Final

import msgspec

from streams.contracts.decoding import json_decoder
from streams.contracts.outputs import STAGES, Brief, Hotspot
from streams.contracts.terms import MAX_TERM_CHARS

_MOST: Final = 1_000
_MAX_STRING: Final = 256
_MAX_OFFSET: Final = 1 << 62

_HOTSPOTS = json_decoder(Hotspot)
_BRIEFS = json_decoder(Brief)


def read_hotspot(value: bytes) -> Hotspot:
    """Read a state of a hotspot.

    Raises:
        msgspec.MsgspecError: `value` is no hotspot, or does not hold together.
    """
    hotspot = _HOTSPOTS.decode(value)
    if (fault := _fault_of(hotspot)) is not None:
        raise msgspec.ValidationError(fault)
    return hotspot


def read_brief(value: bytes) -> Brief | None:
    """Read a brief, None where `value` is none."""
    try:
        brief = _BRIEFS.decode(value)
    except msgspec.MsgspecError:
        return None
    return brief if brief.stage in STAGES else None


def _fault_of(hotspot: Hotspot) -> str | None:
    if max(len(hotspot.sources), len(hotspot.evidence), len(hotspot.terms), len(hotspot.why.top_terms)) > _MOST:
        return f"a list of more than {_MOST}"
    for source in hotspot.sources:
        if not (0 <= source.partition < 1 << 16 and 0 <= source.offset < _MAX_OFFSET and 0 <= source.index < 1 << 16):
            return "evidence that stands nowhere"
    if hotspot.stage not in STAGES:
        return f"no stage {hotspot.stage[:20]!r}"
    why = hotspot.why
    names = (hotspot.hotspot_id, hotspot.emitted_at, hotspot.started_at, *hotspot.evidence)
    if any(len(name) > _MAX_STRING for name in (*names, *why.platforms, *why.languages, *why.places)):
        return f"a string of more than {_MAX_STRING} characters"
    if any(len(term) > MAX_TERM_CHARS + 1 for term in (*hotspot.terms, *why.top_terms)):
        return f"a term of more than {MAX_TERM_CHARS} characters"
    shared = (why.platforms, why.languages, why.places, why.sentiment or {})
    shares = [share for group in shared for share in group.values()]
    if not all(math.isfinite(number) for number in (why.expected, why.p_value, *shares)):
        return "a figure that is no number"
    return None
