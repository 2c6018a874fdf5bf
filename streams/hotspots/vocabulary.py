"""The terms a shard knows exactly: a slot each, with its columns. Bounded: the least active are forgotten first."""

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
        return len(self.slots) + sum(term not in self.slots for term in terms) > self._max_terms

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
        """Return the slot of each term (int64), giving new terms the next slots, in order."""
        slots = self.slots
        known = [slots.get(term, -1) for term in terms]
        new = [place for place, slot in enumerate(known) if slot < 0]
        if new:
            first = len(slots)
            for place in new:
                known[place] = len(slots)
                slots[terms[place]] = known[place]
                self.terms.append(terms[place])
            hashes = np.array([xxhash.xxh64_intdigest(terms[place].encode()) for place in new], np.uint64)
            self.columns.extend(len(slots) - first, hash=hashes)
        found = np.array(known, np.int64)
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
