"""Growing arrays side by side: rows are added at the end and, in a sliding set, dropped at the front.

A row keeps its number for life; numbers count up from the first row ever added.
"""

from collections.abc import Mapping
from typing import Any, Final, Self

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_FIRST_CAPACITY: Final = 1024


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """Columns at rest: little-endian bytes by name, with the number of the first row and of rows."""

    base: int
    rows: int
    data: dict[str, bytes]


class Columns:
    """Columns of numpy arrays with one common number of rows.

    Args:
        spec: column → (dtype, values a row). One value a row gives a 1-d column, more a 2-d one.
    """

    def __init__(self, spec: Mapping[str, tuple[str, int]]) -> None:
        self._spec = dict(spec)
        self._capacity = _FIRST_CAPACITY
        self._data = {name: self._allocate(name, self._capacity) for name in spec}
        self._head = 0
        self._tail = 0
        self.base = 0

    def __len__(self) -> int:
        return self._tail - self._head

    @property
    def next(self) -> int:
        """Number that the next row will get."""
        return self.base + len(self)

    def __getitem__(self, name: str) -> Array:
        """Return a column, as a view: valid until rows are added or removed."""
        return self._data[name][self._head : self._tail]

    def span(self, name: str, start: int, stop: int) -> Array:
        """Return rows numbered [start, stop) of a column, as a view."""
        shift = self._head - self.base
        return self._data[name][start + shift : stop + shift]

    def extend(self, rows: int, **values: Array | int | float) -> None:
        """Add rows; columns without a value are zero."""
        if self._tail + rows > self._capacity:
            self._make_room(rows)
        end = self._tail + rows
        for name, column in self._data.items():
            column[self._tail : end] = values.get(name, 0)
        self._tail = end

    def drop(self, number: int) -> None:
        """Drop all rows numbered below `number`."""
        self._head += number - self.base
        self.base = number

    def keep(self, mask: Array) -> None:
        """Keep the rows where `mask` holds and renumber them from 0."""
        rows = int(np.count_nonzero(mask))
        for name in self._data:
            kept = self[name][mask]
            self._data[name] = self._allocate(name, max(rows, _FIRST_CAPACITY))
            self._data[name][:rows] = kept
        self._capacity = max(rows, _FIRST_CAPACITY)
        self._head, self._tail, self.base = 0, rows, 0

    def pack(self) -> Packed:
        """Return the rows for a state."""
        data = {name: self[name].astype(self._dtype(name), copy=False).tobytes() for name in self._data}
        return Packed(self.base, len(self), data)

    @classmethod
    def unpack(cls, spec: Mapping[str, tuple[str, int]], packed: Packed) -> Self:
        """Return the columns that `packed` was taken of.

        Raises:
            ValueError: it holds other columns or another number of values.
        """
        columns = cls(spec)
        if packed.data.keys() != spec.keys():
            raise ValueError(f"columns {sorted(packed.data)} where {sorted(spec)} are expected")
        columns.base = packed.base
        columns._make_room(packed.rows)
        for name, (dtype, width) in spec.items():
            values = np.frombuffer(packed.data[name], dtype)
            columns._data[name][: packed.rows] = values.reshape(-1, width) if width > 1 else values
        columns._tail = packed.rows
        return columns

    def _dtype(self, name: str) -> str:
        return self._spec[name][0]

    def _allocate(self, name: str, capacity: int) -> Array:
        dtype, width = self._spec[name]
        return np.zeros((capacity, width) if width > 1 else capacity, dtype)

    def _make_room(self, rows: int) -> None:
        held = len(self)
        while self._capacity < 2 * (held + rows):
            self._capacity *= 2
        for name, column in self._data.items():
            roomier = self._allocate(name, self._capacity)
            roomier[:held] = column[self._head : self._tail]
            self._data[name] = roomier
        self._head, self._tail = 0, held
