"""Of all snapshots the newest complete one is found; a damaged one costs a longer replay and nothing else."""

import pytest

from streams.contracts.snapshots import PART_BYTES
from streams.snapshots import Snapshot, manifest_key, newest_of, part_key, records_of

BIG = bytes(range(256)) * (PART_BYTES // 100)


def snapshot(generation: int, reach: int, *, writer: str = "w1", data: bytes = BIG) -> Snapshot:
    return Snapshot("shard-0", writer, generation, data + str(generation).encode(), {0: reach})


def test_what_was_written_is_found() -> None:
    made = snapshot(1, 10)
    records = list(records_of(made))
    assert len(records) > 3
    assert all(len(value) < 256 * 1024 for _, value in records)
    assert newest_of(records).newest == {"shard-0": made}


def test_an_unfinished_snapshot_leaves_the_one_before() -> None:
    before, after = snapshot(1, 10), snapshot(2, 20)
    for cut in range(len(list(records_of(after)))):
        assert newest_of([*records_of(before), *list(records_of(after))[:cut]]).newest["shard-0"] == before


def test_a_zombie_that_writes_last_does_not_win() -> None:
    newer, zombie = snapshot(1, 20, writer="new"), snapshot(7, 15, writer="zombie")
    assert newest_of([*records_of(newer), *records_of(zombie)]).newest["shard-0"] == newer


@pytest.mark.parametrize("damage", ["cut", "flipped", "no messagepack"])
def test_a_damaged_part_is_reported_and_passed_over(damage: str) -> None:
    before, after = snapshot(1, 10), snapshot(2, 20, writer="w2")
    key = part_key("shard-0", "w2", 2, 0)
    records = []
    for name, value in [*records_of(before), *records_of(after)]:
        damaged = {"cut": value[:-9], "flipped": value[:-1] + bytes([value[-1] ^ 1]), "no messagepack": b"\xc1"}
        records.append((name, damaged[damage] if name == key else value))
    found = newest_of(records)
    assert found.newest["shard-0"] == before
    assert len(found.unusable) == 1
    assert manifest_key("shard-0", "w2") in found.unusable[0]


def test_tombstoned_keys_are_gone() -> None:
    made = snapshot(1, 10)
    records = list(records_of(made))
    found = newest_of([*records, *((key, None) for key, _ in records)])
    assert found.newest == {}
    assert found.keys == frozenset()
