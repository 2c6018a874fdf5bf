"""The subscribers there are, from the log of their edits: of two edits of one version the first in the log holds.

Compaction keeps the last record of a key, which may be the one that lost; so whoever notices puts the winner back, the
same bytes again, which changes nothing for those who have it.
"""

from enum import Enum

from streams.contracts.subscriptions import Subscriber


class Edited(Enum):
    """What an edit came to."""

    APPLIED = "applied"
    REPEATED = "repeated"
    STALE = "stale"


class Definitions:
    """Subscribers by name."""

    def __init__(self) -> None:
        self._known: dict[str, Subscriber] = {}

    def apply(self, name: str, edited: Subscriber | None) -> Edited:
        """Take the next record of the log; None removes.

        An unknown name may begin with any version: compaction took the versions before.
        """
        known = self._known.get(name)
        if edited is None:
            self._known.pop(name, None)
            return Edited.APPLIED if known is not None else Edited.REPEATED
        if known is not None and edited.edit == known.edit:
            return Edited.REPEATED
        if known is not None and edited.version != known.version + 1:
            return Edited.STALE
        self._known[name] = edited
        return Edited.APPLIED

    def get(self, name: str) -> Subscriber | None:
        """Return a subscriber."""
        return self._known.get(name)

    def all(self) -> list[Subscriber]:
        """Return all, by name."""
        return [self._known[name] for name in sorted(self._known)]

    def __len__(self) -> int:
        return len(self._known)
