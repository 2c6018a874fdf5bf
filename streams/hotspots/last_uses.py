"""Which use was the last of each term and author, by a 64-bit key, asked for a whole bucket at once.

Nothing is taken out: who asks sees by a row whether it is still the last, and makes the table anew when it is full.
"""

from itertools import repeat
from typing import Final, Protocol

import numpy as np

from streams.hotspots.columns import Array

NONE: Final = -1
_MOST_LISTED: Final = 16_384
"""Keys up to which a dictionary is used: quicker for the few uses of a small stream's minute."""
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""Keys of authors that were sampled begin alike; this brings their ends forward (Fibonacci hashing, Knuth 6.4)."""
_FULL: Final = 0.75
_CELL: Final = np.dtype([("key", "<u8"), ("row", "<i8")])


class LastUses(Protocol):
    """Number of a row by key."""

    def has_room(self, keys: int) -> bool:
        """Say whether so many more keys may be put."""

    def put(self, keys: Array, first: int) -> tuple[Array, Array]:
        """Give each different key the next number, from `first` on, in the order in which they come.

        Returns:
            Which keys stand here for the first time (bool), and the numbers that those had before, NONE if none.
        """


def last_uses(keys: Array, rows: Array, room: int = 0) -> LastUses:
    """Return a table of different keys (uint64) and their rows (int64), with room for so many more keys at least."""
    return _Listed(keys, rows) if 2 * len(keys) + room <= _MOST_LISTED else _Hashed(keys, rows, room)


class _Listed:
    """A dictionary."""

    def __init__(self, keys: Array, rows: Array) -> None:
        self._rows: dict[int, int] = dict(zip(keys.tolist(), rows.tolist(), strict=True))

    def has_room(self, keys: int) -> bool:
        return len(self._rows) + keys <= _MOST_LISTED

    def put(self, keys: Array, first: int) -> tuple[Array, Array]:
        listed = keys.tolist()
        fresh = np.ones(len(keys), bool)
        if len(set(listed)) < len(listed):
            _, places = np.unique(keys, return_index=True)
            fresh[:] = False
            fresh[places] = True
            listed = keys[fresh].tolist()
        before = np.array(list(map(self._rows.get, listed, repeat(NONE))), np.int64)
        self._rows.update(zip(listed, range(first, first + len(listed)), strict=True))
        return fresh, before


class _Hashed:
    """A hash table in one array, of 32 to 64 bytes a key. The keys 0 and 1 are one to it.

    A dictionary takes a number object for each key and each value, and a look at each of them: for six million uses
    800 MB, and half of what a bucket costs. Looks at a table of that size wait for the memory, so a key and its row
    stand side by side.
    """

    def __init__(self, keys: Array, rows: Array, room: int) -> None:
        bits = (2 * (len(keys) + room)).bit_length()
        self._shift = np.uint64(64 - bits)
        self._last = (1 << bits) - 1
        self._table = np.zeros(1 << bits, _CELL)
        self._keys, self._rows = self._table["key"], self._table["row"]
        self._rows[:] = NONE
        self._held = len(keys)
        cells, _ = self._cells(keys)
        self._rows[cells] = rows

    def has_room(self, keys: int) -> bool:
        return self._held + keys <= _FULL * self._last

    def put(self, keys: Array, first: int) -> tuple[Array, Array]:
        cells, before = self._cells(keys)
        # Of writes to one cell the last one stays, so backwards it is the first.
        order = np.arange(len(keys))
        self._rows[cells[::-1]] = order[::-1]
        fresh: Array = self._rows[cells] == order
        self._rows[cells[fresh]] = np.arange(first, first + np.count_nonzero(fresh))
        before = before[fresh]
        self._held += int(np.count_nonzero(before == NONE))
        return fresh, before

    def _cells(self, keys: Array) -> tuple[Array, Array]:
        """Return the cell of each key, giving new ones the next free cell, and the row that stands there."""
        keys = np.maximum(keys, 1)  # 0 is a free cell
        cells = (keys * _SPREAD >> self._shift).astype(np.int64)
        rows = np.empty(len(keys), np.int64)
        looking, at, wanted = np.arange(len(keys)), cells, keys
        while len(looking):
            found = self._table.take(at)
            rows[looking] = found["row"]
            there = found["key"]
            free = (there == 0).nonzero()[0]
            self._keys[at[free]] = wanted[free]
            # Two keys may have wanted one cell: who did not get it looks on.
            there[free] = self._keys[at[free]]
            lost = (there != wanted).nonzero()[0]
            looking, wanted = looking[lost], wanted[lost]
            at = at[lost] + 1 & self._last
            cells[looking] = at
        return cells, rows
