"""The terms a shard knows exactly: a slot each, with its columns. Bounded: the least active are forgotten first."""

from itertools import repeat
from typing import Final

import numpy as np
import xxhash

from streams.hotspots.columns import Array, Columns, Packed
from streams.hotspots.settings import SCALES

SPEC: Final = {
    "hash": ("<u8", 1),  # of the term, part of the key of a use
    "count": ("<i4", len(SCALES) - 1),  # distinct authors kept, at 5, 15 and 60 minutes
    "level": ("<u1", 1),  # authors are kept if their hash begins with this many zero bits
    "sum": ("<f8", len(SCALES)),  # decayed sum of counts over past buckets, in windows (see `baselines`)
    "excess": ("<f8", 2),  # decayed sums behind the dispersion: of (count - mean)² - mean and of mean²
    "pending": ("<f8", 2),  # the last hour's addition to `excess`, an hour late
    "habit": ("<i4", 1),  # row in `habits` plus one, 0 for none
    "followed": ("<i4", 1),  # the last bucket in which the term was significant, 0 for never
    "seen": ("<i4", 1),  # the last bucket in which it was used
}
_FREED_SHARE: Final = 0.25


class Vocabulary:
    """Slots by term. A slot's number changes only when terms are forgotten."""

    def __init__(self, max_terms: int) -> None:
        self._max_terms = max_terms
        self.slots: dict[str, int] = {}
        self.terms: list[str] = []
        self.columns = Columns(SPEC)

    def __len__(self) -> int:
        return len(self.slots)

    def lacks_room(self, terms: list[str]) -> bool:
        """Say whether `terms` would outgrow the bound."""
        if len(self.slots) + len(terms) <= self._max_terms:
            return False
        known = sum(map(self.slots.__contains__, terms))
        return len(self.slots) + len(terms) - known > self._max_terms

    def least_active(self, needed: int) -> Array:
        """Return which slots stay (bool) so that a quarter, or `needed` if that is more, are free; ties by term.

        A term in use in the last hour outlives every one that is not, then the larger baseline wins, then the younger.
        """
        remove = min(len(self), max(int(self._max_terms * _FREED_SHARE), needed - (self._max_terms - len(self))))
        columns = self.columns
        order = np.lexsort((columns["hash"], columns["seen"], columns["sum"][:, -1], columns["count"][:, -1]))
        stays = np.ones(len(self), bool)
        stays[order[:remove]] = False
        return stays

    def forget(self, stays: Array) -> None:
        """Keep the slots where `stays` holds and renumber them, in order."""
        self.columns.keep(stays)
        self.terms = [term for term, kept in zip(self.terms, stays.tolist(), strict=True) if kept]
        self.slots = {term: slot for slot, term in enumerate(self.terms)}

    def of(self, terms: list[str], bucket: int) -> Array:
        """Return the slot of each of different terms (int64), giving new ones the next slots, in order."""
        slots = self.slots
        found = np.array(list(map(slots.get, terms, repeat(-1))), np.int64)
        new = (found < 0).nonzero()[0]
        if len(new):
            first = len(slots)
            found[new] = np.arange(first, first + len(new))
            named = [terms[place] for place in new.tolist()]
            slots.update(zip(named, range(first, first + len(named)), strict=True))
            self.terms += named
            hashes = np.array([xxhash.xxh64_intdigest(term.encode()) for term in named], np.uint64)
            self.columns.extend(len(named), hash=hashes)
        self.columns["seen"][found] = bucket
        return found

    def pack(self) -> tuple[list[str], Packed]:
        """Return terms by slot and their columns, for a state."""
        return self.terms, self.columns.pack()

    def unpack(self, terms: list[str], packed: Packed) -> None:
        """Take over what `pack` returned."""
        self.terms = terms
        self.slots = {term: slot for slot, term in enumerate(terms)}
        self.columns = Columns.unpack(SPEC, packed)
