"""Who may see a post, as its platform says: carried with the post, and what is not for everyone is quoted to no one.

Counts are not concerned: they say how many wrote, not what.
"""

from collections.abc import Iterable
from typing import Final

ADULT: Final = "adult"
"""For adults alone."""
SENSITIVE: Final = "sensitive"
"""Its author or the platform warns of it, often of its pictures; it may be quoted."""
_WITHHELD: Final = "withheld:"

MOST: Final = 16
LONGEST: Final = 32


def withheld(country: str) -> str:
    """Return the restriction of a post that the platform does not show in a country (ISO 3166-1, two letters)."""
    return _WITHHELD + country.upper()


def carried(restricted: Iterable[str] | None) -> tuple[str, ...]:
    """Return restrictions as they are carried: each once, in order, not too many and not too long."""
    if not restricted:
        return ()
    return tuple(sorted({word for word in restricted if 0 < len(word) <= LONGEST})[:MOST])


def is_quotable(restricted: Iterable[str]) -> bool:
    """Say whether a post may be shown or quoted to anyone, wherever they are and however old."""
    return not any(word == ADULT or word.startswith(_WITHHELD) for word in restricted)
