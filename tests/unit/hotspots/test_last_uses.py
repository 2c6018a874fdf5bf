"""The table of last uses says what a dictionary would, and rows of slots are those that a look at every row finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.hotspots import by_slot
from streams.hotspots.by_slot import BySlot
from streams.hotspots.last_uses import NONE, last_uses

FEW = st.integers(1, 30)
LIKE_SAMPLED = st.integers(1, 200).map(lambda key: key << 40)
"""Keys that differ in the middle alone, as those of authors do whose hashes begin with zeros."""


NO_KEYS, NO_ROWS = np.empty(0, np.uint64), np.empty(0, np.int64)


@pytest.mark.parametrize("listed", [1 << 20, 0])
@settings(max_examples=100, deadline=None)
@given(buckets=st.lists(st.lists(st.one_of(FEW, LIKE_SAMPLED), max_size=300), max_size=8))
def test_numbers_go_to_the_first_of_each_key_and_those_before_are_told(listed: int, buckets: list[list[int]]) -> None:
    known: dict[int, int] = {}
    number = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streams.hotspots.last_uses._MOST_LISTED", listed)
        table = last_uses(NO_KEYS, NO_ROWS, room=2400)
    for keys in buckets:
        different = list(dict.fromkeys(keys))
        expected = [known.get(key, NONE) for key in different]
        assert table.has_room(len(keys))
        fresh, before = table.put(np.array(keys, np.uint64), number)
        assert [key for key, first in zip(keys, fresh.tolist(), strict=True) if first] == different
        assert before.tolist() == expected
        known.update(zip(different, range(number, number + len(different)), strict=True))
        number += len(different)


@pytest.mark.parametrize("held", [100, 50_000])
def test_a_table_has_room_for_what_it_was_made_for_and_not_without_end(held: int) -> None:
    keys = np.arange(1, held + 1, dtype=np.uint64)
    table = last_uses(keys, np.arange(held), room=3000)
    assert table.has_room(3000)
    assert not table.has_room(1 << 20)
    _, before = table.put(keys[::-1].copy(), held)
    assert before.tolist() == list(range(held - 1, -1, -1))


@settings(max_examples=100, deadline=None)
@given(
    adding=st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5)), max_size=6), max_size=10),
    dropped=st.lists(st.integers(0, 4), max_size=10),
    asked=st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=10),
)
def test_rows_of_slots_are_found_as_by_a_look_at_each(
    adding: list[list[tuple[int, int]]], dropped: list[int], asked: list[set[int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_slot, "_RUN", 4)
        columns = BySlot({"slot": ("<i4", 1)})
        for step, groups in enumerate(adding):
            for slot, rows in groups:
                columns.extend(rows, slot=slot)
            columns.drop(min(columns.base + sum(dropped[step : step + 1]), columns.next))
            forgotten = columns["slot"] == step % 10
            columns["slot"][forgotten] = by_slot.NOBODY
            slots = np.array(sorted(asked[step % len(asked)]), np.int64)
            rows = columns.rows_of(slots, 10)
            assert sorted(rows.tolist()) == np.isin(columns["slot"], slots).nonzero()[0].tolist()
            for slot in slots:
                of_one = rows[columns["slot"][rows] == slot]
                assert of_one.tolist() == sorted(of_one.tolist())
