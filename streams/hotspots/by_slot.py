"""Columns whose rows belong to slots: those of a few slots are found without a look at every row."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from streams.hotspots.columns import Array, Columns

NOBODY: Final = -1
"""The slot of a row whose term was forgotten. Uses keep theirs, another term's by now, and tell it by their gap."""
_RUN: Final = 16_384
"""Rows from which an index of them pays; fewer are looked at one by one."""
_PLACE_BITS: Final = 32


def marked(slots: Array, size: int) -> Array:
    """Return for each of `size` slots whether it is among `slots` (bool); one more at the end, False, is NOBODY's."""
    found = np.zeros(size + 1, bool)
    found[slots] = True
    return found


def beginnings(slot: Array) -> Array:
    """Return where each group of equal slots side by side begins (int64); there is at least one row."""
    return np.append(0, (slot[1:] != slot[:-1]).nonzero()[0] + 1)


class _Run(NamedTuple):
    """Rows numbered [first, end) in groups of one slot side by side, ordered by slot: where each begins and ends."""

    first: int
    end: int
    slot: Array
    begins: Array
    ends: Array


class BySlot(Columns):
    """Columns with a column `slot`, whose rows are added with those of one slot side by side."""

    def __init__(self, spec: Mapping[str, tuple[str, int]]) -> None:
        super().__init__(spec)
        self._runs: list[_Run] = []

    def keep(self, mask: Array) -> None:
        """Keep the rows where `mask` holds and renumber them from 0."""
        super().keep(mask)
        self._runs.clear()

    def rows_of(self, slots: Array, size: int) -> Array:
        """Return where the rows of `slots` are, counted from the first row (int64); those of one slot are in order.

        Args:
            slots: different, in order.
            size: how many slots there are.
        """
        self._runs = [run for run in self._runs if run.end > self.base]
        listed = self._runs[-1].end if self._runs else self.base
        if self.next - listed >= _RUN:
            self._runs.append(self._run(listed, self.next))
            listed = self.next
        chosen = marked(slots, size)
        rows = chosen[self.span("slot", listed, self.next)].nonzero()[0] + listed - self.base
        if self._runs:
            begins, ends = zip(*[_within(run, slots) for run in self._runs], strict=True)
            rows = np.concatenate((_each(np.concatenate(begins), np.concatenate(ends)) - self.base, rows))
            # A run may begin before the first row, and its terms may have been forgotten since.
            rows = rows[rows >= 0]
            rows = rows[chosen[self["slot"][rows]]]
        return rows

    def _run(self, first: int, end: int) -> _Run:
        slot = self.span("slot", first, end)
        begins = beginnings(slot)
        ends = np.append(begins[1:], len(slot))
        # Slot and place in one number: numbers are sorted four times as fast as an order of them is found.
        placed = np.sort(slot[begins].astype(np.int64) << _PLACE_BITS | np.arange(len(begins)))
        order = placed & (1 << _PLACE_BITS) - 1
        return _Run(first, end, (placed >> _PLACE_BITS).astype(slot.dtype), begins[order] + first, ends[order] + first)


def _within(run: _Run, slots: Array) -> tuple[Array, Array]:
    """Return where the groups of `slots` in a run begin and end."""
    wanted = slots.astype(run.slot.dtype)  # else numpy converts the run
    first, end = run.slot.searchsorted(wanted), run.slot.searchsorted(wanted, side="right")
    groups = first[first < end]
    if len(groups) < (end - first).sum():
        groups = _each(first, end)
    return run.begins[groups], run.ends[groups]


def _each(begins: Array, ends: Array) -> Array:
    """Return all numbers of the ranges [begin, end), one range after the other."""
    lengths = ends - begins
    before = np.cumsum(lengths) - lengths
    numbers: Array = np.repeat(begins - before, lengths) + np.arange(lengths.sum())
    return numbers
