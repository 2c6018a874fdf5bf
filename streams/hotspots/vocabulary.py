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
    """Slots by term. A term keeps its slot until it is forgotten; then the next new term gets it, the lowest first.

    `terms` is by slot, "" where a slot is free.
    """

    def __init__(self, max_terms: int) -> None:
        self._max_terms = max_terms
        self.slots: dict[str, int] = {}
        self.terms: list[str] = []
        self.columns = Columns(SPEC)
        self._free: list[int] = []
        """Slots without a term, the lowest last."""

    def __len__(self) -> int:
        return len(self.slots)

    def lacks_room(self, terms: list[str]) -> bool:
        """Say whether `terms` would outgrow the bound."""
        if len(self.slots) + len(terms) <= self._max_terms:
            return False
        known = sum(map(self.slots.__contains__, terms))
        return len(self.slots) + len(terms) - known > self._max_terms

    def least_active(self, needed: int) -> Array:
        """Return the slots (int64) to forget so that a quarter, or `needed` if that is more, are free; ties by term.

        A term in use in the last hour outlives every one that is not, then the larger baseline wins, then the younger.
        """
        remove = min(len(self), max(int(self._max_terms * _FREED_SHARE), needed - (self._max_terms - len(self))))
        columns = self.columns
        held = np.ones(len(columns), bool)
        held[self._free] = False
        order = (columns["count"][:, -1], columns["sum"][:, -1], columns["seen"], columns["hash"])
        return _least(order, held.nonzero()[0], remove)

    def forget(self, slots: Array) -> None:
        """Free these slots."""
        for column in SPEC:
            self.columns[column][slots] = 0
        for slot in slots.tolist():
            del self.slots[self.terms[slot]]
            self.terms[slot] = ""
        self._free = sorted(self._free + slots.tolist(), reverse=True)

    def of(self, terms: list[str], bucket: int) -> Array:
        """Return the slot of each of different terms (int64), giving new ones the next free slots, in order."""
        slots = self.slots
        found = np.array(list(map(slots.get, terms, repeat(-1))), np.int64)
        new = (found < 0).nonzero()[0]
        if len(new):
            named = [terms[place] for place in new.tolist()]
            given = self._next(len(named))
            found[new] = given
            slots.update(zip(named, given, strict=True))
            for slot, term in zip(given, named, strict=True):
                self.terms[slot] = term
            self.columns["hash"][given] = [xxhash.xxh64_intdigest(term.encode()) for term in named]
        self.columns["seen"][found] = bucket
        return found

    def _next(self, count: int) -> list[int]:
        """Return so many slots that no term has: freed ones, then new ones."""
        freed = self._free[: -count - 1 : -1]
        del self._free[len(self._free) - len(freed) :]
        first, more = len(self.terms), count - len(freed)
        self.terms += [""] * more
        self.columns.extend(more)
        return [*freed, *range(first, first + more)]

    def pack(self) -> tuple[list[str], Packed]:
        """Return terms by slot and their columns, for a state."""
        return self.terms, self.columns.pack()

    def unpack(self, terms: list[str], packed: Packed) -> None:
        """Take over what `pack` returned."""
        self.terms = terms
        self.slots = {term: slot for slot, term in enumerate(terms) if term}
        self.columns = Columns.unpack(SPEC, packed)
        self._free = [slot for slot in range(len(terms) - 1, -1, -1) if not terms[slot]]


def _least(order: tuple[Array, ...], slots: Array, count: int) -> Array:
    """Return `count` of `slots`, the least by the columns of `order`, of which a later one decides between equals.

    Each column looks only at what is equal by those before, and nothing is sorted.
    """
    least = []
    for column in order:
        if not 0 < count < len(slots):
            break
        values = column[slots]
        bound = np.partition(values, count - 1)[count - 1]
        least.append(slots[values < bound])
        slots = slots[values == bound]
        count -= len(least[-1])
    return np.concatenate((*least, slots[:count]))
