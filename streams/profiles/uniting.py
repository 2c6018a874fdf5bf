"""One profile of what several partitions say of an author."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from streams.contracts.profiles import PROFILE_SPREADS, PROFILE_TERMS, Profile
from streams.contracts.times import to_ms
from streams.profiles.held import held_from, profile_of


def united(parts: Sequence[Profile]) -> Profile:
    """Return the sum of profiles of one author, at the latest of their times.

    Raises:
        ValueError: a time is none.
    """
    whole, *others = (held_from(part, to_ms(msgspec.convert(part.updated_at, datetime))) for part in parts)
    for other in others:
        whole.unite(other)
    told = profile_of(
        parts[0].author, whole, _first(whole.terms, PROFILE_TERMS), _first(whole.spreads, PROFILE_SPREADS)
    )
    return msgspec.structs.replace(told, era=parts[0].era)


def _first(table: dict[str, float], size: int) -> dict[str, float]:
    return dict(sorted(table.items(), key=lambda entry: (-entry[1], entry[0]))[:size])
